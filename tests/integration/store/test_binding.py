"""A database knows its artifact store: an orchestrator with another one does not start."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from caravan_common.artifacts import STORE_MARK, ArtifactStore
from caravan_orchestrator.store.binding import StoreIsOfAnother, bind_store, bound_store
from caravan_orchestrator.store.database import SqlDatabase
from tests.support.command import clean_environment
from tests.support.inprocess_platform import migrated
from tests.support.postgres import Database, create_database
from tests.support.program import ROOT


def store_in(folder: Path) -> ArtifactStore:
    return ArtifactStore.open(folder.as_uri())


@pytest.fixture
async def urls(database_urls: Database) -> AsyncIterator[Database]:
    """An empty database: which store is its own is decided by the first who asks."""
    database = await asyncio.to_thread(create_database, database_urls.owner)
    yield database
    await asyncio.to_thread(database.close)


@pytest.fixture
async def database(urls: Database) -> AsyncIterator[SqlDatabase]:
    sql = await migrated(urls)
    yield sql
    await sql.dispose()


async def test_of_several_that_start_at_once_all_have_the_same_store(
    database: SqlDatabase, tmp_path: Path
) -> None:
    assert await bound_store(database.dispatch) is None
    found = await asyncio.gather(*(bind_store(database.dispatch, store_in(tmp_path)) for _ in range(5)))
    assert set(found) == {await bound_store(database.dispatch)}


async def test_another_store_and_an_empty_one_are_refused(database: SqlDatabase, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    bound = await bind_store(database.dispatch, store_in(ours))
    with pytest.raises(StoreIsOfAnother, match="empty, new, or not mounted"):
        await bind_store(database.dispatch, store_in(theirs))
    store_in(theirs).put_bytes(STORE_MARK, b"018f0000-0000-7000-8000-000000000000")
    with pytest.raises(StoreIsOfAnother, match="018f0000"):
        await bind_store(database.dispatch, store_in(theirs))
    assert await bind_store(database.dispatch, store_in(ours)) == bound


async def test_an_orchestrator_with_another_store_ends_with_a_sentence(
    database: SqlDatabase, urls: Database, tmp_path: Path
) -> None:
    await bind_store(database.dispatch, store_in(tmp_path / "ours"))
    settings = {
        "CARAVAN_DATABASE_URL": urls.as_role("caravan_app"),
        "CARAVAN_DATABASE_DISPATCH_URL": urls.as_role("caravan_dispatch"),
        "CARAVAN_AMQP_URL": "amqp://nobody@127.0.0.1:1/",
        "CARAVAN_ARTIFACTS_URL": (tmp_path / "theirs").as_uri(),
        "CARAVAN_DATA_DIR": str(tmp_path),
        "CARAVAN_PORT": "0",
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
    }
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "caravan_orchestrator"],
        cwd=ROOT,
        env=clean_environment(**settings),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 4
    assert "is not the one of this database" in done.stderr
    assert "Traceback" not in done.stderr
