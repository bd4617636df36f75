"""Tech debt per asset and product, per idle machine, per single point of failure, and per application."""

from datetime import date

import polars as pl

from caravan_discovery.domain.cleansing.platforms import find_lifecycle
from caravan_discovery.domain.lifecycle._matching import Lifecycle, Status, assess_lifecycle
from caravan_discovery.domain.lifecycle._table import LifecycleTable
from caravan_discovery.domain.lifecycle._technologies import parse_technologies
from caravan_discovery.domain.lifecycle._usage import find_usage_debt
from caravan_discovery.domain.parts import conform

DEBT = pl.Schema(
    {
        "natural_key": pl.String,
        "asset_key": pl.String,
        "asset_name": pl.String,
        "kind": pl.String,
        "product": pl.String,
        "cycle": pl.String,
        "version": pl.String,
        "eol_date": pl.Date,
        "extended_until": pl.Date,
        "patch_path": pl.String,
        "age_years": pl.Float64,
        "dependents": pl.Int64,
        "cut_off": pl.Int64,
        "status": pl.String,
        "severity": pl.String,
        "score": pl.Float64,
        "confidence": pl.Float64,
        "note": pl.String,
        "remediation": pl.String,
        "fact_source": pl.String,
        "fact_date": pl.Date,
        "fact_weak": pl.Boolean,
    }
)
# Assets whose products count: what is moved or hosts what is moved, not templates or copies of it.
_LEFT_OUT = ("template", "srm_placeholder", "restored_copy")
_MACHINES = ("server", "virtual_machine", "hypervisor_host")
_SEVERITY = {
    Status.UNSUPPORTED: "high",
    Status.ENDING: "medium",
    Status.SUPPORTED: "none",
    Status.UNKNOWN: "unknown",
}
_USAGE = {
    "zombie": ("medium", 60.0, "Hardly used at all: confirm with the owner and retire it."),
    "idle": ("low", 35.0, "Little used: check over 90 days, then retire, merge or size it down."),
    "oversized": ("low", 20.0, "Never near its size: size it by observed use in the target."),
}
_ASSETS_AT_ONCE = 200_000
# A machine outside any pool that this many applications or callers need has no stand-in.
FEWEST_DEPENDENTS = 3


def score_products(assets: pl.DataFrame, table: LifecycleTable, as_of: date) -> pl.DataFrame:
    """A row per machine's operating system and per database's product; distinct products are judged once."""
    counted = assets.filter(
        pl.col("not_target_reason").is_null() | ~pl.col("not_target_reason").is_in(_LEFT_OUT)
    )
    machines = counted.filter(
        pl.col("asset_type").is_in(_MACHINES) | pl.col("operating_system").is_not_null()
    )
    databases = counted.filter((pl.col("asset_type") == "database") | pl.col("database_type").is_not_null())
    rows = pl.concat(
        [
            machines.select(
                "natural_key",
                "name",
                kind=pl.lit("operating_system"),
                product="operating_system",
                version="os_version",
            ),
            databases.select(
                "natural_key",
                "name",
                kind=pl.lit("database"),
                product="database_type",
                version="database_version",
            ),
        ]
    )
    rows = rows.join(_lifecycles(rows["product"]), on="product", how="left", maintain_order="left")
    return _judge_rows(rows, table, as_of)


def score_technologies(assets: pl.DataFrame, table: LifecycleTable, as_of: date) -> pl.DataFrame:
    """A row per runtime, server or framework that an asset's technology_stack names; distinct texts are read once.

    `assets`: natural_key, name, not_target_reason, technology_stack (list of texts).
    """
    stacks = (
        assets.filter(pl.col("not_target_reason").is_null() | ~pl.col("not_target_reason").is_in(_LEFT_OUT))
        .select("natural_key", "name", text="technology_stack")
        .explode("text")
        .drop_nulls("text")
    )
    named = [
        (text, each.product, each.version, each.lifecycle)
        for text in stacks["text"].unique(maintain_order=True)
        for each in parse_technologies(text)
    ]
    columns = ("text", "product", "version", "lifecycle")
    read = pl.DataFrame(named, schema=dict.fromkeys(columns, pl.String), orient="row")
    rows = stacks.join(read, on="text", how="inner", maintain_order="left").drop("text")
    rows = rows.unique(maintain_order=True).with_columns(kind=pl.lit("technology"))
    key = pl.concat_str("natural_key", pl.lit("#technology:"), "product", pl.col("version").fill_null(""))
    return _judge_rows(rows, table, as_of, key)


