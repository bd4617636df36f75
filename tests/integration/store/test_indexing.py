"""Rows of a dataset into the index and the asset table: as written, once, and only what changed."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import asyncpg
import polars as pl
import pytest
from sqlalchemy.exc import DBAPIError

from caravan_common.contracts import Tenant, new_id
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.fold import REFOLD_DIFFERENCE, fold
from caravan_orchestrator.store.indexing import BatchReader, IndexJob, copy_batch, finish_jobs, text_of
from tests.support.inprocess_platform import migrated, new_tenant
from tests.support.postgres import Database
from tests.support.statements import statements

# What COPY, its quotes, its null and arrays could take for something else.
_NASTY = (
    *(
        "a",
        '"',
        "\\N",
        "\\.",
        "\\",
        '\\"',
        "tab\there",
        "line\nbreak",
        "carriage\rreturn",
        "\x01",
        "a\x01\tb",
        "\x02",
    ),
    *("", " lead", "ünï", "{x}", "a,b", "NULL", "null", "'"),
)
_ONE_ASSET = pl.DataFrame({"natural_key": ["one"], "name": ["one"]})
_BATCH_STATEMENTS = 6  # of which one copies


@pytest.fixture
async def database(database_urls: Database) -> AsyncIterator[SqlDatabase]:
    opened = await migrated(database_urls)
    yield opened
    await opened.dispose()


@pytest.fixture
async def owner(database: SqlDatabase, database_urls: Database) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(database_urls.owner)
    yield connection
    await connection.close()


async def new_job(owner: Any, tenant: Tenant, rows: int) -> IndexJob:
    """A dataset of assets, active in a flow of its own. Its attempt is left out."""
    flow, dataset, attempt = new_id(), new_id(), new_id()
    who = (tenant.client_account_id, tenant.engagement_id)
    await owner.execute("set session_replication_role = replica")
    await owner.execute(
        "insert into migration_flows (id, client_account_id, engagement_id, flow_type, definition_version, name,"
        " status, estate_id) values ($1, $2, $3, 'discovery', '1.0.0', 'f', 'completed', $1)",
        *(flow, *who),
    )
    await owner.execute(
        "insert into flow_phases (flow_id, position, client_account_id, engagement_id, name, status,"
        " active_attempt_id) values ($1, 0, $2, $3, 'inventory', 'completed', $4)",
        *(flow, *who, attempt),
    )
    await owner.execute(
        "insert into datasets (id, client_account_id, engagement_id, flow_id, attempt_id, phase, name, version,"
        " artifact_key, sha256, index, rows, assets) values ($1, $2, $3, $4, $5, 'inventory', 'assets', 1, 'k', 's',"
        " 'rows', $6, true)",
        *(dataset, *who, flow, attempt, rows),
    )
    await owner.execute("set session_replication_role = origin")
    return IndexJob(dataset, "assets", "asset", "k", rows, 0, assets=True, estate_id=flow)


def write(folder: Path, frame: pl.DataFrame) -> Path:
    path = folder / f"{new_id()}.parquet"
    frame.write_parquet(path)
    return path


async def index(
    database: SqlDatabase, tenant: Tenant, job: IndexJob, frame: pl.DataFrame, folder: Path
) -> None:
    async with database.transaction(tenant) as transaction:
        await copy_batch(transaction, text_of(job, write(folder, frame)), [job])
        await finish_jobs(transaction, [job])


async def fold_anew(database: SqlDatabase, tenant: Tenant, estate: UUID) -> None:
    async with database.transaction(tenant) as transaction:
        await fold(transaction, estate)


async def terms(owner: Any, tenant: Tenant) -> list[str]:
    sql = "select term from search_terms where engagement_id = $1 order by term"
    return [row[0] for row in await owner.fetch(sql, tenant.engagement_id)]


async def test_every_text_comes_out_of_the_index_as_it_was_written(
    database: SqlDatabase, owner: Any, tmp_path: Path
) -> None:
    tenant = await new_tenant(database)
    job = await new_job(owner, tenant, len(_NASTY))
    frame = pl.DataFrame(
        {
            "natural_key": _NASTY,
            "entity_type": [f"t{text}" for text in _NASTY],
            "name": _NASTY,
            "source_entities": [[text, None, "x"] if i % 3 else [] for i, text in enumerate(_NASTY)],
            "transformation_log": [None, '["x\\ty"]'] * 10,
            "quality_score": [None, 0.1, float("nan"), 1e300, 1.0] * 4,
        }
    )
    await index(database, tenant, job, frame, tmp_path)
    found = await owner.fetch(
        "select natural_key, entity_type, data::jsonb->>'name' as name, source_entities, transformation_log::text,"
        " quality_score, id, asset_id from flow_data_entities where dataset_id = $1 order by row_number",
        job.id,
    )
    read = pl.DataFrame([dict(list(row.items())[:6]) for row in found], schema=frame.schema, orient="row")
    assert read.equals(frame)
    assert [row["id"] for row in found] == [uuid5(job.id, key) for key in _NASTY]
    assert [row["asset_id"] for row in found] == [uuid5(job.estate_id, key) for key in _NASTY]


async def test_a_batch_that_another_indexer_has_copied_is_left_out(
    database: SqlDatabase, owner: Any, tmp_path: Path
) -> None:
    tenant = await new_tenant(database)
    job = await new_job(owner, tenant, 3)
    path = write(tmp_path, pl.DataFrame({"natural_key": ["a", "b", "c"], "name": ["a", "b", "c"]}))
    for _ in range(2):
        batch = BatchReader(job, path).next_batch()
        assert batch is not None
        async with database.transaction(tenant) as transaction:
            await copy_batch(transaction, batch.text, [job], progress=batch.end)
    counted = "select count(*) from flow_data_entities where dataset_id = $1"
    assert await owner.fetchval(counted, job.id) == 3
    assert await owner.fetchval("select indexed_rows from datasets where id = $1", job.id) == 3


async def test_a_batch_takes_the_same_few_statements_however_many_rows_it_has(
    database: SqlDatabase, owner: Any, tmp_path: Path
) -> None:
    tenant = await new_tenant(database)
    job = await new_job(owner, tenant, 1000)
    text = text_of(job, write(tmp_path, pl.DataFrame({"natural_key": [str(i) for i in range(1000)]})))
    with statements(database.app) as sent:
        async with database.transaction(tenant) as transaction:
            await copy_batch(transaction, text, [job], progress=1000)
    # And the one that names the tenant; what copies is none that is seen here.
    assert len(sent) == _BATCH_STATEMENTS
    assert (
        await owner.fetchval("select count(*) from flow_data_entities where dataset_id = $1", job.id) == 1000
    )


@pytest.mark.parametrize("table", ["flow_data_entities", "search_terms"])
async def test_rows_that_belong_to_nothing_of_their_tenant_are_refused(
    database: SqlDatabase, owner: Any, table: str
) -> None:
    mine, other = await new_tenant(database), await new_tenant(database)
    job = await new_job(owner, other, 1)
    insert = {
        "flow_data_entities": "insert into flow_data_entities (client_account_id, engagement_id, dataset_id,"
        " row_number, id, flow_id, entity_type, natural_key, data) values ($1, $2, $3, 0, $3, $3, 't', 'k', '{}')",
        "search_terms": "insert into search_terms (client_account_id, engagement_id, entity_id, term, entity_kind)"
        " values ($1, $2, $3, 'x', 'asset')",
    }[table]
    with pytest.raises(DBAPIError, match="foreign key"):
        async with database.transaction(mine) as transaction:
            await transaction.connection.exec_driver_sql(
                insert, (mine.client_account_id, other.engagement_id, job.id)
            )


async def test_a_dataset_that_has_index_rows_is_not_deleted(
    database: SqlDatabase, owner: Any, tmp_path: Path
) -> None:
    tenant = await new_tenant(database)
    job = await new_job(owner, tenant, 1)
    await index(database, tenant, job, pl.DataFrame({"natural_key": ["a"]}), tmp_path)
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await owner.execute("delete from datasets where id = $1", job.id)


async def test_a_fold_writes_what_changed_and_nothing_else(
    database: SqlDatabase, owner: Any, tmp_path: Path
) -> None:
    tenant = await new_tenant(database)
    keys = [f"k{i}" for i in range(50)]
    frame = pl.DataFrame({"natural_key": keys, "name": [f"web-{i}" for i in range(50)]})
    job = await new_job(owner, tenant, 50)
    await index(database, tenant, job, frame, tmp_path)
    await fold_anew(database, tenant, job.estate_id)
    places = "select ctid, xmin, xmax from {} where engagement_id = $1 order by ctid"
    before = [await owner.fetch(places.format(t), tenant.engagement_id) for t in ("assets", "search_terms")]
    await fold_anew(database, tenant, job.estate_id)
    assert before == [
        await owner.fetch(places.format(t), tenant.engagement_id) for t in ("assets", "search_terms")
    ]
    await owner.execute(
        "update flow_data_entities set data = '{\"name\":\"db-7\"}' where dataset_id = $1 and natural_key = 'k7'",
        job.id,
    )
    await fold_anew(database, tenant, job.estate_id)
    changed = await owner.fetch(
        "select name from assets where engagement_id = $1 and updated_at ="
        " (select max(updated_at) from assets where engagement_id = $1)",
        tenant.engagement_id,
    )
    assert [row["name"] for row in changed] == ["db-7"]
    found = await terms(owner, tenant)
    assert "db-7" in found
    assert "web-7" not in found
    assert len(found) == 100
    await owner.execute(
        "delete from flow_data_entities where dataset_id = $1 and natural_key = 'k11'", job.id
    )
    await fold_anew(database, tenant, job.estate_id)
    assert "web-11" not in await terms(owner, tenant)
    async with database.transaction(tenant) as transaction:
        [difference] = await transaction.run_long(REFOLD_DIFFERENCE, job.estate_id)
    assert dict(difference) == {"missing": 0, "extra": 0, "assets": 49}


async def test_of_terms_that_begin_alike_the_longest_is_kept(
    database: SqlDatabase, owner: Any, tmp_path: Path
) -> None:
    tenant = await new_tenant(database)
    job = await new_job(owner, tenant, 1)
    names = {"name": ["Shop-DB-01"], "hostname": ["shop-db-01"], "fqdn": ["shop-db-01.corp"]}
    frame = pl.DataFrame({"natural_key": ["a"], **names, "application_name": ["Shop"]})
    await index(database, tenant, job, frame, tmp_path)
    await fold_anew(database, tenant, job.estate_id)
    assert await terms(owner, tenant) == ["01", "db", "shop-db-01.corp"]


@pytest.mark.parametrize("statistics", ["none or later", "of a time before the estate"])
async def test_neither_fold_nor_terms_compare_all_with_all_whatever_the_statistics(
    statistics: str, database: SqlDatabase, owner: Any, tmp_path: Path
) -> None:
    """A second fold after the first, before autovacuum has come by: what is looked up once an asset has an index."""
    tenant = await new_tenant(database)
    if statistics.startswith("of"):
        await index(database, tenant, await new_job(owner, tenant, 1), _ONE_ASSET, tmp_path)
        await owner.execute("vacuum (analyze) assets, search_terms, flow_data_entities")
    job = await new_job(owner, tenant, 2000)
    keys = [f"{i:05}" for i in range(2000)]
    await index(
        database,
        tenant,
        job,
        pl.DataFrame({"natural_key": keys, "name": [f"web-{k}" for k in keys]}),
        tmp_path,
    )
    await fold_anew(database, tenant, job.estate_id)
    await owner.execute('update flow_data_entities set data = \'{"name":"x"}\' where dataset_id = $1', job.id)
    async with database.transaction(tenant) as transaction:
        told = await fold(transaction, job.estate_id, prefix="explain (analyze, format json) ")
    assert max(_most_read(rows[0][0][0]["Plan"]) for rows in told) <= 20 * 2000


def _most_read(plan: Mapping[str, Any]) -> float:
    """The most rows that one step has looked at."""
    kinds = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter")
    looked_at = sum(plan.get(kind, 0) for kind in kinds) * plan["Actual Loops"]
    return float(max([looked_at, *(_most_read(child) for child in plan.get("Plans", ()))]))
