"""The cells that an asset was read from, out of the Parquet files of the phases that read, mapped and cleansed them.

Datasets meant: raw_rows, field_mappings, column_targets, clean_rows, changes, conflicts, identities; one that is not
active says nothing. A file with a million rows is not read through: statistics of its row groups leave all but a few
out.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from caravan_common.artifacts import ArtifactStore
from caravan_orchestrator.store.reads.parquet import with_file

Place = tuple[str, str, int]
Sheet = tuple[str, str]
_MOST_PLACES = 500


@dataclass(frozen=True)
class Cells:
    """By place and by sheet. `uniform`: rules that held for every cell of an attribute in a sheet. `joins`: the asset's
    rows of identities, None where there is no such dataset."""

    raw: Mapping[Place, dict[str, Any]] = field(default_factory=dict)
    clean: Mapping[Place, dict[str, Any]] = field(default_factory=dict)
    changes: Mapping[Place, list[dict[str, Any]]] = field(default_factory=dict)
    uniform: Mapping[Sheet, list[dict[str, Any]]] = field(default_factory=dict)
    targets: Mapping[Sheet, list[dict[str, Any]]] = field(default_factory=dict)
    mappings: Mapping[Sheet, dict[int, dict[str, Any]]] = field(default_factory=dict)
    conflicts: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    joins: Sequence[dict[str, Any]] | None = None


async def read_cells(
    store: ArtifactStore, keys: Mapping[str, str], places: Sequence[Place], asset_key: str
) -> Cells:
    """`keys`: dataset name → key of its artifact. At most 500 places."""
    wanted = set(places[:_MOST_PLACES])
    sheets = {(file, sheet) for file, sheet, _ in wanted}

    async def read(name: str, take: Callable[[pl.LazyFrame], pl.LazyFrame]) -> list[dict[str, Any]]:
        if name not in keys:
            return []

        def run(path: Path) -> list[dict[str, Any]]:
            return take(pl.scan_parquet(path)).collect().to_dicts()

        return await with_file(store, keys[name], run)

    if not wanted:
        conflicts = await read("conflicts", lambda f: f.filter(pl.col("asset_key") == asset_key))
        return Cells(conflicts={row["attribute"]: row for row in conflicts})
    raw, targets, mappings, changes, conflicts, joins = await asyncio.gather(
        read("raw_rows", lambda f: f.filter(_at(wanted)).drop("record_kind", strict=False)),
        read("column_targets", lambda f: f.filter(_in(sheets))),
        read("field_mappings", lambda f: f.filter(_in(sheets))),
        read("changes", lambda f: f.filter(_at(wanted) | (pl.col("row_number").is_null() & _in(sheets)))),
        read("conflicts", lambda f: f.filter(pl.col("asset_key") == asset_key)),
        read("identities", lambda f: f.filter(pl.col("asset_key") == asset_key)),
    )
    filled = {"source_key", *(row["target"] for row in targets)}
    clean = await read("clean_rows", lambda f: _only(f.filter(_at(wanted)), filled))
    return Cells(
        raw={_place(row): row for row in raw},
        clean={_place(row): row for row in clean},
        changes=_grouped(_place, [row for row in changes if row["row_number"] is not None]),
        uniform=_grouped(_sheet, [row for row in changes if row["row_number"] is None]),
        targets=_grouped(_sheet, targets),
        mappings={
            sheet: {row["column_index"]: row for row in rows}
            for sheet, rows in _grouped(_sheet, mappings).items()
        },
        conflicts={row["attribute"]: row for row in conflicts},
        joins=joins if "identities" in keys else None,
    )


def _only(frame: pl.LazyFrame, columns: Collection[str]) -> pl.LazyFrame:
    known = frame.collect_schema().names()
    return frame.select("file", "sheet", "row_number", *(name for name in known if name in columns))


def _in(sheets: Collection[Sheet]) -> pl.Expr:
    found = pl.lit(False)
    for file, sheet in sheets:
        found = found | ((pl.col("file") == file) & (pl.col("sheet").fill_null("") == sheet))
    return found


def _at(places: Collection[Place]) -> pl.Expr:
    """A range of rows first: that is what the statistics of row groups are asked."""
    by_sheet: dict[Sheet, list[int]] = {}
    for file, sheet, number in places:
        by_sheet.setdefault((file, sheet), []).append(number)
    numbers = [number for _, _, number in places]
    found = pl.lit(False)
    for (file, sheet), rows in by_sheet.items():
        found = found | (
            (pl.col("file") == file)
            & (pl.col("sheet").fill_null("") == sheet)
            & pl.col("row_number").is_in(rows)
        )
    return pl.col("row_number").is_between(min(numbers), max(numbers)) & found


def _sheet(row: Mapping[str, Any]) -> Sheet:
    return row["file"], row["sheet"] or ""


def _place(row: Mapping[str, Any]) -> Place:
    return (*_sheet(row), row["row_number"])


def _grouped(
    key: Callable[[Mapping[str, Any]], Any], rows: Sequence[dict[str, Any]]
) -> dict[Any, list[dict[str, Any]]]:
    found: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found
