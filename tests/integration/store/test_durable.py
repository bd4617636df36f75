"""What the dispatcher writes lazily, and what it does not."""

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.durable import durable


async def waits_for_the_disk(connection: AsyncConnection) -> bool:
    return (await connection.exec_driver_sql("show synchronous_commit")).scalar_one() == "on"


async def test_only_what_must_last_waits_for_the_disk(database: SqlDatabase) -> None:
    async with durable(database.dispatch) as connection:
        assert await waits_for_the_disk(connection)
    async with database.dispatch.connect() as connection:
        assert not await waits_for_the_disk(connection)


async def test_a_durable_transaction_that_raises_leaves_nothing(database: SqlDatabase) -> None:
    with pytest.raises(ZeroDivisionError):
        await _set_clock_and_fail(database)
    async with database.dispatch.connect() as connection:
        value = (await connection.exec_driver_sql("select value from running.lease_clock")).scalar_one()
    assert value != -7


async def _set_clock_and_fail(database: SqlDatabase) -> None:
    async with durable(database.dispatch) as connection:
        await connection.exec_driver_sql("update running.lease_clock set value = -7")
        raise ZeroDivisionError
