"""What the plan rests on without knowing it: settings, what was assumed before, gaps, constraints; each with source."""

from collections.abc import Mapping
from typing import Any

import polars as pl

ASSUMPTIONS = pl.Schema(
    {
        "natural_key": pl.String(),
        "kind": pl.String(),
        "subject": pl.String(),
        "name": pl.String(),
        "value": pl.String(),
        "source": pl.String(),
        "effect": pl.String(),
        "count": pl.Int64(),
        "source_entities": pl.List(pl.String()),
    }
)
_MOST_EXAMPLES = 20


def list_settings(defaults: Mapping[str, Mapping[str, Any]], given: Mapping[str, Any]) -> pl.DataFrame:
    """One row per setting of the target: what stands, and who says so."""
    rows = [
        {
            "natural_key": f"setting:{name}",
            "kind": "setting",
            "subject": "target",
            "name": name,
            "value": str(given.get(name, each["value"])),
            "source": "the flow's configuration" if name in given else str(each["source"]),
            "effect": str(each["effect"]),
            "count": 1,
            "source_entities": [],
        }
        for name, each in defaults.items()
    ]
    return pl.DataFrame(rows, schema=ASSUMPTIONS)


# What a comparison of costs rests on, whatever is configured: the first thing a board asks.
_COVERED = {
    "today_covers": (
        "whatever the files count in",
        "the files, which do not say",
        "licences, people or buildings in it make the saving look larger: what is planned is without them",
    ),
    "planned_covers": (
        "machines, subscriptions of operating systems, storage, managed databases",
        "Caravan; what its price table has",
        "licences, traffic, backup, support, the landing zone's services and operation come on top",
    ),
}


def list_covered() -> pl.DataFrame:
    """What today's cost and the planned one count in."""
    rows = [
        {
            "natural_key": f"setting:{name}",
            "kind": "setting",
            "subject": "cost",
            "name": name,
            "value": value,
            "source": source,
            "effect": effect,
            "count": 1,
            "source_entities": [],
        }
        for name, (value, source, effect) in _COVERED.items()
    ]
    return pl.DataFrame(rows, schema=ASSUMPTIONS)


def list_assessed(units: pl.DataFrame) -> pl.DataFrame:
    """What the assessment assumed of an application, and where its treatment is contested."""
    assumed = units.filter(pl.col("assumed").list.len() > 0).select(
        natural_key=pl.format("assessment:{}", "application"),
        kind=pl.lit("assessment"),
        subject=pl.coalesce("application_name", "application"),
        name=pl.lit("assumed parameters"),
        value=pl.col("assumed").list.join(", "),
        source=pl.lit("assessment, treatment"),
        effect=pl.format(
            "the treatment {} rests on middle values for these", pl.col("treatment").fill_null("unknown")
        ),
        source_entities=pl.concat_list("application"),
    )
    contested = units.filter(pl.col("contested").fill_null(False)).select(
        natural_key=pl.format("contested:{}", "application"),
        kind=pl.lit("assessment"),
        subject=pl.coalesce("application_name", "application"),
        name=pl.lit("contested treatment"),
        value=pl.col("treatment"),
        source=pl.format("assessment, decided by {}", pl.col("decided_by").fill_null("nobody known")),
        effect=pl.lit("another treatment is close: tasks, target and cost change with it"),
        source_entities=pl.concat_list("application"),
    )
    return _conform(pl.concat([assumed, contested]))


