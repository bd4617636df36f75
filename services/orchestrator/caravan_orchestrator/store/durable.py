"""Transactions of the dispatcher that must outlive the server: its other statements do not wait for the disk."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


@asynccontextmanager
async def durable(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Committed to disk when the block ends, undone when it raises. `engine` is in autocommit otherwise."""
    async with engine.connect() as raw:
        connection = await raw.execution_options(isolation_level="READ COMMITTED")
        async with connection.begin():
            await connection.exec_driver_sql("set local synchronous_commit = on")
            yield connection
