"""A large dataset's rows and fold let a running phase of their flow go first: for a while, and nobody else waits."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import polars as pl
import pytest

from caravan_common.artifacts import ArtifactStore
from caravan_common.contracts import Tenant, new_id
from caravan_orchestrator.loops.folding import Folding
from caravan_orchestrator.loops.indexer import Indexer
from caravan_orchestrator.store import fold as folds
from caravan_orchestrator.store import indexing, yielding
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.dispatch import Dispatch
from caravan_orchestrator.store.indexing import IndexJob
from caravan_orchestrator.store.yielding import find_waiting
from tests.integration.store.indexed import new_job
from tests.support.inprocess_platform import migrated, new_tenant
from tests.support.postgres import Database

_ROWS = 600


@pytest.fixture
async def database(database_urls: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SqlDatabase]:
    monkeypatch.setattr(yielding, "LARGE", _ROWS)
    monkeypatch.setattr(folds, "LARGE", _ROWS)
    opened = await migrated(database_urls)
    yield opened
    await opened.dispose()


@pytest.fixture
async def owner(database: SqlDatabase, database_urls: Database) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(database_urls.owner)
    await connection.execute("delete from running.due")
    yield connection
    await connection.execute("delete from running.due")
    await connection.close()


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore.open((tmp_path / "artifacts").as_uri())


async def _due(owner: Any, tenant: Tenant, rows: int, store: ArtifactStore, folder: Path) -> IndexJob:
    """A dataset that is due for the index, in a flow of its own."""
    job = await new_job(owner, tenant, rows)
    path = folder / f"{job.id}.parquet"
    pl.DataFrame({"natural_key": [f"k{n:04}" for n in range(rows)], "name": ["n"] * rows}).write_parquet(path)
    store.put_file(str(job.id), path)
    await owner.execute(
        "update datasets set artifact_key = id::text, entity_type = 'asset' where id = $1", job.id
    )
    await owner.execute(
        "insert into running.due (kind, id, flow_id, client_account_id, engagement_id, at)"
        " values ('index', $1, $2, $3, $4, now())",
        *(job.id, job.estate_id, tenant.client_account_id, tenant.engagement_id),
    )
    return job


async def _begin_phase(owner: Any, tenant: Tenant, job: IndexJob) -> None:
    await owner.execute("set session_replication_role = replica")
    await owner.execute(
        "insert into phase_attempts (id, client_account_id, engagement_id, flow_id, kind, phase, sequence, status)"
        " values ($1, $2, $3, $4, 'execute', 'dependencies', 1, 'running')",
        *(new_id(), tenant.client_account_id, tenant.engagement_id, job.estate_id),
    )
    await owner.execute("set session_replication_role = origin")


async def _end_phase(owner: Any, job: IndexJob) -> None:
    await owner.execute("update phase_attempts set status = 'succeeded' where flow_id = $1", job.estate_id)


async def _make_due(owner: Any) -> None:
    await owner.execute("update running.due set at = now()")


async def _kinds_due(owner: Any, job: IndexJob) -> list[str]:
    sql = "select kind from running.due where id in ($1, $2) order by 1"
    return [row[0] for row in await owner.fetch(sql, job.id, job.estate_id)]


async def _indexed(owner: Any, job: IndexJob) -> int:
    sql = "select count(*) from flow_data_entities where dataset_id = $1"
    return int(await owner.fetchval(sql, job.id))


async def test_rows_of_a_large_dataset_wait_while_a_phase_of_its_flow_runs_and_others_do_not(
    database: SqlDatabase, owner: Any, store: ArtifactStore, tmp_path: Path
) -> None:
    tenant = await new_tenant(database)
    large, small, resting = [await _due(owner, tenant, n, store, tmp_path) for n in (_ROWS, 3, _ROWS)]
    for job in (large, small):
        await _begin_phase(owner, tenant, job)
    indexer = Indexer(Dispatch(database.dispatch), database, store, lambda _: None)

    await indexer.step()

    assert [await _indexed(owner, job) for job in (large, small, resting)] == [0, 3, _ROWS]
    assert await _kinds_due(owner, large) == ["index"]
    soon = "select at < now() + interval '3 seconds' from running.due where id = $1"
    assert await owner.fetchval(soon, large.id)

    await _end_phase(owner, large)
    await _make_due(owner)
    await indexer.step()

    assert await _indexed(owner, large) == _ROWS
    assert await _kinds_due(owner, large) == ["fold"]


async def test_a_phase_that_begins_meanwhile_stops_after_the_batch_and_what_was_copied_stays(
    database: SqlDatabase, owner: Any, store: ArtifactStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = await new_tenant(database)
    job = await _due(owner, tenant, _ROWS, store, tmp_path)
    monkeypatch.setattr(indexing, "ENTITY_BATCH_ROWS", 200)
    indexer = Indexer(Dispatch(database.dispatch), database, store, lambda _: None)
    copied = indexing.copy_batch

    async def copy_and_begin(*arguments: Any, **options: Any) -> None:
        await copied(*arguments, **options)
        await _begin_phase(owner, tenant, job)

    with monkeypatch.context() as patched:
        patched.setattr("caravan_orchestrator.loops.indexer.copy_batch", copy_and_begin)
        await indexer.step()

    assert await _indexed(owner, job) == 200

    await _end_phase(owner, job)
    await _make_due(owner)
    await indexer.step()

    assert await _indexed(owner, job) == _ROWS


async def test_nobody_waits_longer_than_a_minute(
    database: SqlDatabase, owner: Any, store: ArtifactStore, tmp_path: Path
) -> None:
    tenant = await new_tenant(database)
    job = await _due(owner, tenant, _ROWS, store, tmp_path)
    await _begin_phase(owner, tenant, job)
    async with database.transaction(tenant) as transaction:
        assert await find_waiting(transaction, [job.id]) == {job.id}

    await owner.execute(
        "update datasets set created_at = now() - interval '61 seconds' where id = $1", job.id
    )

    async with database.transaction(tenant) as transaction:
        assert await find_waiting(transaction, [job.id]) == set()


async def test_the_fold_of_a_large_new_estate_waits_for_a_phase_and_no_longer_than_a_minute(
    database: SqlDatabase, owner: Any, store: ArtifactStore, tmp_path: Path
) -> None:
    tenant = await new_tenant(database)
    jobs = [await _due(owner, tenant, _ROWS, store, tmp_path) for _ in range(2)]
    await Indexer(Dispatch(database.dispatch), database, store, lambda _: None).step()
    for job in jobs:
        await _begin_phase(owner, tenant, job)
    folding = Folding(Dispatch(database.dispatch), database)
    assets = "select count(*) from assets where estate_id = $1"

    while await folding.step():
        pass

    assert [await owner.fetchval(assets, job.estate_id) for job in jobs] == [0, 0]
    assert await _kinds_due(owner, jobs[0]) == ["fold"]

    await _end_phase(owner, jobs[0])
    await owner.execute(
        "update datasets set indexed_at = now() - interval '61 seconds' where id = $1", jobs[1].id
    )
    await _make_due(owner)
    while await folding.step():
        pass

    assert [await owner.fetchval(assets, job.estate_id) for job in jobs] == [_ROWS, _ROWS]
    assert await _kinds_due(owner, jobs[0]) == []
