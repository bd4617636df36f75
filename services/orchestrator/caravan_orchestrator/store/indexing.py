"""Index rows into PostgreSQL, through a temporary table: COPY is refused under row-level security.

A batch is worded column by column, as the text that COPY reads: a row is never an object of Python.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha1
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

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
# JSON holds none of these as they are, so hardly a field needs quotes. `\\N` is null but where a text must stand.
_SEPARATOR, _QUOTE, _NULL = "\t", "\x01", "\\N"
_NEVER_NULL = ("entity_type", "natural_key", "data", "source_entities")
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}
# What is lost with the server is copied anew: what says that it was copied is lost with it, or before it.
_SETTINGS = "select set_config('synchronous_commit', 'off', true), set_config('work_mem', '64MB', true)"
_BATCH_TABLE = """
create temporary table entity_batch (dataset_id uuid, row_number bigint, id uuid, asset_id uuid, entity_type text,
  natural_key text, data json, source_entities text[], transformation_log json, quality_score float8) on commit drop
"""
# Two indexers at one dataset take turns, and each leaves out what the other has copied.
_LOCK = "select id from datasets where id = any($1) order by id for no key update"
_COPY = """
insert into flow_data_entities (dataset_id, row_number, client_account_id, engagement_id, id, asset_id, flow_id,
  entity_type, natural_key, data, source_entities, transformation_log, quality_score)
select d.id, b.row_number, d.client_account_id, d.engagement_id, b.id, b.asset_id, d.flow_id,
  b.entity_type, b.natural_key, b.data, b.source_entities, b.transformation_log, b.quality_score
from entity_batch b join datasets d on d.id = b.dataset_id
where d.id = any($1) and d.indexed_at is null and b.row_number >= d.indexed_rows
"""
_PROGRESS = "update datasets set indexed_rows = greatest(indexed_rows, $2) where id = $1"
_FIND = """
select d.id, d.name, d.entity_type, d.artifact_key, d.rows, d.indexed_rows, d.assets, f.estate_id
from datasets d join migration_flows f on f.id = d.flow_id
where d.id = any($1) and d.indexed_at is null order by d.assets desc, d.id
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


class Batch(NamedTuple):
    """Rows as COPY reads them, and the number of the row after the last of them."""

    text: bytes
    end: int


class BatchReader:
    """Reads a dataset by batches."""

    def __init__(self, job: IndexJob, path: Path) -> None:
        self._job, self._position = job, job.indexed_rows
        self._batches = iter_entities(path, job, batch=ENTITY_BATCH_ROWS, start=job.indexed_rows)

    def next_batch(self) -> Batch | None:
        """None at the end."""
        frame = next(self._batches, None)
        if frame is None:
            return None
        self._position += frame.height
        return Batch(_worded(self._job, frame), self._position)


def text_of(job: IndexJob, path: Path) -> bytes:
    """All rows of a small dataset."""
    return b"".join(_worded(job, frame) for frame in iter_entities(path, job))


def _worded(job: IndexJob, frame: pl.DataFrame) -> bytes:
    """`frame`: as `iter_entities` yields it. Ids are made here, so that datasets hold none."""
    keys = frame["natural_key"]
    nobody = pl.repeat(None, len(keys), dtype=pl.String, eager=True)
    rows = frame.with_columns(
        pl.lit(str(job.id)).alias("dataset_id"),
        uuid5_texts(job.id, keys).alias("id"),
        (uuid5_texts(job.estate_id, keys) if job.assets else nobody).alias("asset_id"),
        _array_text(frame["source_entities"]),
    )
    return (
        rows.select(_COLUMNS)
        .write_csv(
            include_header=False,
            separator=_SEPARATOR,
            quote_char=_QUOTE,
            null_value=_NULL,
            quote_style="necessary",
        )
        .encode()
    )


def uuid5_texts(namespace: UUID, names: pl.Series) -> pl.Series:
    """UUIDv5 of each name (RFC 9562, section 5.5) as 32 hexadecimal digits: SHA-1 with version and variant set."""
    prefix = namespace.bytes
    digests = [sha1(prefix + name.encode(), usedforsecurity=False).hexdigest() for name in names]
    digest = pl.col("digest").str
    variant = digest.slice(16, 1).replace_strict(_VARIANT)
    parts = (digest.slice(0, 12), pl.lit("5"), digest.slice(13, 3), variant, digest.slice(17, 15))
    return (
        pl.DataFrame({"digest": digests}, schema={"digest": pl.String})
        .select(pl.concat_str(parts))
        .to_series()
    )


def _array_text(lists: pl.Series) -> pl.Series:
    """A list column as PostgreSQL writes arrays of text."""
    if not lists.list.len().sum():
        return pl.repeat("{}", len(lists), dtype=pl.String, eager=True).alias(lists.name)
    escaped = pl.element().str.replace_all(r'(["\\])', r"\$1")
    quoted = pl.format('"{}"', escaped).fill_null("NULL")
    items = pl.col(lists.name).list.eval(quoted).list.join(",")
    return lists.to_frame().select(pl.format("{{{}}}", items).alias(lists.name)).to_series()


async def find_jobs(transaction: SqlTransaction, dataset_ids: Collection[UUID]) -> list[IndexJob]:
    """Those of the datasets that are not indexed yet; those of assets first, for the fold follows them."""
    rows = (await transaction.connection.exec_driver_sql(_FIND, (list(dataset_ids),))).mappings()
    return [IndexJob(**row) for row in rows]


async def copy_batch(
    transaction: SqlTransaction, text: bytes, jobs: Collection[IndexJob], progress: int | None = None
) -> None:
    """`text` holds rows of these jobs. `progress`: how many rows of the only job are now in the index."""
    run = transaction.connection.exec_driver_sql
    ids = [job.id for job in jobs]
    await run(_SETTINGS)
    await run(_LOCK, (ids,))
    await run(_BATCH_TABLE)
    raw = await transaction.connection.get_raw_connection()
    assert raw.driver_connection is not None
    await raw.driver_connection.copy_to_table(
        "entity_batch",
        source=BytesIO(text),
        columns=_COLUMNS,
        format="csv",
        delimiter=_SEPARATOR,
        quote=_QUOTE,
        null=_NULL,
        force_not_null=_NEVER_NULL,
        encoding="utf-8",
    )
    await run(_COPY, (ids,))
    if progress is not None:
        await run(_PROGRESS, (*ids, progress))


async def finish_jobs(transaction: SqlTransaction, jobs: Sequence[IndexJob]) -> None:
    """The datasets are visible from here on; estates whose assets they hold are folded anew."""
    ids = [job.id for job in jobs]
    await transaction.connection.exec_driver_sql(_FINISH, (ids,))
    if any(job.assets for job in jobs):
        await transaction.connection.exec_driver_sql(_ASK_FOR_FOLD, (ids,))
