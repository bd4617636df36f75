"""Lists a page at a time: a cursor names the last row seen, so that rows that come or go shift nothing."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import Query

from caravan_orchestrator.api.problems import Problem
from caravan_orchestrator.api.sealing import current_seal

Limit = Annotated[int, Query(ge=1, le=500, description="rows per page")]
Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before", max_length=2000)]
Fields = Annotated[
    str | None, Query(description="names to answer with, comma-separated; id always", max_length=2000)
]
Q = Annotated[str | None, Query(description="beginnings of words", max_length=200)]
DEFAULT_LIMIT = 100
_MOST_WORDS = 5

Row = TypeVar("Row")


def encode_cursor(kind: str, values: Sequence[Any]) -> str:
    """Sealed for the gateways of this database: nobody reads in it what the answer may have masked."""
    return current_seal().close(orjson.dumps([kind, *values], default=str))


def decode_cursor(kind: str, cursor: str | None, *types: Callable[[Any], Any]) -> list[Any] | None:
    """The values given to encode_cursor, in these types; None without a cursor.

    Raises Problem for another list's cursor and for one that was tampered with.
    """
    if cursor is None:
        return None
    try:
        name, *values = orjson.loads(current_seal().open(cursor))
        if name != kind:
            raise ValueError(name)
        return [type_(value) for type_, value in zip(types, values, strict=True)]
    except (ValueError, TypeError, AttributeError):
        detail = (
            "The cursor is of another list, of another order, or of before an upgrade or a restoration;"
            " ask without `cursor` for the first page."
        )
        raise Problem("invalid_cursor", detail, status=422) from None


def page(
    kind: str, rows: Sequence[Row], limit: int, values: Callable[[Row], Sequence[Any]]
) -> dict[str, Any]:
    """`rows` hold one more than `limit` when there is a next page."""
    more = len(rows) > limit
    shown = rows[:limit]
    return {"items": list(shown), "next_cursor": encode_cursor(kind, values(shown[-1])) if more else None}


def chosen(fields: str | None, known: Sequence[str], always: Sequence[str] = ("id",)) -> tuple[str, ...]:
    """The names asked for, in our order. Raises Problem for one that does not exist."""
    if fields is None:
        return tuple(known)
    wanted = {name.strip() for name in fields.split(",") if name.strip()}
    if unknown := sorted(wanted - set(known)):
        raise Problem(
            "unknown_field", f"There is no field {unknown[0]!r}; there are: {', '.join(known)}.", status=422
        )
    return tuple(name for name in known if name in wanted or name in always)


def words(q: str | None) -> tuple[str, ...]:
    """Lower-case words of a search, at most five."""
    return tuple((q or "").replace("\0", "").lower().split()[:_MOST_WORDS])
