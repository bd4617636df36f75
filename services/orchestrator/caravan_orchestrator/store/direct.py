"""A statement on the driver's own connection, for those that every phase needs: through SQLAlchemy they cost double.

Only for a connection in autocommit, or whose transaction has begun: SQLAlchemy begins it with its own first statement,
and ends it.
"""

from collections.abc import Sequence
from typing import Any

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.ext.asyncio import AsyncConnection


async def run(connection: AsyncConnection, sql: str, *arguments: Any) -> Sequence[Any]:
    """Rows as tuples that also go by name. Fails as SQLAlchemy would, and gives up a connection that is lost."""
    driver: Any = _driver(connection)
    try:
        rows: Sequence[Any] = await driver.fetch(sql, *arguments)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        lost = driver.is_closed()
        if lost:
            await connection.invalidate(error)
        kind = InterfaceError if isinstance(error, asyncpg.InterfaceError) else DBAPIError
        raise kind(sql, None, error, connection_invalidated=lost) from error
    return rows


def _driver(connection: AsyncConnection) -> Any:
    """Without a greenlet: the connection has been taken out of the pool long since."""
    assert connection.sync_connection is not None
    return connection.sync_connection.connection.driver_connection
