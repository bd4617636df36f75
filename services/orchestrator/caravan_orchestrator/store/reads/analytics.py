"""How long phases take, how often they are tried, who decides, what it costs. A fixed number of statements.

Attempts are reached by their flows: the table has no index by time, which each heartbeat would have to keep.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Float, Text, cast, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_orchestrator.store.reads._rows import rows
from caravan_orchestrator.store.reads.usage import usage_figures
from caravan_orchestrator.store.tables.between import llm_usage
from caravan_orchestrator.store.tables.flow import flow_phases, migration_flows, phase_attempts

_f, _p, _a = migration_flows.c, flow_phases.c, phase_attempts.c
# Not bound: an expression of GROUP BY must be the very one that is selected.
_UTC: ColumnElement[str] = literal_column("'UTC'")
_DECIDERS = ("rule", "crew", "learned", "person")


@dataclass(frozen=True)
class Span:
    """Flows of an engagement; each part that is not None narrows it. Flows by when they were created; `until` is not
    included."""

    engagement: UUID
    flow_id: UUID | None = None
    flow_type: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        return [
            _f.engagement_id == self.engagement,
            _f.deleted_at.is_(None),
            *([_f.id == self.flow_id] if self.flow_id is not None else []),
            *([_f.flow_type == self.flow_type] if self.flow_type is not None else []),
            *([_f.created_at >= self.since] if self.since is not None else []),
            *([_f.created_at < self.until] if self.until is not None else []),
        ]


async def phase_figures(connection: AsyncConnection, span: Span) -> list[dict[str, Any]]:
    """flow_type, phase, attempts, succeeded, failed, retries, lease_losses; seconds of computing (sum, median, 95th
    percentile, longest) and of waiting for a worker (median), of those that have ended. By flow type and position."""
    waited = cast(func.extract("epoch", _a.started_at - _a.dispatched_at), Float)
    statement = (
        select(
            _f.flow_type,
            _a.phase,
            func.count().label("attempts"),
            func.count().filter(_a.status == "succeeded").label("succeeded"),
            func.count().filter(_a.status == "failed").label("failed"),
            func.coalesce(func.sum(_a.retries), 0).label("retries"),
            func.coalesce(func.sum(_a.lease_losses), 0).label("lease_losses"),
            func.coalesce(func.sum(_a.seconds), 0.0).label("seconds"),
            _percentile(0.5, _a.seconds).label("median_seconds"),
            _percentile(0.95, _a.seconds).label("p95_seconds"),
            func.max(_a.seconds).label("longest_seconds"),
            _percentile(0.5, waited).label("median_wait_seconds"),
        )
        .join_from(migration_flows, phase_attempts, _a.flow_id == _f.id)
        .where(*span.conditions())
        .group_by(_f.flow_type, _a.phase)
        .order_by(_f.flow_type, func.min(_a.sequence), _a.phase)
    )
    found = await rows(connection, statement)
    # PostgreSQL's sums of bigint are numeric.
    return [{**row, **{name: int(row[name]) for name in ("retries", "lease_losses")}} for row in found]


def _percentile(fraction: float, column: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.percentile_cont(fraction).within_group(column)


async def decided_by(connection: AsyncConnection, span: Span) -> dict[tuple[str, str], dict[str, int]]:
    """By flow type and phase: judgements of the results shown now, by rule, crew, learned, person."""
    counted = (
        func.coalesce(func.sum(cast(_p.decided_by[name].astext, Float)), 0).label(name) for name in _DECIDERS
    )
    statement = (
        select(_f.flow_type, _p.name, *counted)
        .join_from(migration_flows, flow_phases, _p.flow_id == _f.id)
        .where(*span.conditions(), _p.active_attempt_id.is_not(None))
        .group_by(_f.flow_type, _p.name)
    )
    return {
        (row["flow_type"], row["name"]): {name: int(row[name]) for name in _DECIDERS}
        for row in await rows(connection, statement)
    }


async def throughput(connection: AsyncConnection, span: Span, limit: int) -> list[dict[str, Any]]:
    """day (UTC), phases computed, units carried out, attempts that failed, seconds; the newest days, in order."""
    day = cast(func.timezone(_UTC, _a.ended_at), Date)
    statement = (
        select(
            cast(day, Text).label("day"),
            func.count().filter(_a.status == "succeeded", _a.kind == "execute").label("phases"),
            func.count().filter(_a.status == "succeeded", _a.kind == "unit").label("units"),
            func.count().filter(_a.status == "failed").label("failed"),
            func.coalesce(func.sum(_a.seconds), 0.0).label("seconds"),
        )
        .join_from(migration_flows, phase_attempts, _a.flow_id == _f.id)
        .where(*span.conditions(), _a.ended_at.is_not(None))
        .group_by(day)
        .order_by(day.desc())
        .limit(limit)
    )
    return (await rows(connection, statement))[::-1]


async def flow_figures(connection: AsyncConnection, span: Span) -> dict[str, Any]:
    """Flows by status, and how long those took from creation to completion."""
    took = cast(func.extract("epoch", _f.updated_at - _f.created_at), Float)
    completed = _f.status == "completed"
    statement = (
        select(
            _f.status,
            func.count().label("flows"),
            _percentile(0.5, took).filter(completed).label("median"),
            _percentile(0.95, took).filter(completed).label("p95"),
        )
        .where(*span.conditions())
        .group_by(_f.status)
        .order_by(_f.status)
    )
    found = await rows(connection, statement)
    ended = next((row for row in found if row["status"] == "completed"), None)
    return {
        "by_status": {row["status"]: row["flows"] for row in found},
        "median_seconds": None if ended is None else ended["median"],
        "p95_seconds": None if ended is None else ended["p95"],
    }


async def analytics(connection: AsyncConnection, span: Span, days: int) -> dict[str, Any]:
    """flows, phases (with decided_by), days, usage."""
    phases, deciders = await phase_figures(connection, span), await decided_by(connection, span)
    nobody = dict.fromkeys(_DECIDERS, 0)
    return {
        "flows": await flow_figures(connection, span),
        "phases": [
            {**row, "decided_by": deciders.get((row["flow_type"], row["phase"]), nobody)} for row in phases
        ],
        "days": await throughput(connection, span, days),
        "usage": await _usage(connection, span),
    }


async def _usage(connection: AsyncConnection, span: Span) -> dict[str, Any]:
    """What crews of these flows have spent."""
    statement = usage_figures().join(migration_flows, _f.id == llm_usage.c.flow_id).where(*span.conditions())
    (found,) = await rows(connection, statement)
    return found
