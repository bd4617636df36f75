"""What the rules of dependencies can't settle alone: closed options with scores, and what follows from a choice."""

import polars as pl

from caravan_discovery.domain.dependencies.between import BETWEEN
from caravan_discovery.domain.dependencies.shared import (
    FEWEST_CALLERS,
    FEWEST_NEIGHBOURS,
    SHARE,
    called_twice,
    count_nodes,
)
from caravan_discovery.domain.parts import table_schema

CONTESTED = table_schema(
    {
        "natural_key": pl.String,
        "kind": pl.String,
        "subject_key": pl.String,
        "subject_name": pl.String,
        "other_key": pl.String,
        "other_name": pl.String,
        "options": pl.List(pl.String),
        "scores": pl.List(pl.Float64),
        "recommendation": pl.String,
        "margin": pl.Float64,
        "reason": pl.String,
        "evidence": pl.List(pl.String),
    }
)
UNDOCUMENTED_FLOW, SHARED_SERVICE = "undocumented_flow", "shared_service"
BINDS, NOISE, SHARED, BUSINESS = "binds", "noise", "shared", "business"
# Below this distance between the two scores a question is contested.
CLEAR = 0.4
# Ports by which applications call each other: web, databases, queues. Seen on them, a flow is more than chance.
_APPLICATION_PORTS = (
    80, 443, 1414, 1433, 1521, 3306, 5432, 5672, 6379, 8080, 8443, 9092, 9200, 27017, 50000, 61616,
)  # fmt: skip
# Half and twice the figures that make a shared service by degree: what lies between is not clear.
_NEAR = 2.0


def list_contested(
    edges: pl.DataFrame, shared: pl.DataFrame, names: pl.DataFrame, suspects: pl.DataFrame
) -> pl.DataFrame:
    """CONTESTED, by natural key. `recommendation` is what the rules do unless somebody chooses otherwise.

    `edges`: found edges with documented; `shared`: asset_key, service, why; `names`: natural_key, name;
    `suspects`: asset_key, neighbours, share, named (whether its name is that of a shared service).
    """
    flows, services = _flows(edges, shared), _services(suspects, shared)
    every = pl.concat([flows, services])
    contested = every.filter(pl.col("margin") < CLEAR)
    for end in ("subject", "other"):
        asked = names.filter(pl.col("natural_key").is_in(contested[f"{end}_key"].unique().implode()))
        called = asked.select(pl.col("natural_key").alias(f"{end}_key"), pl.col("name").alias(f"{end}_name"))
        contested = contested.join(called, on=f"{end}_key", how="left", maintain_order="left")
    return contested.select(pl.col(name).cast(dtype) for name, dtype in CONTESTED.items()).sort("natural_key")


def _flows(edges: pl.DataFrame, shared: pl.DataFrame) -> pl.DataFrame:
    """Undocumented flows between applications. They bind; seen once and on no application's port, perhaps by chance."""
    services = shared["asset_key"].implode()
    flows = edges.filter(
        pl.col("origin") == BETWEEN,
        ~pl.col("documented"),
        ~pl.col("source_key").is_in(services) & ~pl.col("target_key").is_in(services),
    )
    usual = pl.col("port").is_in(list(_APPLICATION_PORTS)).fill_null(False)
    binds = (
        (
            0.35
            + 0.1 * pl.col("observations").clip(1).log10().clip(0, 3)
            + pl.when(usual).then(0.3).when(pl.col("port").is_null()).then(0.0).otherwise(0.1)
        )
        .clip(0, 1)
        .round(3)
    )
    told = pl.format(
        "seen {} times{}, nobody stated it",
        pl.col("observations").round(0).cast(pl.Int64),
        pl.when(pl.col("port").is_not_null()).then(pl.format(" on port {}", "port")).otherwise(pl.lit("")),
    )
    return _question(
        flows.with_columns(first=binds),
        UNDOCUMENTED_FLOW,
        (BINDS, NOISE),
        key=pl.format("flow:{}>{}", "source_key", "target_key"),
        subject=pl.col("source_key"),
        other=pl.col("target_key"),
        recommendation=pl.lit(BINDS),
        reason=told,
        evidence=pl.col("evidence"),
    )