def list_constraints(units: pl.DataFrame, roadmap: pl.DataFrame) -> pl.DataFrame:
    """Freezes and risks of the roadmap, dates before which nothing may start, applications that no wave holds.

    `roadmap`: natural_key, kind, name, starts, ends, detail.
    """
    stated = roadmap.filter(pl.col("kind").is_in(["freeze", "risk"])).select(
        natural_key=pl.format("constraint:{}", "natural_key"),
        kind=pl.lit("constraint"),
        subject="natural_key",
        name="kind",
        value=pl.format("{}{}", pl.col("name").fill_null(""), _span()),
        source=pl.lit("assessment, roadmap"),
        effect=pl.col("detail").fill_null("taken over from the roadmap"),
        source_entities=pl.concat_list("natural_key"),
    )
    early = units.filter(pl.col("not_before").is_not_null()).select(
        natural_key=pl.format("constraint:not_before:{}", "application"),
        kind=pl.lit("constraint"),
        subject=pl.coalesce("application_name", "application"),
        name=pl.lit("not before"),
        value=pl.col("not_before").dt.to_string("%Y-%m-%d"),
        source=pl.lit("assessment, waves"),
        effect=pl.lit("it is switched over no earlier"),
        source_entities=pl.concat_list("application"),
    )
    homeless = units.filter(pl.col("wave").is_null() & (pl.col("treatment") != "retain")).select(
        natural_key=pl.format("constraint:no_wave:{}", "application"),
        kind=pl.lit("constraint"),
        subject=pl.coalesce("application_name", "application"),
        name=pl.lit("no wave"),
        value=pl.col("treatment"),
        source=pl.lit("assessment, waves"),
        effect=pl.lit("it has no date until a wave holds it"),
        source_entities=pl.concat_list("application"),
    )
    return _conform(pl.concat([stated, early, homeless]))


def list_gaps(gaps: pl.DataFrame, subjects: pl.Series) -> pl.DataFrame:
    """What discovery misses, one row per kind and attribute. `gaps`: kind, subject, attributes, count, message.

    Only those about `subjects` (natural keys in scope), and those about nothing that is an asset.
    """
    mine = gaps.filter(
        pl.col("subject").is_in(subjects.implode()) | (pl.col("kind") != "missing_attribute")
    ).with_columns(pl.col("attributes").list.join(", ").replace("", None))
    summed = mine.group_by("kind", pl.col("attributes").fill_null("-").alias("what")).agg(
        number=pl.col("count").fill_null(1).sum().cast(pl.Int64),
        example=pl.col("message").sort().first(),
        source_entities=pl.col("subject").drop_nulls().unique().sort().head(_MOST_EXAMPLES),
    )
    return _conform(
        summed.select(
            natural_key=pl.format("gap:{}:{}", "kind", "what"),
            kind=pl.lit("gap"),
            subject=pl.lit("discovery"),
            name="kind",
            value=pl.format("{}: {}", "number", "what"),
            source=pl.lit("discovery, gaps"),
            effect=pl.format(
                "unknown, and reckoned as unknown; for example: {}", pl.col("example").fill_null("-")
            ),
            count="number",
            source_entities="source_entities",
        )
    )


def list_missing_scope(entries: list[str]) -> pl.DataFrame:
    """Entries of the scope that name nothing."""
    rows = [
        {
            "natural_key": f"scope:{entry}",
            "kind": "scope",
            "subject": entry,
            "name": "scope",
            "value": entry,
            "source": "the flow's configuration",
            "effect": "names no application and no asset of this estate: nothing is planned for it",
            "count": 1,
            "source_entities": [],
        }
        for entry in entries
    ]
    return pl.DataFrame(rows, schema=ASSUMPTIONS)


def join_assumptions(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """ASSUMPTIONS, by natural key."""
    return pl.concat(parts).unique("natural_key", keep="first").sort("natural_key")


def _span() -> pl.Expr:
    dated = pl.col("starts").is_not_null()
    text = pl.format(
        " ({} to {})",
        pl.col("starts").dt.to_string("%Y-%m-%d"),
        pl.coalesce("ends", "starts").dt.to_string("%Y-%m-%d"),
    )
    return pl.when(dated).then(text).otherwise(pl.lit(""))


def _conform(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(1)).cast(dtype).alias(name)
        for name, dtype in ASSUMPTIONS.items()
    )
