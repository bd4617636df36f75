"""Statements that are made once and sent by the driver itself: to make one takes longer than to carry it out, and to
send it through SQLAlchemy costs double."""

from typing import Any

from sqlalchemy import CompoundSelect, Select
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_orchestrator.store import direct

_DIALECT = asyncpg.dialect()  # type: ignore[no-untyped-call]


class Made:
    """A statement of SQLAlchemy's as text, with its own values; those of its `bindparam`s are given each time.

    They go to the driver as they are: UUIDs, moments, lists of them, numbers, text.
    """

    def __init__(self, statement: Select[Any] | CompoundSelect[Any]) -> None:
        compiled: Any = statement.compile(dialect=_DIALECT)
        given = {name: None for name, bound in compiled.binds.items() if bound.required}
        expanded = compiled.construct_expanded_state(given)
        self.text: str = expanded.statement
        self._names: list[str] = expanded.positiontup or []
        self._own: dict[str, Any] = expanded.parameters

    async def rows(self, connection: AsyncConnection, **given: Any) -> list[dict[str, Any]]:
        """In a transaction that has begun, as `direct.run` needs it."""
        own, names = self._own, self._names
        arguments = [given[name] if name in given else own[name] for name in names]
        return [dict(row) for row in await direct.run(connection, self.text, *arguments)]

    async def one(self, connection: AsyncConnection, **given: Any) -> dict[str, Any] | None:
        found = await self.rows(connection, **given)
        return found[0] if found else None

    async def value(self, connection: AsyncConnection, **given: Any) -> Any:
        """The first column of the first row; None without a row."""
        found = await self.one(connection, **given)
        return None if found is None else next(iter(found.values()))
