"""Dependencies between units, out of those between assets. Shared services stay marked, and bind nothing."""

import polars as pl

from caravan_assessment.domain.portfolio.schema import (
    APPLICATION,
    EDGES,
    MUST_TOGETHER,
    SOFT,
    TARGET,
    conform,
)

# So many applications on one machine move together; a machine of more is a platform that they share.
MOST_APPLICATIONS = 3
_HARD_WEIGHT = 10.0
_MOST_EVIDENCE = 5
# Discovery derives edges between applications from such flows: counted there.
_MACHINE_FLOW = "observed flow"


def lift_edges(
    dependencies: pl.DataFrame,
    units: pl.DataFrame,
    members: pl.DataFrame,
    others: pl.DataFrame,
    shared: pl.DataFrame,
) -> pl.DataFrame:
    """EDGES. `others`: memberships counted elsewhere (application, asset_key, owner); `shared`: asset_key."""
    owner = _owners(units, members)
    noise = pl.col("source_key").is_in(shared["asset_key"].implode()) | pl.col("target_key").is_in(
        shared["asset_key"].implode()
    )
    lifted = (
        dependencies.with_columns(shared_service=pl.col("shared_service") | noise)
        .filter(pl.col("origin") != "application on asset")
        .join(owner.rename({"key": "source_key", "unit": "source", "kind": "source_kind"}), on="source_key")
        .join(owner.rename({"key": "target_key", "unit": "target", "kind": "target_kind"}), on="target_key")
        .filter(pl.col("source") != pl.col("target"))
    )
    derived = (
        (pl.col("origin") == _MACHINE_FLOW)
        & (pl.col("source_kind") == APPLICATION)
        & (pl.col("target_kind") == APPLICATION)
        & ~pl.col("shared_service")
    )
    every = pl.concat([conform(lifted.filter(~derived), EDGES), _common_machines(others, units)])
    return _merge(every)


def _owners(units: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """key (of a unit or an asset), unit, kind (of the unit)."""
    kinds = units.select(unit="natural_key", kind="kind")
    own = units.select(key="natural_key", unit="natural_key", kind="kind")
    of_assets = members.select(key="asset_key", unit="application").join(kinds, on="unit")
    return pl.concat([own, of_assets]).unique("key", keep="first", maintain_order=True)


def _common_machines(others: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Applications on one machine move with it. Of a platform that many share they only prefer to."""
    known = units["natural_key"].implode()
    few = pl.len().over("asset_key") < MOST_APPLICATIONS
    pairs = others.filter(pl.col("application").is_in(known), pl.col("owner").is_in(known)).select(
        source="application",
        target="owner",
        kind=pl.when(few).then(pl.lit(MUST_TOGETHER)).otherwise(pl.lit(SOFT)),
        weight=pl.lit(_HARD_WEIGHT),
        shared_service=pl.lit(False),
        observations=pl.lit(1.0),
        documented=pl.lit(True),
        evidence=pl.concat_list(pl.format("both run on {}", "asset_key")),
    )
    return conform(pairs, EDGES)


def _merge(edges: pl.DataFrame) -> pl.DataFrame:
    """One row per pair and kind; noise and dependency of one pair stay apart."""
    merged = edges.group_by("source", "target", "kind", "shared_service").agg(
        pl.col("weight").sum(),
        pl.col("observations").sum(),
        pl.col("documented").any(),
        pl.col("evidence").explode().drop_nulls().unique().sort().head(_MOST_EVIDENCE),
    )
    ordered = merged.sort("source", "target", "kind", "shared_service")
    key = pl.format("{}>{}:{}", "source", "target", "kind")
    shared = pl.when("shared_service").then(pl.lit(":shared")).otherwise(pl.lit(""))
    return conform(ordered.with_columns(natural_key=key + shared), EDGES)


def count_inbound(dependencies: pl.DataFrame, members: pl.DataFrame, shared: pl.DataFrame) -> pl.DataFrame:
    """natural_key, observed_targets, inbound, of units of which a flow was observed: of the others nobody knows.

    `inbound`: machines of other units that were seen to connect, those of shared services left out.
    """
    flows = dependencies.filter(pl.col("origin") == _MACHINE_FLOW)
    unit = members.filter(pl.col("role") == TARGET).select("asset_key", unit="application")
    ends = pl.concat([flows.select(asset_key=f"{end}_key") for end in ("source", "target")]).unique()
    seen = (
        ends.join(unit, on="asset_key")
        .group_by(natural_key="unit")
        .agg(observed_targets=pl.len().cast(pl.Int64))
    )
    noise = pl.col("shared_service") | pl.col("source_key").is_in(shared["asset_key"].implode())
    calls = (
        flows.filter(~noise)
        .join(unit.rename({"asset_key": "target_key"}), on="target_key")
        .join(unit.rename({"asset_key": "source_key", "unit": "caller"}), on="source_key", how="left")
        .filter(pl.col("caller").ne_missing(pl.col("unit")))
        .group_by(natural_key="unit")
        .agg(inbound=pl.col("source_key").n_unique().cast(pl.Int64))
    )
    return seen.join(calls, on="natural_key", how="left").with_columns(pl.col("inbound").fill_null(0))


def count_neighbours(edges: pl.DataFrame) -> pl.DataFrame:
    """natural_key, callers, depends_on, neighbours: distinct units at the other end, noise left out."""
    real = edges.filter(~pl.col("shared_service"))
    inward = real.group_by(natural_key="target").agg(callers=pl.col("source").n_unique())
    outward = real.group_by(natural_key="source").agg(depends_on=pl.col("target").n_unique())
    both = pl.concat(
        [
            real.select(natural_key="source", other="target"),
            real.select(natural_key="target", other="source"),
        ]
    )
    every = both.group_by("natural_key").agg(neighbours=pl.col("other").n_unique())
    return (
        every.join(inward, on="natural_key", how="left")
        .join(outward, on="natural_key", how="left")
        .with_columns(pl.col("callers", "depends_on", "neighbours").fill_null(0).cast(pl.Int64))
    )
