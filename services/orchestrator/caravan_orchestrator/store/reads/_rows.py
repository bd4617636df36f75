"""Running a read and naming its columns."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Executable
from sqlalchemy.ext.asyncio import AsyncConnection


async def rows(
    connection: AsyncConnection, statement: Executable, arguments: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    result = await connection.execute(statement, arguments)
    # SQLAlchemy's names are a subclass of str, which orjson takes for no key.
    names = [str(name) for name in result.keys()]  # noqa: SIM118 - a result is no mapping
    return [dict(zip(names, row, strict=True)) for row in result.all()]


async def one(
    connection: AsyncConnection, statement: Executable, arguments: Mapping[str, Any] | None = None
) -> dict[str, Any] | None:
    found = await rows(connection, statement, arguments)
    return found[0] if found else None


def after(
    column: ColumnElement[Any], last: Any, *, descending: bool = False
) -> tuple[ColumnElement[bool], ...]:
    """The condition of a keyset page; nothing for the first."""
    if last is None:
        return ()
    return (column < last,) if descending else (column > last,)
