"""The asset table as the API shows it: one estate, by name, through indexes that row-level security lets be used."""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    func,
    literal,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_orchestrator.store.reads._made import Made
from caravan_orchestrator.store.reads._rows import rows
from caravan_orchestrator.store.tables.assets import ATTRIBUTE_COLUMNS, asset_counts, assets
from caravan_orchestrator.store.tables.data import datasets
from caravan_orchestrator.store.tables.flow import flow_phases, migration_flows

ASSET_FIELDS = (
    "id",
    "estate_id",
    "natural_key",
    "is_target",
    "not_target_reason",
    *ATTRIBUTE_COLUMNS,
    "source_flow_id",
    "discovery_data_entity_id",
    "custom_attributes",
    "overridden",
    "updated_at",
)
_a = assets.c
_OF_ESTATE = (
    _a.engagement_id == bindparam("engagement", type_=Uuid()),
    _a.estate_id == bindparam("estate", type_=Uuid()),
)
_ONE = Made(
    select(*(_a[name] for name in ASSET_FIELDS)).where(
        _a.id == bindparam("id", type_=Uuid()), _a.engagement_id == bindparam("engagement", type_=Uuid())
    )
)


async def list_assets(
    connection: AsyncConnection,
    engagement: UUID,
    estate: UUID,
    *,
    fields: Collection[str] = ASSET_FIELDS,
    conditions: Sequence[ColumnElement[bool]] = (),
    last: tuple[str | None, UUID] | None = None,
    limit: int,
) -> list[dict[str, Any]]:
    """By name, then id; nameless ones at the end. One more than `limit` tells that there is a next page.

    The page is found by names and ids alone, out of the index; only its own rows are read.
    """
    shown = tuple(name for name in ASSET_FIELDS if name in fields)
    behind_named = None if last is None else last[0] is not None
    given: dict[str, Any] = {"engagement": engagement, "estate": estate, "rows": limit + 1}
    if last is not None:
        given |= {"last_id": last[1]} | ({"last_name": last[0]} if behind_named else {})
    if conditions:
        return await rows(connection, _page(shown, conditions, behind_named=behind_named), given)
    return await _unfiltered(shown, behind_named=behind_named).rows(connection, **given)


@lru_cache(maxsize=64)
def _unfiltered(fields: tuple[str, ...], *, behind_named: bool | None) -> Made:
    return Made(_page(fields, (), behind_named=behind_named))


def _page(
    fields: tuple[str, ...], conditions: Sequence[ColumnElement[bool]], *, behind_named: bool | None
) -> Select[Any]:
    """`behind_named`: whether the one before had a name; None: there is none before."""
    base = select(_a.name, _a.id).where(*_OF_ESTATE, *conditions)
    named, nameless = base.where(_a.name.is_not(None)), base.where(_a.name.is_(None))
    most = bindparam("rows", type_=Integer())
    last_id = bindparam("last_id", type_=Uuid())
    if behind_named:
        named = named.where(tuple_(_a.name, _a.id) > tuple_(bindparam("last_name", type_=Text()), last_id))
    elif behind_named is not None:
        nameless = nameless.where(_a.id > last_id)
    parts: list[Select[Any]] = [nameless.order_by(_a.id).limit(most)]
    if behind_named is not False:
        parts.insert(0, named.order_by(_a.name, _a.id).limit(most))
    together = union_all(*(select(part.subquery()) for part in parts)).limit(most).subquery("page")
    columns = [_a[name] for name in fields]
    return (
        select(*columns, _a.name.label("_name"), _a.id.label("_id"))
        .join_from(together, assets, _a.id == together.c.id)
        .order_by(_a.name.asc().nulls_last(), _a.id)
    )


async def assets_of(
    connection: AsyncConnection,
    engagement: UUID,
    estate: UUID,
    ids: Sequence[UUID],
    fields: Collection[str],
    sorted_by: str = "name",
) -> list[dict[str, Any]]:
    """As `list_assets` has them, in the order of the ids; those that are not of the estate are left out. With
    `_sort`, their value of that attribute, and `_version`, that of the estate's counts; None while there are none."""
    statement = _of_ids(tuple(name for name in ASSET_FIELDS if name in fields), sorted_by)
    found = await statement.rows(connection, engagement=engagement, estate=estate, ids=ids)
    by_id = {row["_id"]: row for row in found}
    return [by_id[id_] for id_ in ids if id_ in by_id]


