"""Index rows into PostgreSQL, through a temporary table: COPY is refused under row-level security."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import polars as pl

from caravan_common.phases.entities import ENTITY_BATCH_ROWS, iter_entities
from caravan_orchestrator.store.database import SqlTransaction

_COLUMNS = (
    "dataset_id",
    "row_number",
    "id",
    "asset_id",
    "entity_type",
    "natural_key",
    "data",
    "source_entities",
    "transformation_log",
    "quality_score",
)
_BATCH_TABLE = """
create temporary table entity_batch (dataset_id uuid, row_number bigint, id uuid, asset_id uuid, entity_type text,
  natural_key text, data json, source_entities text[], transformation_log json, quality_score float8) on commit drop
"""
_COPY = """
insert into flow_data_entities (dataset_id, row_number, client_account_id, engagement_id, id, asset_id, flow_id,
  entity_type, natural_key, data, source_entities, transformation_log, quality_score)
select d.id, b.row_number, d.client_account_id, d.engagement_id, b.id, b.asset_id, d.flow_id,
  b.entity_type, b.natural_key, b.data, b.source_entities, b.transformation_log, b.quality_score
from entity_batch b join datasets d on d.id = b.dataset_id
on conflict (dataset_id, row_number) do nothing
"""
_FIND = """
select d.id, d.name, d.entity_type, d.artifact_key, d.rows, d.indexed_rows, d.assets, f.estate_id
from datasets d join migration_flows f on f.id = d.flow_id
where d.id = any($1) and d.indexed_at is null order by d.id
"""
_FINISH = "update datasets set indexed_at = now(), indexed_rows = rows where id = any($1)"
# In the same transaction: the asset table of the estate no longer fits what is active.
_ASK_FOR_FOLD = """
insert into running.due (kind, id, flow_id, client_account_id, engagement_id, at)
select distinct on (f.estate_id) 'fold', f.estate_id, f.id, f.client_account_id, f.engagement_id, now()
from datasets d join migration_flows f on f.id = d.flow_id where d.id = any($1) and d.assets
on conflict (kind, id) do update set at = now(), generation = due.generation + 1
"""


@dataclass(frozen=True)
class IndexJob:
    """A dataset to be indexed, from the row after the last batch that was committed."""

    id: UUID
    name: str
    entity_type: str | None
    artifact_key: str
    rows: int
    indexed_rows: int
    assets: bool
    estate_id: UUID


class BatchReader:
    """Reads a dataset by batches; `position` is the number of the row after the last one read."""

    def __init__(self, job: IndexJob, path: Path) -> None:
        self._job, self.position = job, job.indexed_rows
        self._batches = iter_entities(path, job, batch=ENTITY_BATCH_ROWS, start=job.indexed_rows)

    def next_records(self) -> list[tuple[Any, ...]]:
        """Empty at the end."""
        frame = next(self._batches, None)
        if frame is None:
            return []
        self.position += frame.height
        return _records(self._job, frame)


def records_of(job: IndexJob, path: Path) -> list[tuple[Any, ...]]:
    """All rows of a small dataset."""
    return [record for frame in iter_entities(path, job) for record in _records(job, frame)]


def _records(job: IndexJob, frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    """Ids are UUIDv5 of dataset and key: made here, so that datasets hold none."""
    keys = frame["natural_key"].to_list()
    ids = [uuid5(job.id, key) for key in keys]
    assets = [uuid5(job.estate_id, key) for key in keys] if job.assets else [None] * len(keys)
    rest = [frame[name].to_list() for name in _COLUMNS[4:]]
    return list(zip([job.id] * len(keys), frame["row_number"].to_list(), ids, assets, *rest, strict=True))


async def find_jobs(transaction: SqlTransaction, dataset_ids: Collection[UUID]) -> list[IndexJob]:
    """Those of the datasets that are not indexed yet."""
    rows = (await transaction.connection.exec_driver_sql(_FIND, (list(dataset_ids),))).mappings()
    return [IndexJob(**row) for row in rows]


async def copy_batch(
    transaction: SqlTransaction, records: Sequence[tuple[Any, ...]], progress: tuple[UUID, int] | None = None
) -> None:
    """`progress`: the dataset and how many of its rows are now in the index."""
    connection = transaction.connection
    await connection.exec_driver_sql(_BATCH_TABLE)
    raw = await connection.get_raw_connection()
    assert raw.driver_connection is not None
    await raw.driver_connection.copy_records_to_table("entity_batch", records=records, columns=_COLUMNS)
    await connection.exec_driver_sql(_COPY)
    if progress is not None:
        await connection.exec_driver_sql("update datasets set indexed_rows = $2 where id = $1", progress)


async def finish_jobs(transaction: SqlTransaction, jobs: Sequence[IndexJob]) -> None:
    """The datasets are visible from here on; estates whose assets they hold are folded anew."""
    ids = [job.id for job in jobs]
    await transaction.connection.exec_driver_sql(_FINISH, (ids,))
    if any(job.assets for job in jobs):
        await transaction.connection.exec_driver_sql(_ASK_FOR_FOLD, (ids,))