def _lifecycles(products: pl.Series) -> pl.DataFrame:
    """product, lifecycle: what the table calls it."""
    names = products.drop_nulls().unique(maintain_order=True)
    called = pl.Series([find_lifecycle(name) for name in names], dtype=pl.String)
    return pl.DataFrame({"product": names, "lifecycle": called})


def _judge_rows(
    rows: pl.DataFrame, table: LifecycleTable, as_of: date, key: pl.Expr | None = None
) -> pl.DataFrame:
    """`rows`: natural_key, name, kind, product, version, lifecycle. Distinct products are judged once."""
    known = ("product", "version", "lifecycle")
    distinct = rows.select(known).unique(maintain_order=True)
    judged = [
        _judge(product, version, lifecycle, table, as_of)
        for product, version, lifecycle in distinct.iter_rows()
    ]
    facts = pl.DataFrame(judged, schema=dict.fromkeys(known, pl.String) | {n: DEBT[n] for n in _FACTS})
    joined = rows.join(facts, on=known, how="left", nulls_equal=True, maintain_order="left")
    own = pl.format("{}#{}", "natural_key", "kind") if key is None else key
    return _shape(joined.with_columns(asset_key="natural_key", asset_name="name", natural_key=own))


_FACTS = (
    "cycle",
    "eol_date",
    "extended_until",
    "patch_path",
    "age_years",
    "status",
    "severity",
    "score",
    "confidence",
    "note",
    "remediation",
    "fact_source",
    "fact_date",
    "fact_weak",
)


def _judge(
    product: str | None, version: str | None, lifecycle: str | None, table: LifecycleTable, as_of: date
) -> dict[str, object]:
    found = assess_lifecycle(table, lifecycle, version, as_of)
    name = " ".join(part for part in (product, version) if part)
    return {
        "product": product,
        "version": version,
        "lifecycle": lifecycle,
        "cycle": found.cycle,
        "eol_date": found.eol_date,
        "extended_until": found.extended_until,
        "patch_path": _patch_path(found, as_of),
        "age_years": round((as_of - found.released).days / 365.25, 1) if found.released else None,
        "status": found.status.value,
        "severity": _SEVERITY[found.status],
        "score": _score(found.status, found.eol_date, as_of),
        "confidence": found.confidence,
        "note": found.note,
        "remediation": _remedy(found.status, name, found.eol_date, found.extended_until, as_of),
        "fact_source": found.source,
        "fact_date": found.as_of,
        "fact_weak": found.weak if found.source else None,
    }


def _patch_path(found: Lifecycle, as_of: date) -> str | None:
    """Where the next security patch comes from: vendor, paid (extended support), none; null where nobody knows."""
    if found.status in (Status.SUPPORTED, Status.ENDING):
        return "vendor"
    if found.status is Status.UNSUPPORTED:
        return "paid" if found.extended_until and found.extended_until > as_of else "none"
    return None


def _score(status: Status, eol: date | None, as_of: date) -> float | None:
    """0 (none) to 100. Unsupported from 70, 6 more per year; ending from 40 to 65; unknown has no score."""
    if status is Status.UNSUPPORTED:
        years = (as_of - eol).days / 365 if eol else 5.0
        return round(min(100.0, 70 + 6 * years), 1)
    if status is Status.ENDING and eol:
        return round(40 + 25 * (1 - (eol - as_of).days / 365), 1)
    return 5.0 if status is Status.SUPPORTED else None


def _remedy(status: Status, name: str, eol: date | None, extended: date | None, as_of: date) -> str:
    if status is Status.UNSUPPORTED:
        paid = (
            f" Paid extended support runs until {extended}."
            if extended and extended > as_of
            else " No patches any more."
        )
        return f"Upgrade or replace {name}: support ended {eol or 'long ago'}.{paid}"
    if status is Status.ENDING:
        return f"Plan the upgrade of {name} before {eol}."
    return "" if status is Status.SUPPORTED else "Find out product and version."


def score_usage(assets: pl.DataFrame) -> pl.DataFrame:
    """A row per machine that is idle, hardly alive, or far larger than its use."""
    usage = assets.with_columns(find_usage_debt(assets).alias("usage"))
    small = (pl.col("cpu_max_percent") < 30) & (pl.col("memory_max_percent") < 50)
    usage = usage.with_columns(usage=pl.coalesce("usage", pl.when(small).then(pl.lit("oversized"))))
    rows = usage.filter(pl.col("usage").is_not_null(), pl.col("asset_type").is_in(_MACHINES), "is_target")
    columns = ("severity", "score", "remediation")
    facts = [{"usage": name} | dict(zip(columns, values, strict=True)) for name, values in _USAGE.items()]
    rows = rows.join(pl.DataFrame(facts), on="usage", how="left", maintain_order="left")
    return _shape(
        rows.with_columns(
            asset_key="natural_key",
            asset_name="name",
            kind=pl.lit("usage"),
            status="usage",
            confidence=pl.lit(0.6),
            natural_key=pl.format("{}#usage", "natural_key"),
        )
    )


