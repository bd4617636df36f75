"""Index rows of active datasets. A row is visible when its dataset is active and wholly indexed."""

from collections.abc import Collection, Sequence
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, func, literal, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_orchestrator.store.reads._rows import one, rows
from caravan_orchestrator.store.tables.data import datasets, flow_data_entities
from caravan_orchestrator.store.tables.flow import flow_phases, human_decisions, migration_flows

_e, _d, _p, _h, _f = flow_data_entities.c, datasets.c, flow_phases.c, human_decisions.c, migration_flows.c
_BETWEEN_PARTS = "#/:._-"
_COLUMNS = (
    _e.id,
    _e.flow_id,
    _e.dataset_id,
    _e.entity_type,
    _e.natural_key,
    _e.data,
    _e.source_entities,
    _e.transformation_log,
    _e.quality_score,
)


_DATASET_COLUMNS = (
    _d.id,
    _d.phase,
    _d.name,
    _d.artifact_key,
    _d.rows,
    _d.index,
    _d.indexed_at,
    _d.entity_type,
)


async def active_datasets(connection: AsyncConnection, flow_id: UUID) -> list[dict[str, Any]]:
    """In the order of phases, then by name."""
    statement = (
        select(*_DATASET_COLUMNS)
        .join_from(
            flow_phases, datasets, (_d.attempt_id == _p.active_attempt_id) & (_d.flow_id == _p.flow_id)
        )
        .where(_p.flow_id == flow_id)
        .order_by(_p.position, _d.name)
    )
    return await rows(connection, statement)


async def chain_datasets(
    connection: AsyncConnection, flow_id: UUID, direction: Literal["up", "down"]
) -> list[dict[str, Any]]:
    """As `active_datasets`, of the flow and those it grew out of (up), or that grew out of it (down); in the order
    they were made: flows from the root on, then phases."""
    start = select(_f.id, _f.parent_flow_id).where(_f.id == flow_id).cte("kin", recursive=True)
    up = direction == "up"
    related = migration_flows.alias("related")
    nearer = (related.c.id == start.c.parent_flow_id) if up else (related.c.parent_flow_id == start.c.id)
    kin = start.union(select(related.c.id, related.c.parent_flow_id).join_from(start, related, nearer))
    statement = (
        select(*_DATASET_COLUMNS, _d.flow_id)
        .join_from(
            flow_phases, datasets, (_d.attempt_id == _p.active_attempt_id) & (_d.flow_id == _p.flow_id)
        )
        .where(_p.flow_id.in_(select(kin.c.id)))
        # A child is made after its parent, and ids tell the time.
        .order_by(_p.flow_id, _p.position, _d.name)
    )
    return await rows(connection, statement)


async def list_entities(
    connection: AsyncConnection,
    dataset_ids: Sequence[UUID],
    *,
    entity_type: str | None = None,
    words: Sequence[str] = (),
    personal: bool = True,
    last: tuple[UUID, str, str] | None = None,
    limit: int,
) -> list[dict[str, Any]]:
    """By dataset, type and key. `last` is dataset, type, key of the page before: earlier datasets are left out.

    Unless `personal`, no row is found by an e-mail address in its key or name.
    """
    remaining = list(dataset_ids)
    if last is not None and last[0] in remaining:
        remaining = remaining[remaining.index(last[0]) :]
    if not remaining:
        return []
    parts: list[Select[Any]] = []
    for id_ in remaining:
        part: Select[Any] = select(*_COLUMNS, literal(len(parts)).label("ordinal")).where(
            _e.dataset_id == id_
        )
        part = _matching(part, entity_type, words, personal=personal)
        if last is not None and id_ == last[0]:
            part = part.where(
                tuple_(_e.entity_type, _e.natural_key) > tuple_(literal(last[1]), literal(last[2]))
            )
        parts.append(part.order_by(_e.entity_type, _e.natural_key).limit(limit + 1))
    together = union_all(*(select(part.subquery()) for part in parts)).subquery()
    ordered = select(together).order_by(together.c.ordinal, together.c.entity_type, together.c.natural_key)
    found = await rows(connection, ordered.limit(limit + 1))
    return [{name: row[name] for name in row if name != "ordinal"} for row in found]


