"""Assets in another order than by name: what they can be sorted by, and a page of them out of the database."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_common.contracts.attributes import BY_NAME
from caravan_orchestrator.store.reads._rows import rows
from caravan_orchestrator.store.reads.assets import ASSET_FIELDS
from caravan_orchestrator.store.tables.assets import assets

# None of them tells of persons: the order would tell what the answer masks.
SORTED_BY = (
    "name",
    "asset_type",
    "environment",
    "business_criticality",
    "operating_system",
    "treatment",
    "wave",
    "cpu_cores",
    "memory_gb",
    "storage_gb",
    "current_monthly_cost",
    "target_monthly_cost",
    "last_seen",
)
_a = assets.c
# Value, name and id of the last row of a page.
Position = tuple[Any, str | None, UUID]


@dataclass(frozen=True)
class Order:
    """By one attribute, the unknown last both ways; what is alike in it by name, then id."""

    attribute: str = "name"
    descending: bool = False

    @property
    def is_usual(self) -> bool:
        return self == USUAL


USUAL = Order()


async def list_sorted(
    connection: AsyncConnection,
    engagement: UUID,
    estate: UUID,
    order: Order,
    *,
    fields: Collection[str] = ASSET_FIELDS,
    conditions: Sequence[ColumnElement[bool]] = (),
    last: Position | None = None,
    limit: int,
    without_addresses: bool = False,
) -> list[dict[str, Any]]:
    """One more than `limit` tells that there is a next page. With `_sort`, `_name` and `_id`: the row's Position.

    `without_addresses`: a text with an e-mail address counts as unknown, so that its place doesn't tell it.
    """
    value = _value(order.attribute, without_addresses=without_addresses)
    base = select(value.label("value"), _a.name, _a.id).where(
        _a.engagement_id == engagement, _a.estate_id == estate, *conditions
    )
    if last is not None:
        base = base.where(_behind(order, value, last))
    page = _ordered(base, order, value, _a).limit(limit + 1).subquery("page")
    shown = [_a[name] for name in ASSET_FIELDS if name in fields]
    hidden = (page.c.value.label("_sort"), page.c.name.label("_name"), page.c.id.label("_id"))
    statement = select(*shown, *hidden).join_from(page, assets, _a.id == page.c.id)
    return await rows(connection, _ordered(statement, order, page.c.value, page.c))


def _value(attribute: str, *, without_addresses: bool) -> ColumnElement[Any]:
    """Names sort as the list does; other texts byte by byte, which is what the columns in memory do."""
    column: ColumnElement[Any] = _a[attribute]
    if attribute == "name" or BY_NAME[attribute].dtype != "String":
        return column
    if without_addresses:
        column = case((func.strpos(column, "@") == 0, column))
    return column.collate("C")


def _ordered(statement: Select[Any], order: Order, value: ColumnElement[Any], of: Any) -> Select[Any]:
    directed = value.desc() if order.descending else value.asc()
    return statement.order_by(directed.nulls_last(), of.name.asc().nulls_last(), of.id)


def _behind(order: Order, value: ColumnElement[Any], last: Position) -> ColumnElement[bool]:
    before, name, id_ = last
    alike: ColumnElement[bool] = and_(_a.name.is_(None), _a.id > id_)
    if name is not None:
        alike = or_(_a.name > name, _a.name.is_(None), and_(_a.name == name, _a.id > id_))
    if before is None:
        return and_(value.is_(None), alike)
    further = value < before if order.descending else value > before
    return or_(further, value.is_(None), and_(value == before, alike))
