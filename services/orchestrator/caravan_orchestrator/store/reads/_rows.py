"""Running a read and naming its columns."""

from typing import Any

from sqlalchemy import ColumnElement, Executable
from sqlalchemy.ext.asyncio import AsyncConnection


async def rows(connection: AsyncConnection, statement: Executable) -> list[dict[str, Any]]:
    result = await connection.execute(statement)
    # SQLAlchemy's names are a subclass of str, which orjson takes for no key.
    names = [str(name) for name in result.keys()]  # noqa: SIM118 - a result is no mapping
    return [dict(zip(names, row, strict=True)) for row in result]


async def one(connection: AsyncConnection, statement: Executable) -> dict[str, Any] | None:
    found = await rows(connection, statement)
    return found[0] if found else None


def after(
    column: ColumnElement[Any], last: Any, *, descending: bool = False
) -> tuple[ColumnElement[bool], ...]:
    """The condition of a keyset page; nothing for the first."""
    if last is None:
        return ()
    return (column < last,) if descending else (column > last,)
