"""Flows with their phases and progress: three statements for a page or for one, one more for a search.

Statements that never differ are made once: SQLAlchemy takes longer to make one than to send it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Text, Uuid, and_, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_orchestrator.domain.model import Flow, Phase
from caravan_orchestrator.store.reads._made import Made
from caravan_orchestrator.store.reads._rows import after, rows
from caravan_orchestrator.store.reads.search import find
from caravan_orchestrator.store.tables.data import datasets
from caravan_orchestrator.store.tables.flow import flow_phases, migration_flows, phase_attempts
from caravan_orchestrator.store.tables.running import due

FLOW_FIELDS = (
    "id",
    "flow_type",
    "definition_version",
    "name",
    "description",
    "status",
    "reason",
    "current_phase",
    "configuration",
    "uploads",
    "auto_advance",
    "auto_accept",
    "parent_flow_id",
    "estate_id",
    "stale",
    "refreshing",
    "paused_at",
    "next_wakeup_at",
    "created_by",
    "created_at",
    "updated_at",
    "etag",
    "progress",
    "phases",
)
_DERIVED = frozenset({"etag", "progress", "phases"})
_OPEN = ("held", "delayed", "dispatched", "running")
_f, _p, _a, _d, _w = migration_flows.c, flow_phases.c, phase_attempts.c, datasets.c, due.c
_ENGAGEMENT, _ID = bindparam("engagement", type_=Uuid()), bindparam("id", type_=Uuid())
_FLOW_IDS = any_(bindparam("flow_ids", type_=ARRAY(Uuid)))
_NAMED = (_f.engagement_id == _ENGAGEMENT, _f.deleted_at.is_(None), _f.id == _ID)
_EXISTS = Made(select(_f.id).where(*_NAMED))
_INDEXED = (
    select(_d.id).join(due, (_w.kind == "index") & (_w.id == _d.id)).where(_d.flow_id == _f.id, _d.assets)
)
# What is asked for is due until it is done and committed, so nothing is shown as folded that is not.
_FOLDED = ~_INDEXED.exists() & ~select(_w.id).where(_w.kind == "fold", _w.id == _f.estate_id).exists()
_ONE = Made(
    select(
        *(_f[name] for name in FLOW_FIELDS if name not in _DERIVED),
        _f.id.label("_id"),
        _f.lock_version,
        _FOLDED.label("folded"),
    ).where(*_NAMED)
)
_computed = phase_attempts.alias("computed")
_PHASE_COLUMNS = (
    "name",
    "position",
    "status",
    "reason",
    "stale",
    "active_attempt_id",
    "summary",
    "decided_by",
    "error",
    "started_at",
    "completed_at",
)
_PHASES = Made(
    select(_p.flow_id, *(_p[name] for name in _PHASE_COLUMNS), _computed.c.seconds)
    .outerjoin_from(flow_phases, _computed, _computed.c.id == _p.active_attempt_id)
    .where(_p.flow_id == _FLOW_IDS)
    .order_by(_p.flow_id, _p.position)
)
_UNDER_WAY = Made(
    select(
        _a.flow_id,
        _a.phase,
        func.max(_a.fraction).filter(_a.kind == "execute", _a.status.in_(_OPEN)).label("fraction"),
        func.max(_a.note).filter(_a.kind == "execute", _a.status.in_(_OPEN)).label("note"),
        func.count().filter(_a.kind == "unit").label("units"),
        func.count().filter(_a.kind == "unit", _a.status == "succeeded").label("units_done"),
        func.count().filter(_a.kind == "unit", _a.status == "failed").label("units_failed"),
    )
    .where(_a.flow_id == _FLOW_IDS, (_a.kind == "unit") | _a.status.in_(_OPEN))
    .group_by(_a.flow_id, _a.phase)
)


async def list_flows(
    connection: AsyncConnection,
    engagement: UUID,
    *,
    fields: Collection[str] = FLOW_FIELDS,
    flow_type: str | None = None,
    status: Sequence[str] = (),
    words: Sequence[str] = (),
    last: UUID | None = None,
    limit: int,
    descending: bool = True,
) -> list[dict[str, Any]]:
    """By time of creation, which UUIDv7 ids carry. One more than `limit` tells that there is a next page."""
    if words:
        named = await find(connection, "flow", words, engagement)
        conditions = [
            *_shown(engagement),
            *named.conditions(_f.id),
            *after(_f.id, last, descending=descending),
        ]
        if flow_type is not None:
            conditions.append(_f.flow_type == flow_type)
        if status:
            conditions.append(_f.status.in_(status))
        order = _f.id.desc() if descending else _f.id.asc()
        return await _flows(connection, fields, and_(*conditions), order, limit + 1)
    asked = _Asked(_shown_of(fields), flow_type is not None, bool(status), last is not None, descending)
    found = await _page(asked).rows(
        connection,
        engagement=engagement,
        flow_type=flow_type,
        status=list(status),
        last=last,
        rows=limit + 1,
    )
    return await _with_phases(connection, found, fields)


@dataclass(frozen=True)
class _Asked:
    """What a page without words is made for; its arguments are given each time."""

    fields: tuple[str, ...]
    by_type: bool
    by_status: bool
    later: bool
    descending: bool


@lru_cache(maxsize=64)
def _page(asked: _Asked) -> Made:
    conditions = [_f.engagement_id == _ENGAGEMENT, _f.deleted_at.is_(None)]
    last = bindparam("last", type_=Uuid())
    if asked.by_type:
        conditions.append(_f.flow_type == bindparam("flow_type", type_=Text()))
    if asked.by_status:
        conditions.append(_f.status == any_(bindparam("status", type_=ARRAY(Text))))
    if asked.later:
        conditions.append(_f.id < last if asked.descending else _f.id > last)
    statement = select(*(_f[name] for name in asked.fields), _f.id.label("_id"), _f.lock_version)
    order = _f.id.desc() if asked.descending else _f.id.asc()
    return Made(statement.where(*conditions).order_by(order).limit(bindparam("rows", type_=Integer())))


async def get_flow(connection: AsyncConnection, engagement: UUID, id_: UUID) -> dict[str, Any] | None:
    """With `folded`: whether the asset table shows all that it has found, and people have decided on it."""
    found = await _ONE.one(connection, engagement=engagement, id=id_)
    return None if found is None else _flow(found, await phases_of(connection, [id_]), FLOW_FIELDS)


def flow_as_created(flow: Flow, now: datetime, *, description: str | None, created_by: str) -> dict[str, Any]:
    """What `get_flow` would answer in the transaction that has just written it; without asking the database."""
    row = {name: getattr(flow, name) for name in FLOW_FIELDS if hasattr(flow, name)}
    row |= {
        "_id": flow.id,
        "lock_version": flow.lock_version,
        "description": description,
        "uploads": [upload.model_dump(mode="json") for upload in flow.uploads],
        "created_by": created_by,
        "created_at": now,
        "updated_at": now,
        "folded": True,
    }
    shown = [_phase(_phase_as_created(phase), None) for phase in flow.phases]
    return _flow(row, {flow.id: shown}, FLOW_FIELDS)


def _phase_as_created(phase: Phase) -> dict[str, Any]:
    error = None if phase.error is None else phase.error.model_dump(mode="json")
    return {name: getattr(phase, name) for name in _PHASE_COLUMNS} | {"error": error, "seconds": None}


async def get_flows(
    connection: AsyncConnection, engagement: UUID, ids: Collection[UUID]
) -> list[dict[str, Any]]:
    """The oldest first; those deleted are left out."""
    condition = and_(*_shown(engagement), _f.id.in_(ids))
    return await _flows(connection, FLOW_FIELDS, condition, _f.id.asc(), len(ids))


async def flow_exists(connection: AsyncConnection, engagement: UUID, id_: UUID) -> bool:
    return await _EXISTS.one(connection, engagement=engagement, id=id_) is not None


def _shown(engagement: UUID) -> tuple[ColumnElement[bool], ...]:
    return (_f.engagement_id == engagement, _f.deleted_at.is_(None))


async def _flows(
    connection: AsyncConnection,
    fields: Collection[str],
    condition: ColumnElement[bool],
    order: ColumnElement[Any],
    limit: int,
) -> list[dict[str, Any]]:
    columns = [_f[name] for name in _shown_of(fields)]
    statement = (
        select(*columns, _f.id.label("_id"), _f.lock_version).where(condition).order_by(order).limit(limit)
    )
    return await _with_phases(connection, await rows(connection, statement), fields)


def _shown_of(fields: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in FLOW_FIELDS if name in fields and name not in _DERIVED)


async def _with_phases(
    connection: AsyncConnection, found: Sequence[dict[str, Any]], fields: Collection[str]
) -> list[dict[str, Any]]:
    wants_phases = not {"progress", "phases"}.isdisjoint(fields)
    phases = await phases_of(connection, [flow["_id"] for flow in found]) if wants_phases else {}
    return [_flow(flow, phases, fields) for flow in found]


def _flow(
    row: dict[str, Any], phases: Mapping[UUID, list[dict[str, Any]]], fields: Collection[str]
) -> dict[str, Any]:
    id_, version = row.pop("_id"), row.pop("lock_version")
    mine = phases.get(id_, [])
    if "uploads" in row:
        row["uploads"] = [_upload(upload) for upload in row["uploads"]]
    if "etag" in fields:
        row["etag"] = str(version)
    if "progress" in fields:
        row["progress"] = round(sum(phase["progress"] for phase in mine) / len(mine), 4) if mine else 0.0
    if "phases" in fields:
        row["phases"] = mine
    return row


def _upload(upload: Mapping[str, Any]) -> dict[str, Any]:
    """Where the bytes lie is nobody's business outside."""
    artifact = upload["artifact"]
    return {
        "upload_id": upload["upload_id"],
        "name": upload["name"],
        "sha256": artifact["sha256"],
        "bytes": artifact["size"],
    }


