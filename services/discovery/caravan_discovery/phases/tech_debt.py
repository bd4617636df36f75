"""What is out of support or soon will be, what idles, and what everything hangs on, as of the flow's date."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

import polars as pl

from caravan_common.contracts import DecidedBy, PhaseError
from caravan_common.phases import PhaseContext, PhaseResult, map_ahead, read_as_of
from caravan_discovery.domain.dependencies.cut_points import find_cut_points
from caravan_discovery.domain.lifecycle import (
    DEBT,
    TABLE_NAME,
    LifecycleTable,
    Status,
    TableIsInvalid,
    load_table,
    score_applications,
    score_products,
    score_single_points,
    score_technologies,
    score_usage,
    table_of_rows,
)
from caravan_discovery.domain.parts import Parts

_ASSETS = (
    "natural_key",
    "name",
    "asset_type",
    "is_target",
    "not_target_reason",
    "pool",
    "operating_system",
    "os_version",
    "database_type",
    "database_version",
    "technology_stack",
    "cpu_avg_percent",
    "cpu_max_percent",
    "memory_avg_percent",
    "memory_max_percent",
)
COUNTED = (*(status.value for status in Status), "idle", "zombie")


# Machines judged together; what they owe is written before the next are read.
BATCH_ROWS = 100_000


def run(context: PhaseContext) -> PhaseResult:
    """assets, dependencies, memberships, lifecycle → tech_debt. `configuration["as_of"]` is the day it is judged by.

    Rows stand in the order of their assets, those of applications last.
    """
    as_of = read_as_of(context.configuration)
    members = context.inputs["memberships"].scan().select("application_key", "asset_key")
    told = members.select("application_key").unique().collect(engine="streaming").to_series().implode()
    table, needed = _load_table(context), _needed(context)
    debt = Parts(context.scratch, "tech_debt", DEBT)
    counts: Counter[tuple[str, str]] = Counter()
    without_patches = 0
    assets = context.inputs["assets"].scan().select(_ASSETS)
    judge = partial(_judge_assets, told=told, needed=needed, table=table, as_of=as_of)
    batches = assets.collect_batches(chunk_size=BATCH_ROWS, maintain_order=True)
    for rows in map_ahead(judge, batches, workers=1):
        debt.add(rows)
        for kind, status, count in rows.group_by("kind", "status").len().iter_rows():
            counts[kind, status] += count
        without_patches += int((rows["patch_path"] == "none").sum())
    judged = debt.rows
    context.progress(0.7, "scored")
    names = assets.filter(pl.col("natural_key").is_in(told)).select("natural_key", "name").collect()
    debt.add(score_applications(debt.scan(), members, names))
    return PhaseResult(
        datasets={"tech_debt": debt.stream()},
        summary=_summarise(counts, without_patches, table),
        decided_by=DecidedBy(rule=judged),
    )


def _judge_assets(
    assets: pl.DataFrame, told: pl.Series, needed: pl.DataFrame, table: LifecycleTable, as_of: date
) -> pl.DataFrame:
    found = [
        score_products(_without_hearsay(assets, told), table, as_of),
        score_technologies(assets, table, as_of),
        score_usage(assets),
        score_single_points(assets, needed),
    ]
    return pl.concat(found).sort("natural_key")


def _without_hearsay(assets: pl.DataFrame, applications: pl.Series) -> pl.DataFrame:
    """What is said of an application's platform counts only where no member of it tells its own."""
    told = pl.col("natural_key").is_in(applications)
    platform = ("operating_system", "os_version", "database_type", "database_version")
    return assets.with_columns(pl.when(~told).then(pl.col(name)).alias(name) for name in platform)


def _needed(context: PhaseContext) -> pl.DataFrame:
    """asset_key, dependents, cut_off of assets that others need or hang together by, shared services left out.

    Most machines have one edge, from their application: their keys are compared by hash, and read only of the others.
    """
    edges = context.inputs["dependencies"].scan().filter(~pl.col("shared_service"))
    source, target = pl.col("source_key").hash(), pl.col("target_key").hash()
    hashes = edges.select(target).collect(engine="streaming").to_series()
    several = hashes.filter(hashes.is_duplicated()).unique()
    # A pair may be tied in many ways; only whether it is counts.
    ties = edges.select(source, target, "origin", "shared_service").unique().collect(engine="streaming")
    cuts = find_cut_points(ties).rename({"asset_key": "hash"})
    named = context.inputs["assets"].scan().select(asset_key="natural_key", hash=pl.col("natural_key").hash())
    cuts = named.join(cuts.lazy(), on="hash").drop("hash").collect(engine="streaming")
    wanted = pl.concat([several, cuts["asset_key"].hash()]).unique().implode()
    dependents = (
        edges.filter(target.is_in(wanted))
        .group_by(asset_key="target_key")
        .agg(dependents=pl.col("source_key").n_unique().cast(pl.Int64))
        .collect(engine="streaming")
    )
    return dependents.join(cuts, on="asset_key", how="full", coalesce=True)


def _load_table(context: PhaseContext) -> LifecycleTable:
    """The table in force for the client, else the one shipped; raises PhaseError when that can't be read."""
    in_force = context.inputs.get(TABLE_NAME)
    try:
        return load_table() if in_force is None else table_of_rows(dict(in_force.read().iter_rows()))
    except TableIsInvalid as error:
        raise PhaseError("lifecycle_table_invalid", str(error)) from None


def _summarise(
    found: Mapping[tuple[str, str], int], without_patches: int, table: LifecycleTable
) -> dict[str, Any]:
    """`found` counts rows by kind and status. `tech_debt` is of machines and databases, each counted once."""
    counts: Counter[str] = Counter()
    runtimes: Counter[str] = Counter()
    for (kind, status), count in found.items():
        (runtimes if kind == "technology" else counts)[status] += count
    return {
        "tech_debt": {name: counts[name] for name in COUNTED},
        "technologies": {status.value: runtimes[status.value] for status in Status},
        "without_patch_path": without_patches,
        "oversized": counts["oversized"],
        "single_points_of_failure": counts["single_point_of_failure"],
        "lifecycle_table": {
            "source": table.source,
            "taken": table.taken.isoformat(),
            "products": len(table.cycles),
            "digest": table.digest,
        },
    }