def score_single_points(assets: pl.DataFrame, needed: pl.DataFrame) -> pl.DataFrame:
    """A row per machine without a stand-in that many need, or whose loss takes the estate apart.

    `needed`: asset_key, dependents (how many need it), cut_off (how many assets its loss cuts off); null: none.
    """
    many = pl.col("dependents") >= FEWEST_DEPENDENTS
    parts = pl.col("cut_off") > 0
    rows = assets.filter("is_target", pl.col("pool").is_null()).join(
        needed.filter(many | parts),
        left_on="natural_key",
        right_on="asset_key",
        how="inner",
        maintain_order="left",
    )
    said = [
        pl.when(many).then(pl.format("{} applications or machines need it", "dependents")),
        pl.when(parts).then(
            pl.format("its loss cuts off {} {}", "cut_off", pl.when(pl.col("cut_off") == 1)
                      .then(pl.lit("asset")).otherwise(pl.lit("assets")))
        ),
    ]  # fmt: skip
    scores = [
        pl.when(many).then((30 + 5 * pl.col("dependents")).clip(0, 80)),
        pl.when(parts).then((20 + 5 * pl.col("cut_off")).clip(0, 80)),
    ]
    score = pl.max_horizontal(scores).cast(pl.Float64)
    return _shape(
        rows.with_columns(
            score=score, note=pl.concat_str(said, separator="; ", ignore_nulls=True)
        ).with_columns(
            asset_key="natural_key",
            asset_name="name",
            kind=pl.lit("single_point_of_failure"),
            status=pl.lit("single_point_of_failure"),
            severity=pl.when(pl.col("score") >= 40).then(pl.lit("medium")).otherwise(pl.lit("low")),
            confidence=pl.lit(0.6),
            natural_key=pl.format("{}#single_point", "natural_key"),
            remediation=pl.lit("Give it a second instance, or move it with all that need it."),
        )
    )


def score_applications(debt: pl.LazyFrame, memberships: pl.LazyFrame, names: pl.DataFrame) -> pl.DataFrame:
    """A row per application: the worst of its members. `names`: natural_key, name of the applications."""
    rows = memberships.select(pl.len()).collect().item()
    # By parts of the assets, so that memory does not grow with them.
    parts = max(1, -(-rows // _ASSETS_AT_ONCE))
    part = pl.col("asset_key").hash() % parts
    found = pl.concat(
        [_worst(debt.filter(part == at), memberships.filter(part == at)) for at in range(parts)]
    )
    told = (
        found.sort("application_key", "score", "asset_key", descending=[False, True, False])
        .group_by("application_key", maintain_order=True)
        .agg(pl.col("score", "asset_name").first(), pl.col("unsupported", "findings").sum())
    )
    named = told.join(
        names.select(application_key="natural_key", name="name"),
        on="application_key",
        how="left",
        maintain_order="left",
    )
    severity = (
        pl.when(pl.col("score") >= 70)
        .then(pl.lit("high"))
        .when(pl.col("score") >= 40)
        .then(pl.lit("medium"))
        .otherwise(pl.lit("low"))
    )
    return _shape(
        named.with_columns(
            natural_key=pl.format("{}#application", "application_key"),
            asset_key="application_key",
            kind=pl.lit("application"),
            note=pl.format(
                "worst: {}; {} of {} findings unsupported", "asset_name", "unsupported", "findings"
            ),
            asset_name=pl.coalesce("name", "application_key"),
            severity=severity,
        )
    )


def _worst(debt: pl.LazyFrame, memberships: pl.LazyFrame) -> pl.DataFrame:
    """application_key, score, asset_key, asset_name, unsupported, findings among these assets.

    Of several that are equally bad the first by key is named.
    """
    scored = debt.filter(pl.col("score").is_not_null()).select("asset_key", "score", "status", "asset_name")
    found = scored.join(
        memberships.select("application_key", "asset_key"), on="asset_key", how="inner"
    ).collect()
    first = found.sort("score", "asset_key", descending=[True, False])
    return first.group_by("application_key", maintain_order=True).agg(
        pl.col("score", "asset_key", "asset_name").first(),
        unsupported=(pl.col("status") == Status.UNSUPPORTED.value).sum(),
        findings=pl.len(),
    )


def _shape(rows: pl.DataFrame) -> pl.DataFrame:
    return conform(rows, DEBT)
