"""`sort` of the list of assets, and the cursors of each order."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from caravan_common.contracts.attributes import BY_NAME
from caravan_orchestrator.api.pages import decode_cursor, page
from caravan_orchestrator.api.problems import Problem
from caravan_orchestrator.store.reads.assets_sorted import SORTED_BY, USUAL, Order, Position

Sort = Annotated[
    str | None,
    Query(
        max_length=100,
        description="an attribute, with a minus for the largest first; by name when absent. What is unknown comes last,"
        f" what is alike by name. One of: {', '.join(SORTED_BY)}",
        examples=["-memory_gb"],
    ),
]
_READ: dict[str, Callable[[str], Any]] = {"Float64": float, "Int64": int, "Datetime": datetime.fromisoformat}


def asked_order(sort: str | None) -> Order:
    """Raises Problem for an attribute that lists are not sorted by."""
    if not sort:
        return USUAL
    attribute = sort.removeprefix("-")
    if attribute not in SORTED_BY:
        detail = f"Assets can't be sorted by {attribute!r}; they can by: {', '.join(SORTED_BY)}."
        raise Problem("unknown_field", detail, status=422)
    return Order(attribute, descending=sort.startswith("-"))


def decode_position(order: Order, cursor: str | None) -> Position | None:
    """Raises Problem for the cursor of another order."""
    if order.is_usual:
        by_name = decode_cursor(_kind(order), cursor, _text, UUID)
        return None if by_name is None else (by_name[0], by_name[0], by_name[1])
    read = _READ.get(BY_NAME[order.attribute].dtype, str)
    last = decode_cursor(_kind(order), cursor, lambda text: None if text is None else read(text), _text, UUID)
    return None if last is None else (last[0], last[1], last[2])


def page_of(order: Order, found: list[dict[str, Any]], limit: int) -> dict[str, Any]:
    """Without what only the cursor needs."""

    def position(row: Mapping[str, Any]) -> list[Any]:
        by_name = [row["_name"], row["_id"]]
        # As text: JSON knows neither moments nor what is not a number.
        return by_name if order.is_usual else [None if row["_sort"] is None else str(row["_sort"]), *by_name]

    shown = page(_kind(order), found, limit, position)
    for row in shown["items"]:
        del row["_name"], row["_id"]
        row.pop("_sort", None)
    return shown


def _kind(order: Order) -> str:
    return "assets" if order.is_usual else f"assets {'-' * order.descending}{order.attribute}"


def _text(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise ValueError(value)
    return value
