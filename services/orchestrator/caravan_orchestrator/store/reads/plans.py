"""Versions of a wave plan, what an edit of one came to, and how two versions differ."""

from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
from sqlalchemy import case, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_common.artifacts import ArtifactStore
from caravan_orchestrator.store.reads._rows import one
from caravan_orchestrator.store.reads.parquet import with_file
from caravan_orchestrator.store.tables.data import datasets
from caravan_orchestrator.store.tables.edits import plan_edits
from caravan_orchestrator.store.tables.flow import phase_attempts

_d, _e, _a = datasets.c, plan_edits.c, phase_attempts.c
# Of an application: whoever moves it changes one of these.
_COMPARED = ("wave", "wave_name", "starts", "ends", "locked", "not_before", "group", "effort")
PLANS = ("waves", "wave_assignments")
# Each of those with the plan of the same phase: edits may split, merge and date waves.
CALENDARS = ("plan_calendar", "wave_calendar")
EDGES = "application_edges"


async def get_edit(connection: AsyncConnection, engagement: UUID, id_: UUID) -> dict[str, Any] | None:
    """`status`: checking, answered, failed, cancelled (with its flow's work), accepted, discarded."""
    status = case(
        (_a.status == "succeeded", literal("answered")),
        (_a.status.in_(("failed", "cancelled")), _a.status),
        else_=literal("checking"),
    )
    statement = (
        select(
            _e.id,
            _e.flow_id,
            _e.phase,
            _e.plan,
            _e.edits,
            _e.result,
            _e.decision,
            _e.asked_by,
            _e.settled_by,
            _e.created_at,
            _e.answered_at,
            _e.settled_at,
            _a.error,
            func.coalesce(_e.outcome, status).label("status"),
        )
        .join_from(plan_edits, phase_attempts, _a.id == _e.id)
        .where(_e.id == id_, _e.engagement_id == engagement)
    )
    return await one(connection, statement)


async def calendar_key(connection: AsyncConnection, attempt_id: UUID) -> str | None:
    """Where the calendar is that this attempt made beside its plan."""
    statement = select(_d.artifact_key).where(_d.attempt_id == attempt_id, _d.name.in_(CALENDARS))
    found = await one(connection, statement)
    return None if found is None else str(found["artifact_key"])


async def read_plan(store: ArtifactStore, key: str) -> pl.DataFrame:
    return await with_file(store, key, pl.read_parquet)


async def read_edges(store: ArtifactStore, key: str | None) -> pl.DataFrame:
    """Soft edges between applications, with their weights, but those of shared services: the planner doesn't count them
    either. None where the flow has none."""
    schema = {"source": pl.String, "target": pl.String, "weight": pl.Float64}
    if key is None:
        return pl.DataFrame(schema=schema)

    def read(path: Path) -> pl.DataFrame:
        frame = pl.scan_parquet(path).filter(pl.col("kind") == "soft")
        if "shared_service" in frame.collect_schema():
            frame = frame.filter(~pl.col("shared_service").fill_null(False))
        return frame.select("source", "target", pl.col("weight").cast(pl.Float64)).collect()

    return await with_file(store, key, read)


def figures(plan: pl.DataFrame, edges: pl.DataFrame) -> dict[str, Any]:
    """Weight of the soft edges that the plan cuts, load and dates by wave; of what has a wave."""
    placed = plan.filter(pl.col("wave").is_not_null())
    counted = placed
    if "shared_service" in plan.columns:
        counted = placed.filter(~pl.col("shared_service").fill_null(False))
    wave = counted.select("natural_key", "wave")
    joined = edges.join(wave, left_on="source", right_on="natural_key").join(
        wave, left_on="target", right_on="natural_key", suffix="_target"
    )
    cut = joined.filter(pl.col("wave") != pl.col("wave_target"))["weight"].sum()
    load = [pl.len().alias("units")]
    load += [pl.col(name).sum() for name in ("effort", "servers") if name in plan.columns]
    dates = [
        getattr(pl.col(name), of)()
        for name, of in (("starts", "min"), ("ends", "max"))
        if name in plan.columns
    ]
    by_wave = placed.group_by("wave").agg(*load, *dates).sort("wave")
    named = [name for name in ("starts", "ends") if name in plan.columns]
    return {
        "cut": float(cut or 0.0),
        "load": by_wave.drop(named).to_dicts(),
        "dates": by_wave.select("wave", *named).to_dicts(),
        "unplaced": plan.height - placed.height,
    }


def differences(before: pl.DataFrame, after: pl.DataFrame) -> list[dict[str, Any]]:
    """By application: what of it differs, as before and after; null before one that is new, after one that is gone."""
    shared = [name for name in _COMPARED if name in before.columns and name in after.columns]
    if not shared:
        return []
    sides = [
        frame.select("natural_key", pl.struct(shared).alias(side))
        for frame, side in ((before, "before"), (after, "after"))
    ]
    joined = sides[0].join(sides[1], on="natural_key", how="full", coalesce=True)
    changed = joined.filter(pl.col("before").ne_missing(pl.col("after"))).sort("natural_key")
    return [
        {"application": row["natural_key"], **_changed(row["before"], row["after"])}
        for row in changed.to_dicts()
    ]


def _changed(before: dict[str, Any] | None, after: dict[str, Any] | None) -> dict[str, Any]:
    if before is None or after is None:
        return {"before": before, "after": after}
    names = [name for name in before if before[name] != after[name]]
    return {
        "before": {name: before[name] for name in names},
        "after": {name: after[name] for name in names},
    }
