"""Index rows of active datasets. A row is visible when its dataset is active and wholly indexed."""

from collections.abc import Collection, Sequence
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    func,
    literal,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_orchestrator.store.reads._rows import one, rows
from caravan_orchestrator.store.tables.data import datasets, flow_data_entities
from caravan_orchestrator.store.tables.flow import flow_phases, human_decisions, migration_flows

_e, _d, _p, _h, _f = flow_data_entities.c, datasets.c, flow_phases.c, human_decisions.c, migration_flows.c
_BETWEEN_PARTS = "#/:._-"
# So many are looked through for one page of a search; 1,500 took 10 ms.
LOOKED_THROUGH = 1_000
# Dataset, type and key.
Place = tuple[UUID, str, str]
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


_ACTIVE = (
    select(*_DATASET_COLUMNS, _p.decisions_upto)
    .join_from(flow_phases, datasets, (_d.attempt_id == _p.active_attempt_id) & (_d.flow_id == _p.flow_id))
    .where(_p.flow_id == bindparam("flow_id", type_=Uuid()))
    .order_by(_p.position, _d.name)
)


async def active_datasets(connection: AsyncConnection, flow_id: UUID) -> list[dict[str, Any]]:
    """In the order of phases, then by name. `decisions_upto`: which decisions the phase's result took in."""
    return await rows(connection, _ACTIVE, {"flow_id": flow_id})


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
    last: Place | None = None,
    limit: int,
) -> list[dict[str, Any]]:
    """By dataset, type and key. `last` is the place of the last one seen. One more than `limit` tells that there is a
    next page."""
    parts = _in_order(_COLUMNS, dataset_ids, entity_type, last, limit + 1)
    if not parts:
        return []
    together = union_all(*parts).subquery()
    ordered = select(together).order_by(together.c.ordinal, together.c.entity_type, together.c.natural_key)
    found = await rows(connection, ordered.limit(limit + 1))
    return [{name: row[name] for name in row if name != "ordinal"} for row in found]


async def find_entities(
    connection: AsyncConnection,
    dataset_ids: Sequence[UUID],
    words: Sequence[str],
    *,
    entity_type: str | None = None,
    personal: bool = True,
    last: Place | None = None,
    limit: int,
) -> tuple[list[dict[str, Any]], Place | None]:
    """As `list_entities`, those found among the next LOOKED_THROUGH at most; and after which place to look on, None at
    the end. No index has their words, and a flow may have a million of them.

    Unless `personal`, no row is found by an e-mail address in its key or name.
    """
    fits = and_(*_matching(words, personal=personal)).label("fits")
    columns = (_e.dataset_id, _e.entity_type, _e.natural_key, fits)
    parts = _in_order(columns, dataset_ids, entity_type, last, LOOKED_THROUGH)
    if not parts:
        return [], None
    looked = union_all(*parts).limit(LOOKED_THROUGH).cte("looked").prefix_with("materialized")
    order = [looked.c[name] for name in ("ordinal", "entity_type", "natural_key")]
    chosen = (
        select(looked, literal(False).label("end")).where(looked.c.fits).order_by(*order).limit(limit + 1)
    )
    end = select(looked, literal(True)).order_by(*(each.desc() for each in order)).limit(1)
    both = union_all(select(chosen.subquery()), select(end.subquery())).subquery("both")
    same = [_e[name] == both.c[name] for name in ("dataset_id", "entity_type", "natural_key")]
    statement = (
        select(
            *_COLUMNS, both.c.end, select(func.count()).select_from(looked).scalar_subquery().label("looked")
        )
        .join_from(both, flow_data_entities, and_(*same))
        .order_by(both.c.end, both.c.ordinal, _e.entity_type, _e.natural_key)
    )
    found = await rows(connection, statement)
    if not found:
        return [], None
    seen = [{name: row[name] for name in row if name not in ("end", "looked")} for row in found]
    *shown, at_end = seen
    if len(shown) > limit:
        return shown[:limit], _place(shown[limit - 1])
    return shown, _place(at_end) if found[0]["looked"] == LOOKED_THROUGH else None


def _place(row: dict[str, Any]) -> Place:
    return row["dataset_id"], row["entity_type"], row["natural_key"]


def _in_order(
    columns: Sequence[ColumnElement[Any]],
    dataset_ids: Sequence[UUID],
    entity_type: str | None,
    last: Place | None,
    limit: int,
) -> list[Select[Any]]:
    """A part for each dataset from that of `last` on, at most `limit` rows of each. Its `ordinal` is in the order."""
    remaining = list(dataset_ids)
    if last is not None and last[0] in remaining:
        remaining = remaining[remaining.index(last[0]) :]
    parts = []
    for ordinal, id_ in enumerate(remaining):
        part = select(*columns, literal(ordinal).label("ordinal")).where(_e.dataset_id == id_)
        if entity_type is not None:
            part = part.where(_e.entity_type == entity_type)
        if last is not None and id_ == last[0]:
            part = part.where(
                tuple_(_e.entity_type, _e.natural_key) > tuple_(literal(last[1]), literal(last[2]))
            )
        part = part.order_by(_e.entity_type, _e.natural_key).limit(limit)
        parts.append(select(part.subquery()))
    return parts


def _matching(words: Sequence[str], *, personal: bool) -> list[ColumnElement[bool]]:
    shown = func.strpos(func.concat(_e.natural_key, " ", _name()), "@") == 0
    return [*(_begins(word) for word in words), *([] if personal else [shown])]


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
