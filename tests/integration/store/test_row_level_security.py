"""Every tenant table, asked without a tenant, with another one, and with foreign keys across: nothing gets through."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Table
from sqlalchemy.exc import DBAPIError

from caravan_common.contracts import Tenant, new_id
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.tables import metadata
from tests.support.inprocess_platform import migrated, new_tenant
from tests.support.postgres import Database, create_database

TENANT_TABLES = sorted(
    table.name
    for table in metadata.tables.values()
    if table.schema is None and "client_account_id" in table.c
)


@pytest.fixture(scope="module")
def database_urls(database_urls: Database) -> Iterator[Database]:
    """A database of its own: the rows written here fit no other test."""
    opened = create_database(database_urls.owner)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
async def database(database_urls: Database) -> AsyncIterator[SqlDatabase]:
    sql = await migrated(database_urls)
    yield sql
    await sql.dispose()


@pytest.fixture(scope="module")
async def owner(database: SqlDatabase, database_urls: Database) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(database_urls.owner)
    yield connection
    await connection.close()


async def rows_seen(database: SqlDatabase, table: str, tenant: Tenant | None) -> int:
    sql = f"select count(*) from {table}"
    if tenant is None:
        async with database.app.connect() as connection:
            return int((await connection.exec_driver_sql(sql)).scalar_one())
    async with database.transaction(tenant) as transaction:
        return int((await transaction.connection.exec_driver_sql(sql)).scalar_one())


async def fill(owner: Any, tenant: Tenant) -> None:
    """One row in every tenant table, written by the owner with constraints and policies out of the way."""
    await owner.execute("set session_replication_role = replica")
    for name in TENANT_TABLES:
        columns = await owner.fetch(
            "select column_name, udt_name from information_schema.columns where table_schema = 'public'"
            " and table_name = $1 and is_nullable = 'NO' and column_default is null",
            name,
        )
        values = [_value(row["column_name"], row["udt_name"], tenant) for row in columns]
        names = ", ".join(f'"{row["column_name"]}"' for row in columns)
        await owner.execute(f"insert into {name} ({names}) values ({', '.join(values)})")
    await owner.execute("set session_replication_role = origin")


def _value(column: str, type_: str, tenant: Tenant) -> str:
    if column == "client_account_id":
        return f"'{tenant.client_account_id}'"
    if column == "engagement_id":
        return f"'{tenant.engagement_id}'"
    made = {
        "uuid": f"'{new_id()}'",
        "text": f"'{new_id()}'",
        "json": "'{}'",
        "jsonb": "'{}'",
        "_text": "'{viewer}'",
    }
    return made.get(type_, "now()" if type_ == "timestamptz" else "1")


async def test_without_a_tenant_and_with_another_one_nothing_is_seen(
    database: SqlDatabase, owner: Any
) -> None:
    mine = Tenant(client_account_id=new_id(), engagement_id=new_id())
    other = Tenant(client_account_id=new_id(), engagement_id=new_id())
    await fill(owner, mine)
    seen = {
        name: [await rows_seen(database, name, who) for who in (mine, other, None)] for name in TENANT_TABLES
    }
    assert seen == {name: [1, 0, 0] for name in TENANT_TABLES}


async def test_who_runs_the_platform_reads_the_list_of_clients_and_nothing_else(
    database: SqlDatabase,
) -> None:
    mine = await new_tenant(database)
    seen = {}
    async with database.app.begin() as connection:
        await connection.exec_driver_sql("select set_config('caravan.platform', 'on', true)")
        for name in TENANT_TABLES:
            seen[name] = (await connection.exec_driver_sql(f"select count(*) from {name}")).scalar_one()
        changed = await connection.exec_driver_sql("update client_accounts set name = name || '!'")
    assert seen["client_accounts"] > 0
    assert {name: count for name, count in seen.items() if count and name != "client_accounts"} == {}
    assert changed.rowcount == 0
    assert await rows_seen(database, "client_accounts", None) == 0
    assert await rows_seen(database, "client_accounts", mine) == 1


@pytest.mark.parametrize("table", TENANT_TABLES)
async def test_row_level_security_is_forced_and_the_owner_is_another_role(owner: Any, table: str) -> None:
    row = await owner.fetchrow(
        "select relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner) from pg_class where relname = $1",
        table,
    )
    assert tuple(row)[:2] == (True, True)
    assert row[2] not in ("caravan_app", "caravan_dispatch")


async def test_no_role_of_ours_may_bypass_it(owner: Any) -> None:
    rows = await owner.fetch("select rolsuper, rolbypassrls from pg_roles where rolname like 'caravan\\_%'")
    assert rows
    assert {tuple(row) for row in rows} == {(False, False)}


async def test_a_row_for_another_tenant_is_refused(database: SqlDatabase) -> None:
    mine = await new_tenant(database)
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.transaction(mine) as transaction:
            await transaction.connection.exec_driver_sql(
                "insert into client_accounts (client_account_id, name) values ($1, 'x')", (new_id(),)
            )


async def test_a_foreign_key_across_tenants_is_refused(database: SqlDatabase) -> None:
    mine, other = await new_tenant(database), await new_tenant(database)
    crossed = Tenant(client_account_id=mine.client_account_id, engagement_id=other.engagement_id)
    with pytest.raises(DBAPIError, match="foreign key"):
        async with database.transaction(mine) as transaction:
            await transaction.connection.exec_driver_sql(
                "insert into uploads (id, client_account_id, engagement_id, name, artifact_key, sha256, created_by)"
                " values ($1, $2, $3, 'a', 'k', 's', 'ann')",
                (new_id(), crossed.client_account_id, crossed.engagement_id),
            )


def test_every_reference_between_tenant_tables_carries_the_tenant() -> None:
    loose = [
        f"{table.name}.{key.parent.name}"
        for table in metadata.tables.values()
        for constraint in table.foreign_key_constraints
        for key in constraint.elements
        if _is_tenant(table)
        and _is_tenant(key.column.table)
        and "client_account_id" not in constraint.column_keys
    ]
    assert loose == []


def _is_tenant(table: Table) -> bool:
    return "client_account_id" in table.c and table.schema is None


async def test_the_dispatcher_sees_no_business_table(database: SqlDatabase) -> None:
    async def refused(name: str) -> bool:
        async with database.dispatch.connect() as connection:
            try:
                await connection.exec_driver_sql(f"select 1 from {name} limit 1")
            except DBAPIError as error:
                return "permission denied" in str(error)
            return False

    answers = await asyncio.gather(*(refused(name) for name in TENANT_TABLES))
    assert [name for name, is_refused in zip(TENANT_TABLES, answers, strict=True) if not is_refused] == []


async def test_the_application_can_not_rewrite_its_audit_log(database: SqlDatabase) -> None:
    mine = await new_tenant(database)
    for statement in ("update audit_log set actor = 'x'", "delete from audit_log", "truncate audit_log"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with database.transaction(mine) as transaction:
                await transaction.connection.exec_driver_sql(statement)