async def phases_of(
    connection: AsyncConnection, flow_ids: Sequence[UUID]
) -> dict[UUID, list[dict[str, Any]]]:
    """In order. `progress` is 0..1, `seconds` the compute time of the result shown, `note` what is done now."""
    if not flow_ids:
        return {}
    # In this order: a phase that ends in between is shown as completed, not as begun anew.
    now = await _under_way(connection, flow_ids)
    found = await _PHASES.rows(connection, flow_ids=list(flow_ids))
    phases: dict[UUID, list[dict[str, Any]]] = {}
    for row in found:
        flow_id = row.pop("flow_id")
        phases.setdefault(flow_id, []).append(_phase(row, now.get((flow_id, row["name"]))))
    return phases


async def _under_way(
    connection: AsyncConnection, flow_ids: Sequence[UUID]
) -> dict[tuple[UUID, str], dict[str, Any]]:
    """By flow and phase: progress of the open computation, units open and ended."""
    found = await _UNDER_WAY.rows(connection, flow_ids=list(flow_ids))
    return {(row.pop("flow_id"), row.pop("phase")): row for row in found}


def _phase(row: dict[str, Any], now: Mapping[str, Any] | None) -> dict[str, Any]:
    units = None
    progress = 1.0 if row["status"] in ("completed", "skipped") else 0.0
    if now is not None:
        if now["units"]:
            units = {"total": now["units"], "done": now["units_done"], "failed": now["units_failed"]}
        if row["status"] in ("active", "waiting", "failed"):
            progress = now["units_done"] / now["units"] if units else float(now["fraction"] or 0.0)
    row |= {"progress": progress, "note": now["note"] if now else None, "units": units}
    return row
