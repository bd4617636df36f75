"""One screen of an engagement: its current estate in figures, the newest events. What waits, and flows by state, are
counted together (`reads.waiting`)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Uuid, and_, bindparam, func, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_orchestrator.store.reads._made import Made
from caravan_orchestrator.store.reads._rows import rows
from caravan_orchestrator.store.reads.facets import kept_facets
from caravan_orchestrator.store.tables.assets import assets
from caravan_orchestrator.store.tables.between import flow_events
from caravan_orchestrator.store.tables.flow import flow_phases, migration_flows
from caravan_orchestrator.store.tables.identity import engagements

_f, _p, _a, _e = migration_flows.c, flow_phases.c, assets.c, flow_events.c
# Of the summaries of phases, as `caravan run --json` answers them.
_FROM_SUMMARIES = (
    "conflicts",
    "gaps",
    "assumptions",
    "dependencies",
    "tech_debt",
    "treatments",
    "waves",
    "schedule",
    "cost",
    "execution",
)


_ENGAGEMENT, _ESTATE = bindparam("engagement", type_=Uuid()), bindparam("estate", type_=Uuid())
_NAMED = Made(select(engagements.c.id, engagements.c.name).where(engagements.c.id == _ENGAGEMENT))
_OVERRIDDEN = Made(
    select(func.count().label("overridden")).where(
        _a.engagement_id == _ENGAGEMENT, _a.estate_id == _ESTATE, _a.overridden != text("'{}'")
    )
)
_SUMMARIES = Made(
    select(_p.summary)
    .join(migration_flows, and_(_f.id == _p.flow_id, _f.client_account_id == _p.client_account_id))
    .where(_f.estate_id == _ESTATE, _f.deleted_at.is_(None), _p.active_attempt_id.is_not(None))
    .order_by(_f.id, _p.position)
)
_NEWEST = Made(
    select(_e.id, _e.flow_id, _e.sequence, _e.type, _e.data, _e.created_at.label("time"))
    .where(_e.engagement_id == _ENGAGEMENT)
    .order_by(_e.id.desc())
    .limit(bindparam("rows", type_=Integer()))
)


async def get_engagement(connection: AsyncConnection, id_: UUID) -> dict[str, Any] | None:
    return await _NAMED.one(connection, engagement=id_)


def flows_by_state(counted: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """total, by_status, by_type (status → count of each), paused, stale; of what `count_waiting` counted."""
    sums: Counter[str] = Counter()
    by_status: Counter[str] = Counter()
    by_type: dict[str, dict[str, int]] = {}
    for row in counted:
        sums.update({name: row[name] for name in ("flows", "paused", "stale")})
        by_status[row["status"]] += row["flows"]
        by_type.setdefault(row["flow_type"], {})[row["status"]] = row["flows"]
    return {
        "total": sums["flows"],
        "by_status": dict(by_status),
        "by_type": by_type,
        "paused": sums["paused"],
        "stale": sums["stale"],
    }


async def count_assets(connection: AsyncConnection, engagement: UUID, estate: UUID) -> dict[str, Any]:
    """As the asset table has them now: total, by_type, migration_targets, not_targets by reason, overridden.

    Out of the counts that the fold keeps, where there are any: an estate may be large. Two or three statements.
    """
    kept = await kept_facets(connection, engagement, estate)
    if kept is None:
        return await _counted(connection, engagement, estate)
    by = {name: {each["value"]: each["count"] for each in values} for name, values in kept.items()}
    return {
        "total": sum(by["asset_type"].values()),
        "by_type": {name or "unknown": count for name, count in by["asset_type"].items()},
        "migration_targets": by["is_target"].get(True, 0),
        "not_targets": {n: c for n, c in sorted(by["not_target_reason"].items(), key=str) if n is not None},
        "overridden": await _OVERRIDDEN.value(connection, engagement=engagement, estate=estate),
    }


async def _counted(connection: AsyncConnection, engagement: UUID, estate: UUID) -> dict[str, Any]:
    """One pass over the estate."""
    columns = (_a.asset_type, _a.not_target_reason, _a.is_target)
    statement = (
        select(
            *columns,
            func.grouping(*columns).label("left_out"),
            func.count().label("assets"),
            func.count().filter(_a.overridden != {}).label("overridden"),
        )
        .where(_a.engagement_id == engagement, _a.estate_id == estate)
        .group_by(func.grouping_sets(*(tuple_(column) for column in columns), tuple_()))
    )
    found: dict[str, Any] = {
        "total": 0,
        "by_type": {},
        "migration_targets": 0,
        "not_targets": {},
        "overridden": 0,
    }
    for row in await rows(connection, statement):
        _take(row, found)
    return {**found, "not_targets": dict(sorted(found["not_targets"].items()))}


def _take(row: Mapping[str, Any], found: dict[str, Any]) -> None:
    # A bit per column that is not grouped by, the first the highest.
    match row["left_out"]:
        case 0b011:
            found["by_type"][row["asset_type"] or "unknown"] = row["assets"]
        case 0b101 if row["not_target_reason"] is not None:
            found["not_targets"][row["not_target_reason"]] = row["assets"]
        case 0b110 if row["is_target"]:
            found["migration_targets"] = row["assets"]
        case 0b111:
            found |= {"total": row["assets"], "overridden": row["overridden"]}


async def estate_results(connection: AsyncConnection, estate: UUID) -> dict[str, Any]:
    """What the phases of the estate's flows last said; a later phase wins over an earlier one."""
    found: dict[str, Any] = {}
    for row in await _SUMMARIES.rows(connection, estate=estate):
        found |= {name: row["summary"][name] for name in _FROM_SUMMARIES if name in row["summary"]}
    return found


async def newest_events(connection: AsyncConnection, engagement: UUID, limit: int) -> list[dict[str, Any]]:
    """The newest first."""
    return await _NEWEST.rows(connection, engagement=engagement, rows=limit)
