"""Rows of a dataset into the index: as written, and once."""

from pathlib import Path
from typing import Any
from uuid import uuid5

import asyncpg
import polars as pl
import pytest
from sqlalchemy.exc import DBAPIError

from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.indexing import BatchReader, copy_batch, find_jobs, text_of
from tests.integration.store.indexed import index, new_job, write
from tests.support.inprocess_platform import new_tenant
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
_BATCH_STATEMENTS = 6  # of which one copies


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


async def test_no_two_rows_of_a_dataset_have_the_same_type_and_key(
    database: SqlDatabase, owner: Any, tmp_path: Path
) -> None:
    tenant = await new_tenant(database)
    frame = pl.DataFrame({"natural_key": ["a", "a"], "name": ["a", "b"]})
    with pytest.raises(DBAPIError, match="duplicate key"):
        await index(database, tenant, await new_job(owner, tenant, 2), frame, tmp_path)


async def test_datasets_of_assets_are_indexed_before_others(database: SqlDatabase, owner: Any) -> None:
    tenant = await new_tenant(database)
    first, assets = [(await new_job(owner, tenant, 1)).id for _ in range(2)]
    await owner.execute("update datasets set assets = false where id = $1", first)
    async with database.transaction(tenant) as transaction:
        assert [job.id for job in await find_jobs(transaction, [first, assets])] == [assets, first]


async def test_a_dataset_that_has_index_rows_is_not_deleted(
    database: SqlDatabase, owner: Any, tmp_path: Path
) -> None:
    tenant = await new_tenant(database)
    job = await new_job(owner, tenant, 1)
    await index(database, tenant, job, pl.DataFrame({"natural_key": ["a"]}), tmp_path)
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await owner.execute("delete from datasets where id = $1", job.id)
