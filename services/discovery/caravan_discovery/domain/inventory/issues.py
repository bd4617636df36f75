"""What is odd about assets and needs a look, without being wrong: powered off, names and identifiers shared."""

import polars as pl

from caravan_discovery.domain.inventory.classify import TARGET_TYPES
from caravan_discovery.domain.parts import Parts, table_schema

ISSUES = table_schema(
    {
        "natural_key": pl.String,
        "subject": pl.String,
        "code": pl.String,
        "severity": pl.String,
        "message": pl.String,
        "related": pl.List(pl.String),
    }
)


def find_asset_issues(assets: pl.DataFrame) -> pl.DataFrame:
    """Issues that one asset's own row shows."""
    on = pl.col("power_state") == "on"
    guest = pl.col("mark_guest") if "mark_guest" in assets.columns else pl.lit(None, pl.String)
    found = [
        _issue(
            assets.filter("is_target", pl.col("power_state") == "off"),
            "powered_off",
            "low",
            "Powered off, still a migration target: retire it or say when it is needed.",
        ),
        _issue(
            assets.filter(on & (guest == "notrunning")),
            "guest_not_running",
            "medium",
            "Powered on, but its guest operating system is not running.",
        ),
        _issue(
            assets.filter("is_target", pl.col("name").str.contains(r"(?i)^template\b|-\d{13}$")),
            "looks_like_template",
            "low",
            "Named like a template or a copy, but nothing else says so: stays a target.",
        ),
        _issue(
            assets.filter(pl.col("blocked_reason").is_not_null()),
            "blocked_platform",
            "high",
            "Runs on a platform that no cloud target offers: blocked.",
        ),
    ]
    return pl.concat(found)


def _issue(assets: pl.DataFrame, code: str, severity: str, message: str) -> pl.DataFrame:
    return assets.select(
        natural_key=pl.format("{}#{}", "natural_key", pl.lit(code)),
        subject=pl.col("natural_key"),
        code=pl.lit(code),
        severity=pl.lit(severity),
        message=pl.lit(message),
        related=pl.lit(None, pl.List(pl.String)),
    )


def find_repeated_names(machines: Parts) -> pl.DataFrame:
    """A name that several assets of one source bear: two assets, and an issue.

    `machines`: natural_key, name, sources, asset_type.
    """
    name = pl.col("name").str.to_lowercase().str.strip_chars()
    counted = pl.col("asset_type").is_in(TARGET_TYPES) & pl.col("name").is_not_null()
    # Hashes of all names, and only of those that come twice the names themselves.
    read = ("natural_key", "name", "sources", "asset_type")
    hashes = [part.filter(counted).select(name.hash()).to_series() for part in machines.batches(read)]
    every = pl.concat([*hashes, pl.Series("name", [], pl.UInt64)])
    twice = every.filter(every.is_duplicated()).unique().implode()
    del hashes, every
    found = [
        part.filter(counted & name.hash().is_in(twice)).select(
            "natural_key", source=pl.col("sources").list.first(), name=name
        )
        for part in machines.batches(read)
    ]
    named = pl.concat(
        [*found, pl.DataFrame(schema=dict.fromkeys(("natural_key", "source", "name"), pl.String))]
    )
    repeated = named.filter(pl.len().over("source", "name") > 1)
    grouped = repeated.group_by("source", "name", maintain_order=True).agg(related=pl.col("natural_key"))
    return grouped.select(
        natural_key=pl.format("{}#{}#repeated_name", "source", "name"),
        subject=pl.col("related").list.first(),
        code=pl.lit("repeated_name"),
        severity=pl.lit("low"),
        message=pl.format("{} assets of one source are called {}.", pl.col("related").list.len(), "name"),
        related="related",
    )


def find_shared_identifiers(shared: pl.DataFrame) -> pl.DataFrame:
    """Identifiers that several machines carry: they join nothing. `shared`: kind, source, value, entities."""
    return shared.select(
        natural_key=pl.format("{}#{}#{}#shared_identifier", "source", "kind", "value"),
        subject=pl.col("entities").list.first(),
        code=pl.lit("shared_identifier"),
        severity=pl.lit("low"),
        message=pl.format(
            "{} {} is on {} machines of one source and joins none.",
            "kind",
            "value",
            pl.col("entities").list.len(),
        ),
        related=pl.col("entities"),
    )


def find_refused(refused: pl.DataFrame) -> pl.DataFrame:
    """Matches that would have put two assets of one source together. `refused`: see weighing.PAIRS."""
    return refused.select(
        natural_key=pl.format("{}#{}#{}#refused_match", "left", "right", pl.col("kinds").list.first()),
        subject=pl.col("left"),
        code=pl.lit("refused_match"),
        severity=pl.lit("medium"),
        message=pl.format(
            "{} also names another machine of the same source; not joined.", pl.col("kinds").list.join(", ")
        ),
        related=pl.concat_list("right"),
    ).unique("natural_key", keep="first", maintain_order=True)


def report_not_asked(pairs: pl.DataFrame, most: int) -> pl.DataFrame:
    """Pairs that look alike beyond those a person is asked about. `pairs`: left, right, name."""
    rest = pairs.slice(most)
    return rest.select(
        natural_key=pl.format("{}#{}#looks_alike", "left", "right"),
        subject=pl.col("left"),
        code=pl.lit("looks_alike"),
        severity=pl.lit("low"),
        message=pl.format("Another source also names a machine {}; not joined, not asked.", "name"),
        related=pl.concat_list("right"),
    )