def _services(suspects: pl.DataFrame, shared: pl.DataFrame) -> pl.DataFrame:
    """Assets that look like a shared service by name or by how many call them, but not by both."""
    found = suspects.join(
        shared.select("asset_key", found=pl.lit(True)), on="asset_key", how="left", maintain_order="left"
    )
    by_share = (pl.col("share") / (SHARE * _NEAR)).clip(0, 1)
    score = (0.65 * by_share + pl.when(pl.col("named")).then(0.35).otherwise(0.0)).round(3)
    few = pl.col("named") | (pl.col("neighbours") >= FEWEST_NEIGHBOURS / _NEAR)
    return _question(
        found.filter(few, pl.col("neighbours") > 0).with_columns(first=score),
        SHARED_SERVICE,
        (SHARED, BUSINESS),
        key=pl.format("shared:{}", "asset_key"),
        subject=pl.col("asset_key"),
        other=pl.lit(None, pl.String),
        recommendation=pl.when(pl.col("found").fill_null(False))
        .then(pl.lit(SHARED))
        .otherwise(pl.lit(BUSINESS)),
        reason=pl.format(
            "{} call it, {} % of all{}",
            "neighbours",
            (100 * pl.col("share")).round(0).cast(pl.Int64),
            pl.when(pl.col("named"))
            .then(pl.lit("; its name is that of a shared service"))
            .otherwise(pl.lit("")),
        ),
        evidence=pl.lit([], pl.List(pl.String())),
    )


def _question(
    rows: pl.DataFrame,
    kind: str,
    options: tuple[str, str],
    *,
    key: pl.Expr,
    subject: pl.Expr,
    other: pl.Expr,
    recommendation: pl.Expr,
    reason: pl.Expr,
    evidence: pl.Expr,
) -> pl.DataFrame:
    """`rows` have `first`, the score of the first option; the other's is what is left of 1."""
    second = (1 - pl.col("first")).round(3)
    return rows.select(
        natural_key=key,
        kind=pl.lit(kind),
        subject_key=subject,
        other_key=other,
        options=pl.lit(list(options), pl.List(pl.String())),
        scores=pl.concat_list("first", second),
        recommendation=recommendation,
        margin=(2 * pl.col("first") - 1).abs().round(3),
        reason=reason,
        evidence=evidence,
    )


def find_suspects(edges: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """asset_key, neighbours, share, named. `edges`: source_key, target_key; `named`: asset_key of telling names."""
    ends, nodes = called_twice(edges), max(1, count_nodes(edges))
    degree = ends.group_by(asset_key="target_key").agg(neighbours=pl.len().cast(pl.Int64))
    telling = named.select("asset_key", named=pl.lit(True))
    return (
        degree.filter(pl.col("neighbours") >= FEWEST_CALLERS - 1)
        .join(telling, on="asset_key", how="left")
        .with_columns(pl.col("named").fill_null(False), share=pl.col("neighbours") / nodes)
        .sort("asset_key")
    )


def settle_shared(shared: pl.DataFrame, contested: pl.DataFrame, chosen: pl.DataFrame) -> pl.DataFrame:
    """The shared services after choices. `chosen`: natural_key, option; what it does not name stays as it was."""
    made = contested.filter(pl.col("kind") == SHARED_SERVICE).join(chosen, on="natural_key", how="inner")
    business = made.filter(pl.col("option") == BUSINESS).select(asset_key="subject_key")
    told = made.filter(pl.col("option") == SHARED).select(
        asset_key="subject_key", service=pl.lit("used by many"), why=pl.lit("judged")
    )
    left = shared.join(business, on="asset_key", how="anti", maintain_order="left")
    return pl.concat([left, told]).unique("asset_key", keep="first", maintain_order=True).sort("asset_key")


def find_noise(contested: pl.DataFrame, chosen: pl.DataFrame) -> pl.DataFrame:
    """source_key, target_key of undocumented flows that were chosen to be noise."""
    made = contested.filter(pl.col("kind") == UNDOCUMENTED_FLOW).join(chosen, on="natural_key", how="inner")
    return made.filter(pl.col("option") == NOISE).select(source_key="subject_key", target_key="other_key")
