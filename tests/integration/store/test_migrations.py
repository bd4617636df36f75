"""The migrations make exactly the tables that the code describes."""

import asyncio
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from caravan_orchestrator.store.connecting import open_single
from caravan_orchestrator.store.tables import metadata
from caravan_orchestrator.store.upgrade import upgrade_database
from tests.support import PrivatePostgres
from tests.support.postgres import FAST, Database, create_database


async def test_a_migrated_database_has_the_tables_of_the_code(database_urls: Database) -> None:
    app, dispatch = database_urls.as_role("caravan_app"), database_urls.as_role("caravan_dispatch")
    await upgrade_database(database_urls.owner, app, dispatch)
    await upgrade_database(database_urls.owner, app, dispatch)
    engine = open_single(database_urls.owner)
    async with engine.connect() as connection:
        differences = await connection.run_sync(_differences)
    await engine.dispose()
    assert differences == []


async def test_two_databases_of_one_new_server_may_be_migrated_at_once() -> None:
    """Roles are the server's: both find that there are none."""
    server = PrivatePostgres(FAST)
    try:
        await asyncio.to_thread(server.start)
        both = [await asyncio.to_thread(create_database, server.url) for _ in range(2)]
        migrations = (
            upgrade_database(each.owner, each.as_role("caravan_app"), each.as_role("caravan_dispatch"))
            for each in both
        )
        await asyncio.gather(*migrations)
    finally:
        await asyncio.to_thread(server.close)


def _differences(connection: Connection) -> list[Any]:
    options = {"include_schemas": True, "version_table": "schema_version", "compare_type": True}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def test_every_column_of_the_tables_that_carry_a_flow_says_what_it_means() -> None:
    silent = [
        f"{name}.{column.name}"
        for name in ("migration_flows", "phase_attempts", "running.outbox", "running.inbox")
        for column in metadata.tables[name].columns
        if not column.comment and column.name not in _SELF_EXPLAINING
    ]
    assert silent == []


_SELF_EXPLAINING = {"flow_id", "phase", "ended_at", "description", "name", "created_by_user"}