@lru_cache(maxsize=64)
def _of_ids(fields: tuple[str, ...], sorted_by: str) -> Made:
    shown = [_a[name] for name in fields]
    # A join, because `id = any(...)`, planned for any ids, looks through the whole estate for them.
    given = func.unnest(bindparam("ids", type_=ARRAY(Uuid)), type_=Uuid).column_valued("given")
    counts = asset_counts.c
    counted = (
        counts.engagement_id == bindparam("engagement", type_=Uuid()),
        counts.estate_id == bindparam("estate", type_=Uuid()),
    )
    version = select(counts.version).where(*counted).limit(1).scalar_subquery()
    hidden = (
        _a[sorted_by].label("_sort"),
        _a.name.label("_name"),
        _a.id.label("_id"),
        version.label("_version"),
    )
    return Made(select(*shown, *hidden).where(_a.id == given, *_OF_ESTATE))


def filters(texts: Mapping[str, Sequence[str]], is_target: bool | None = None) -> list[ColumnElement[bool]]:
    """`texts`: values by attribute, of NARROWED_BY."""
    found: list[ColumnElement[bool]] = [_a[name].in_(values) for name, values in texts.items() if values]
    if is_target is not None:
        found.append(_a.is_target == is_target)
    return found


def without_addresses() -> ColumnElement[bool]:
    """For whoever is not shown persons: nothing is found by a name that holds an e-mail address."""
    named = func.concat_ws(" ", _a.name, _a.hostname, _a.fqdn, _a.application_name)
    return func.strpos(named, "@") == 0


async def get_asset(connection: AsyncConnection, engagement: UUID, id_: UUID) -> dict[str, Any] | None:
    return await _ONE.one(connection, id=id_, engagement=engagement)


async def assets_to_set(
    connection: AsyncConnection,
    engagement: UUID,
    estate: UUID,
    names: Sequence[str],
    conditions: Sequence[ColumnElement[bool]],
    *,
    limit: int,
) -> list[dict[str, Any]]:
    """id, natural_key, name, overridden, and `old`: what these attributes are now. By id; one more than `limit` tells
    that there are too many."""
    columns = (_a.id, _a.natural_key, _a.name.label("_name"), _a.overridden, *(_a[name] for name in names))
    statement = select(*columns).where(_a.engagement_id == engagement, _a.estate_id == estate, *conditions)
    found = await rows(connection, statement.order_by(_a.id).limit(limit + 1))
    return [
        {
            "id": row["id"],
            "natural_key": row["natural_key"],
            "name": row["_name"],
            "overridden": row["overridden"],
            "old": {name: row[name] for name in names},
        }
        for row in found
    ]


def of_ids(ids: Collection[UUID]) -> ColumnElement[bool]:
    return _a.id == any_(literal(list(ids), ARRAY(Uuid)))


async def estates_of(
    connection: AsyncConnection, engagement: UUID, ids: Collection[UUID]
) -> dict[UUID, UUID]:
    """Asset → estate; unknown ids are absent."""
    statement = select(_a.id, _a.estate_id).where(_a.engagement_id == engagement, of_ids(ids))
    return {row["id"]: row["estate_id"] for row in await rows(connection, statement)}


async def asset_phases(connection: AsyncConnection, estate: UUID) -> list[dict[str, Any]]:
    """flow_id, flow_type, definition_version, phase of every active dataset of assets, the latest first."""
    f, p, d = migration_flows.c, flow_phases.c, datasets.c
    statement = (
        select(f.id.label("flow_id"), f.flow_type, f.definition_version, p.name.label("phase"))
        .join_from(migration_flows, flow_phases, p.flow_id == f.id)
        .join(datasets, and_(d.attempt_id == p.active_attempt_id, d.flow_id == f.id))
        .where(f.estate_id == estate, f.deleted_at.is_(None), d.assets)
        .distinct()
        .add_columns(f.created_at, p.position)
        .order_by(f.created_at.desc(), f.id.desc(), p.position.desc())
    )
    return await rows(connection, statement)
