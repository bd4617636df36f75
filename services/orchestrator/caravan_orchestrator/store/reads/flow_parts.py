"""What hangs on a flow, one list each: attempts, questions, approvals, datasets, events, rollbacks."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_orchestrator.store.reads._rows import after, one, rows
from caravan_orchestrator.store.reads.usage import usage_by_model
from caravan_orchestrator.store.tables.between import flow_events, flow_rollbacks, rollback_steps
from caravan_orchestrator.store.tables.data import datasets
from caravan_orchestrator.store.tables.flow import (
    approvals,
    flow_phases,
    migration_flows,
    phase_attempts,
    questions,
)

_a, _q, _ap, _d, _e, _r, _s = (
    phase_attempts.c,
    questions.c,
    approvals.c,
    datasets.c,
    flow_events.c,
    flow_rollbacks.c,
    rollback_steps.c,
)


async def list_attempts(
    connection: AsyncConnection,
    flow_id: UUID,
    *,
    phase: str | None = None,
    kind: str | None = None,
    last: int | None = None,
    limit: int,
) -> list[dict[str, Any]]:
    """In order of creation within the flow."""
    statement = select(
        _a.id,
        _a.kind,
        _a.phase,
        _a.unit_key,
        _a.sequence,
        _a.status,
        _a.epoch,
        _a.worker,
        _a.retries,
        _a.lease_losses,
        _a.fraction,
        _a.note,
        _a.error,
        usage_by_model(_a.id).label("usage"),
        _a.inputs,
        _a.receipts,
        _a.outcome_unknown,
        _a.not_before,
        _a.dispatched_at,
        _a.started_at,
        _a.ended_at,
        _a.seconds,
        _a.created_at,
    ).where(_a.flow_id == flow_id, *after(_a.sequence, last))
    if phase is not None:
        statement = statement.where(_a.phase == phase)
    if kind is not None:
        statement = statement.where(_a.kind == kind)
    return await rows(connection, statement.order_by(_a.sequence).limit(limit + 1))


QUESTION_COLUMNS = (
    _q.id,
    _q.flow_id,
    _q.phase,
    _q.key,
    _q.subject,
    _q.text,
    _q.options,
    _q.recommendation,
    _q.facts,
    _q.blocking,
    _q.status,
    _q.answer,
    _q.created_at,
    _q.answered_at,
)


async def list_questions(
    connection: AsyncConnection,
    flow_id: UUID,
    *,
    status: str | None = None,
    blocking: bool | None = None,
    last: UUID | None = None,
    limit: int,
) -> list[dict[str, Any]]:
    statement = select(*QUESTION_COLUMNS).where(_q.flow_id == flow_id, *after(_q.id, last))
    if status is not None:
        statement = statement.where(_q.status == status)
    if blocking is not None:
        statement = statement.where(_q.blocking == blocking)
    return await rows(connection, statement.order_by(_q.id).limit(limit + 1))


async def get_question(connection: AsyncConnection, engagement: UUID, id_: UUID) -> dict[str, Any] | None:
    return await one(
        connection, select(*QUESTION_COLUMNS).where(_q.id == id_, _q.engagement_id == engagement)
    )


APPROVAL_COLUMNS = (
    _ap.id,
    _ap.flow_id,
    _ap.phase,
    _ap.subject,
    _ap.status,
    _ap.requested_by,
    _ap.decided_by,
    _ap.comment,
    _ap.created_at,
    _ap.decided_at,
)


async def list_approvals(
    connection: AsyncConnection,
    flow_id: UUID,
    *,
    status: str | None = None,
    last: UUID | None = None,
    limit: int,
) -> list[dict[str, Any]]:
    statement = select(*APPROVAL_COLUMNS).where(_ap.flow_id == flow_id, *after(_ap.id, last))
    if status is not None:
        statement = statement.where(_ap.status == status)
    return await rows(connection, statement.order_by(_ap.id).limit(limit + 1))


async def get_approval(connection: AsyncConnection, engagement: UUID, id_: UUID) -> dict[str, Any] | None:
    return await one(
        connection, select(*APPROVAL_COLUMNS).where(_ap.id == id_, _ap.engagement_id == engagement)
    )


def _datasets() -> Select[Any]:
    """`active`: its phase points at the attempt that wrote it."""
    active = (flow_phases.c.active_attempt_id == _d.attempt_id).label("active")
    return select(
        _d.id,
        _d.flow_id,
        _d.attempt_id,
        _d.phase,
        _d.name,
        _d.version,
        _d.rows,
        _d.bytes,
        _d.sha256,
        _d.index,
        _d.index_hash,
        _d.indexed_rows,
        _d.indexed_at,
        _d.entity_type,
        _d.assets,
        _d.created_at,
        active,
    ).join_from(
        datasets, flow_phases, (flow_phases.c.flow_id == _d.flow_id) & (flow_phases.c.name == _d.phase)
    )


async def list_datasets(
    connection: AsyncConnection,
    flow_id: UUID,
    *,
    active: bool | None = None,
    last: UUID | None = None,
    limit: int,
) -> list[dict[str, Any]]:
    statement = _datasets().where(_d.flow_id == flow_id, *after(_d.id, last))
    if active is True:
        statement = statement.where(flow_phases.c.active_attempt_id == _d.attempt_id)
    elif active is False:
        statement = statement.where(flow_phases.c.active_attempt_id.is_distinct_from(_d.attempt_id))
    found = await rows(connection, statement.order_by(_d.id).limit(limit + 1))
    return [{**row, "active": bool(row["active"])} for row in found]


async def get_dataset(connection: AsyncConnection, engagement: UUID, id_: UUID) -> dict[str, Any] | None:
    """With `artifact_key`, for those who read it; not for answers."""
    deleted = select(migration_flows.c.id).where(
        migration_flows.c.id == _d.flow_id, migration_flows.c.deleted_at.is_not(None)
    )
    statement = _datasets().add_columns(_d.artifact_key)
    found = await one(
        connection, statement.where(_d.id == id_, _d.engagement_id == engagement, ~deleted.exists())
    )
    return None if found is None else {**found, "active": bool(found["active"])}


async def list_flow_events(
    connection: AsyncConnection, flow_id: UUID, *, last: int | None = None, limit: int
) -> list[dict[str, Any]]:
    statement = select(_e.id, _e.flow_id, _e.sequence, _e.type, _e.data, _e.created_at.label("time"))
    statement = statement.where(_e.flow_id == flow_id, *after(_e.sequence, last))
    return await rows(connection, statement.order_by(_e.sequence).limit(limit + 1))


_part = flow_rollbacks.alias("part")
# Who follows the rollback that was ordered hears that a part of it has stopped.
_STANDS = case(
    (exists().where(_part.c.cascade_id == _r.id, _part.c.status == "operator"), "operator"), else_=_r.status
)
_ROLLBACK_COLUMNS = (
    _r.id,
    _r.flow_id,
    _r.cascade_id,
    _r.kind,
    _r.phase,
    _STANDS.label("status"),
    _r.digest,
    _r.requested_by,
    _r.reason,
    _r.accepted_irreversible,
    _r.data_integrity_check,
    _r.created_at,
    _r.ended_at,
)


async def list_rollbacks(
    connection: AsyncConnection, flow_id: UUID, *, last: UUID | None = None, limit: int
) -> list[dict[str, Any]]:
    """The newest first."""
    statement = select(*_ROLLBACK_COLUMNS).where(_r.flow_id == flow_id, *after(_r.id, last, descending=True))
    return await rows(connection, statement.order_by(_r.id.desc()).limit(limit + 1))


async def get_rollback(connection: AsyncConnection, engagement: UUID, id_: UUID) -> dict[str, Any] | None:
    """With the accepted plan, how it stands with each flow, and every step; in order of undo."""
    statement = select(*_ROLLBACK_COLUMNS, _r.plan).where(_r.id == id_, _r.engagement_id == engagement)
    found = await one(connection, statement)
    if found is None:
        return None
    columns = (
        _r.flow_id,
        _s.position,
        _s.kind,
        _s.subject,
        _s.status,
        _s.attempt_id,
        _s.compensation_id,
        _s.details,
        _s.ended_at,
    )
    belongs = (_r.id == id_) | (_r.cascade_id == id_)
    parts = await rows(connection, select(_r.id, _r.flow_id, _r.status, _r.ended_at).where(belongs))
    steps = await rows(
        connection, select(*columns).join(flow_rollbacks, _r.id == _s.rollback_id).where(belongs)
    )
    order = {UUID(flow): place for place, flow in enumerate(found["plan"]["flows"])}
    parts.sort(key=lambda part: order[part["flow_id"]])
    steps.sort(key=lambda step: (order[step["flow_id"]], step["position"]))
    return {**found, "parts": parts, "steps": steps}