def _matching(
    statement: Select[Any], entity_type: str | None, words: Sequence[str], *, personal: bool
) -> Select[Any]:
    if words and not personal:
        statement = statement.where(func.strpos(func.concat(_e.natural_key, " ", _name()), "@") == 0)
    if entity_type is not None:
        statement = statement.where(_e.entity_type == entity_type)
    for word in words:
        statement = statement.where(_begins(word))
    return statement


def _begins(word: str) -> ColumnElement[bool]:
    """A part of the key or of the name begins with it."""
    wanted = " " + word.translate(str.maketrans(_BETWEEN_PARTS, " " * len(_BETWEEN_PARTS)))
    return _strpos(_e.natural_key, wanted) | _strpos(_name(), wanted)


def _strpos(column: ColumnElement[str], wanted: str) -> ColumnElement[bool]:
    text = func.translate(" " + func.lower(column), _BETWEEN_PARTS, " " * len(_BETWEEN_PARTS))
    return func.strpos(text, wanted) > 0


def _name() -> ColumnElement[str]:
    # Taken out of JSON as it stands: to parse it costs most.
    return func.coalesce(_e.data.op("->>", return_type=Text())("name"), "")


async def get_entity(connection: AsyncConnection, engagement: UUID, id_: UUID) -> dict[str, Any] | None:
    """Of an active dataset of a flow that was not deleted."""
    statement = (
        select(*_COLUMNS)
        .join_from(flow_data_entities, datasets, _d.id == _e.dataset_id)
        .join(flow_phases, (_p.flow_id == _d.flow_id) & (_p.active_attempt_id == _d.attempt_id))
        .join(migration_flows, migration_flows.c.id == _d.flow_id)
        .where(_e.client_account_id == migration_flows.c.client_account_id, _e.id == id_)
        .where(_e.engagement_id == engagement, migration_flows.c.deleted_at.is_(None))
        .limit(1)
    )
    return await one(connection, statement)


async def entities_by_key(
    connection: AsyncConnection, dataset_ids: Collection[UUID], keys: Collection[str], limit: int
) -> list[dict[str, Any]]:
    statement = select(*_COLUMNS).where(_e.dataset_id.in_(dataset_ids), _e.natural_key.in_(keys))
    return await rows(
        connection, statement.order_by(_e.dataset_id, _e.entity_type, _e.natural_key).limit(limit)
    )


async def entities_made_from(
    connection: AsyncConnection, dataset_ids: Collection[UUID], keys: Collection[str], limit: int
) -> list[dict[str, Any]]:
    """Those that name one of the keys among their sources."""
    statement = select(*_COLUMNS).where(
        _e.dataset_id.in_(dataset_ids), _e.source_entities.overlap(list(keys))
    )
    return await rows(
        connection, statement.order_by(_e.dataset_id, _e.entity_type, _e.natural_key).limit(limit)
    )


async def decisions_on(
    connection: AsyncConnection, flow_ids: Collection[UUID], subjects: Collection[str]
) -> list[dict[str, Any]]:
    """People's decisions on these subjects, by flow, oldest first; withdrawn ones say so."""
    statement = (
        select(
            _h.number,
            _h.kind,
            _h.phase,
            _h.subject,
            _h.value,
            _h.old,
            _h.actor,
            _h.reason,
            _h.decided_at,
            _h.withdrawn_by,
        )
        .where(_h.flow_id.in_(flow_ids), _h.subject.in_(subjects))
        .order_by(_h.flow_id, _h.number)
    )
    return await rows(connection, statement)
