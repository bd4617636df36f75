"""Rows straight out of Parquet: by position, or by file, sheet and row. Runs in threads, never on the loop."""

import asyncio
import tempfile
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from caravan_common.artifacts import ArtifactStore

Result = TypeVar("Result")
PLACE = ("file", "sheet", "row_number")
_MOST_ROWS = 200


class UnknownColumn(ValueError):
    """The dataset has no such column."""


async def read_rows(
    store: ArtifactStore, key: str, *, columns: Sequence[str] | None, start: int, limit: int
) -> tuple[list[str], list[dict[str, Any]]]:
    """Names of the columns shown and `limit` rows from row `start` (from 0). The file is immutable: so are positions.

    Raises UnknownColumn.
    """

    def read(path: Path) -> tuple[list[str], list[dict[str, Any]]]:
        frame = pl.scan_parquet(path)
        known = frame.collect_schema().names()
        if unknown := [name for name in columns or () if name not in known]:
            raise UnknownColumn(unknown[0])
        shown = [name for name in known if columns is None or name in columns]
        return shown, frame.slice(start, limit).select(shown).collect().to_dicts()

    return await with_file(store, key, read)


async def column_names(store: ArtifactStore, key: str) -> frozenset[str]:
    return await with_file(store, key, lambda path: frozenset(pl.read_parquet_schema(path)))


async def rows_at(
    store: ArtifactStore, key: str, places: Collection[tuple[str, str, int]]
) -> list[dict[str, Any]]:
    """Rows of a dataset with columns file, sheet, row_number; at most 200."""

    def read(path: Path) -> list[dict[str, Any]]:
        wanted = pl.lit(False)
        for file, sheet, number in places:
            wanted = wanted | (
                (pl.col("file") == file)
                & (pl.col("sheet").fill_null("") == sheet)
                & (pl.col("row_number") == number)
            )
        return pl.scan_parquet(path).filter(wanted).head(_MOST_ROWS).collect().to_dicts()

    return await with_file(store, key, read)


async def headers_of(
    store: ArtifactStore, key: str, sheets: Collection[tuple[str, str]]
) -> list[dict[str, Any]]:
    """file, sheet, column_index, column of a dataset that describes columns, in order of the columns."""

    def read(path: Path) -> list[dict[str, Any]]:
        wanted = pl.lit(False)
        for file, sheet in sheets:
            wanted = wanted | ((pl.col("file") == file) & (pl.col("sheet").fill_null("") == sheet))
        shown = ("file", "sheet", "column_index", "column")
        return pl.scan_parquet(path).filter(wanted).select(shown).sort("column_index").collect().to_dicts()

    return await with_file(store, key, read)


async def with_file(store: ArtifactStore, key: str, read: Callable[[Path], Result]) -> Result:
    """A bucket's object is copied into a folder that lives as long as the read."""

    def run() -> Result:
        if store.local:
            return read(store.get_path(key, Path()))
        with tempfile.TemporaryDirectory(prefix="caravan-") as folder:
            return read(store.get_path(key, Path(folder)))

    return await asyncio.to_thread(run)
