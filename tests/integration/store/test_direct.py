"""Statements on the driver's own connection fail as SQLAlchemy's do, and a lost connection harms nobody after it."""

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError

from caravan_common.contracts import Tenant, new_id
from caravan_orchestrator.store import direct
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.failures import is_passing
from tests.support.inprocess_platform import new_tenant
from tests.support.postgres import Database
from tests.support.statements import statements


@pytest.fixture
async def tenant(database: SqlDatabase) -> Tenant:
    return await new_tenant(database)


async def test_a_lost_connection_is_a_failure_that_passes_and_is_not_used_again(
    database: SqlDatabase, tenant: Tenant, database_urls: Database
) -> None:
    owner = await asyncpg.connect(database_urls.owner)
    with pytest.raises(DBAPIError) as caught:  # noqa: PT012
        async with database.transaction(tenant) as transaction:
            (row,) = await direct.run(transaction.connection, "select pg_backend_pid()")
            await owner.fetch("select pg_terminate_backend($1, 5000)", row[0])
            await transaction.lock_flows([new_id()])
    await owner.close()
    assert is_passing(caught.value)
    async with database.transaction(tenant) as transaction:
        assert await transaction.lock_flows([new_id()]) == {}


async def test_a_refused_statement_undoes_its_transaction_and_does_not_pass(
    database: SqlDatabase, tenant: Tenant
) -> None:
    message = new_id()
    with pytest.raises(DBAPIError) as caught:
        async with database.transaction(tenant, {message}) as transaction:
            await direct.run(transaction.connection, "select 1 / 0")
    assert not is_passing(caught.value)
    async with database.transaction(tenant, {message}) as transaction:
        assert transaction.fresh == {message}


async def test_the_dispatcher_gets_another_connection_for_a_lost_one(
    database: SqlDatabase, database_urls: Database
) -> None:
    owner = await asyncpg.connect(database_urls.owner)
    with pytest.raises(DBAPIError) as caught:  # noqa: PT012
        async with database.dispatch.connect() as connection:
            (row,) = await direct.run(connection, "select pg_backend_pid()")
            await owner.fetch("select pg_terminate_backend($1, 5000)", row[0])
            await direct.run(connection, "select 1")
    await owner.close()
    assert is_passing(caught.value)
    async with database.dispatch.connect() as connection:
        assert [tuple(row) for row in await direct.run(connection, "select 1")] == [(1,)]


async def test_a_count_of_statements_sees_those_of_the_driver_alone(
    database: SqlDatabase, tenant: Tenant
) -> None:
    with statements(database.app) as sent:
        async with database.transaction(tenant) as transaction:
            await transaction.connection.exec_driver_sql("select 1")
            await direct.run(transaction.connection, "select $1::int", 2)
            await transaction.run_long("select 3")
    begun, *others = [each.text for each in sent if "statement_timeout" not in each.text]
    assert "caravan.client" in begun
    assert sorted(others) == ["select $1::int", "select 1", "select 3"]
    assert [each.arguments for each in sent if each.text == "select $1::int"] == [(2,)]
    async with database.transaction(tenant) as transaction:
        await direct.run(transaction.connection, "select 4")
    assert "select 4" not in [each.text for each in sent]
