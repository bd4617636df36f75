"""An orchestrator that comes up before the migrations of its version are through waits for them."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from caravan_orchestrator.store.database import make_engine
from caravan_orchestrator.store.schema import SchemaIsOlder, newest_revision, require_schema
from caravan_orchestrator.store.upgrade import revisions, upgrade_database
from tests.support.command import clean_environment
from tests.support.postgres import Database, create_database
from tests.support.program import ROOT


@pytest.fixture
def urls(database_urls: Database) -> Iterator[Database]:
    """A database of its own without any table."""
    made = create_database(database_urls.owner)
    yield made
    made.close()


async def migrate(urls: Database, revision: str = "head") -> None:
    await upgrade_database(
        urls.owner, urls.as_role("caravan_app"), urls.as_role("caravan_dispatch"), revision
    )


def test_the_newest_revision_is_that_of_the_migrations() -> None:
    assert newest_revision() == revisions()[0]


async def test_an_older_schema_is_refused_and_a_newer_one_is_not(urls: Database) -> None:
    await migrate(urls, revisions()[1])
    engine = make_engine(urls.as_role("caravan_app"))
    with pytest.raises(SchemaIsOlder, match="run `caravan db upgrade`"):
        await require_schema(engine)
    await migrate(urls)
    await require_schema(engine)
    owner = make_engine(urls.owner)
    async with owner.begin() as connection:
        await connection.exec_driver_sql("update schema_version set version_num = '9999'")
    await owner.dispose()
    await require_schema(engine)
    await engine.dispose()


async def test_the_process_waits_and_goes_on_by_itself(urls: Database, tmp_path: Path) -> None:
    await migrate(urls, revisions()[1])
    settings = {
        "CARAVAN_DATABASE_URL": urls.as_role("caravan_app"),
        "CARAVAN_DATABASE_DISPATCH_URL": urls.as_role("caravan_dispatch"),
        "CARAVAN_AMQP_URL": "amqp://nobody@127.0.0.1:1/",
        "CARAVAN_ARTIFACTS_URL": (tmp_path / "store").as_uri(),
        "CARAVAN_DATA_DIR": str(tmp_path),
        "CARAVAN_PORT": "0",
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "caravan_orchestrator",
        cwd=ROOT,
        env=clean_environment(**settings),
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None

    async def said(words: bytes) -> None:
        assert process.stderr is not None
        while words not in (line := await asyncio.wait_for(process.stderr.readline(), 60)):
            assert line, f"it ended without {words!r}"

    try:
        await said(b"caravan db upgrade")
        await migrate(urls)
        await said(b'"what":"broker"')
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), 30)
        assert process.returncode == 0
    finally:
        if process.returncode is None:
            process.kill()
