"""Reads the columns of an estate: one COPY, taken apart by a thread beside the event loop."""

import asyncio
import io
from typing import Any
from uuid import UUID

import polars as pl

from caravan_common.contracts.attributes import BY_NAME
from caravan_orchestrator.store.columns.estate import Column, EstateColumns, Ranks, narrow
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.reads.assets_sorted import SORTED_BY
from caravan_orchestrator.store.reads.facets import FACETS

# In the order of the list. A value begins with a sign of its own, so that none can be taken for null.
_COPIED = """
select encode(uuid_send(id), 'hex'), '=' || name, {columns} from assets
where engagement_id = '{engagement}' and estate_id = '{estate}' order by name, id
"""
# Only sorted by: each a number, moments in seconds.
_NUMBERS = tuple(name for name in SORTED_BY if name not in ("name", *FACETS))
_MOMENTS = {name: f"extract(epoch from {name})" for name in _NUMBERS if BY_NAME[name].dtype == "Datetime"}
_COLUMNS = ", ".join(
    [
        *(f"'=' || {name}::text" for name in FACETS),
        *(f"{_MOMENTS.get(name, name)}::text" for name in _NUMBERS),
    ]
)
_BOOLEANS = {"=true": True, "=false": False}
_SECONDS = 60


async def read_columns(transaction: SqlTransaction, estate: UUID, version: int) -> EstateColumns:
    """As the transaction sees the estate; that it is of this version, who calls makes sure."""
    raw: Any = (await transaction.connection.get_raw_connection()).driver_connection
    written = io.BytesIO()
    # Ids are the only arguments, and COPY takes none.
    query = _COPIED.format(columns=_COLUMNS, engagement=transaction.tenant.engagement_id, estate=estate)
    await raw.copy_from_query(query, output=written, format="csv", timeout=_SECONDS)
    return await asyncio.to_thread(_columns, version, written.getbuffer())


def _columns(version: int, written: memoryview) -> EstateColumns:
    names = ("id", "name", *FACETS, *_NUMBERS)
    texts: dict[str, pl.DataType] = {name: pl.String() for name in names}
    frame = pl.DataFrame(schema=texts)
    if len(written):
        frame = pl.read_csv(io.BytesIO(written), has_header=False, new_columns=list(names), schema=texts)
    ids = b"".join(frame["id"].str.decode("hex"))
    ranks = {"name": _ranks_in_order(frame["name"]), **{name: _ranks(frame[name]) for name in _NUMBERS}}
    return EstateColumns(version, ids, {name: _column(frame[name]) for name in FACETS}, ranks)


def _column(texts: pl.Series) -> Column:
    known = texts.drop_nulls().unique().sort()
    codes = texts.cast(pl.Enum(known)).to_physical().cast(pl.Int32).fill_null(len(known))
    values = tuple(_BOOLEANS[text] if texts.name == "is_target" else text[1:] for text in known)
    return Column((*values, None), codes.to_numpy())


def _ranks(texts: pl.Series) -> Ranks:
    """Of numbers; like PostgreSQL, what is not a number comes behind all that are."""
    whole = BY_NAME[texts.name].dtype == "Int64"
    ranks = texts.cast(pl.Int64 if whole else pl.Float64).rank("dense").cast(pl.Int32)
    return _from_one(ranks)


def _ranks_in_order(texts: pl.Series) -> Ranks:
    """Of texts that come sorted, as the database compares them: the next one that differs is the next rank."""
    ranks = texts.ne_missing(texts.shift()).cast(pl.Int32).cum_sum()
    return _from_one(pl.select(pl.when(texts.is_not_null()).then(ranks)).to_series())


def _from_one(ranks: pl.Series) -> Ranks:
    greatest = ranks.max()
    known = 0 if greatest is None else int(str(greatest))
    return narrow(Ranks(known, (ranks - 1).fill_null(known).cast(pl.Int32).to_numpy()))
