"""The shared database, migrated."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from caravan_orchestrator.store.database import SqlDatabase
from tests.support import Database
from tests.support.inprocess_platform import migrated


@pytest.fixture
async def database(database_urls: Database) -> AsyncIterator[SqlDatabase]:
    opened = await migrated(database_urls)
    yield opened
    await opened.dispose()


@pytest.fixture
async def owner(database: SqlDatabase, database_urls: Database) -> AsyncIterator[Any]:
    """What a test has made up can't be carried out by others, so it does not stay due."""
    connection = await asyncpg.connect(database_urls.owner)
    yield connection
    await connection.execute("delete from running.due where kind in ('index', 'fold')")
    await connection.close()
