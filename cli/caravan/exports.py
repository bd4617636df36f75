"""`--export`: each result as CSV and Parquet, with ids. Columns are described in docs/exports.md."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid5

import polars as pl

from caravan.whole_files import whole
from caravan_common.artifacts import ArtifactStore

# A spreadsheet takes a cell that begins with one of these for a formula.
_FORMULA = r"^[=+\-@\t\r]"
_LIST_SEPARATOR = "; "
_QUESTIONS: dict[str, pl.DataType | type[pl.DataType]] = {
    "entity_id": pl.String,
    "phase": pl.String,
    "key": pl.String,
    "subject": pl.String,
    "text": pl.String,
    "options": pl.String,
    "recommendation": pl.String,
    "status": pl.String,
    "answer": pl.String,
    "blocking": pl.Boolean,
}


@dataclass(frozen=True)
class ExportedDataset:
    """A dataset of a flow under its export name, and where its Parquet lies."""

    name: str
    id: UUID
    artifact_key: str


def export_dataset(store: ArtifactStore, dataset: ExportedDataset, folder: Path) -> None:
    """Reads and writes by streams: a million rejected rows need no more memory than a thousand."""
    with TemporaryDirectory(prefix="caravan-export-") as scratch:
        rows = pl.scan_parquet(store.get_path(dataset.artifact_key, Path(scratch)))
        write_both(with_entity_ids(rows, dataset.id), folder, dataset.name)


def with_entity_ids(rows: pl.LazyFrame, dataset_id: UUID) -> pl.LazyFrame:
    """The id that the index gives the row: UUIDv5 of the dataset's id and the natural key."""

    def ids(keys: pl.Series) -> pl.Series:
        return pl.Series([str(uuid5(dataset_id, key)) for key in keys], dtype=pl.String)

    entity_id = pl.col("natural_key").map_batches(ids, return_dtype=pl.String, is_elementwise=True)
    return rows.select(entity_id.alias("entity_id"), pl.all())


def write_both(rows: pl.LazyFrame, folder: Path, name: str) -> None:
    """`<name>.parquet` with types, `<name>.csv` for spreadsheets; each whole or not at all."""
    with whole(folder / f"{name}.parquet") as part:
        rows.sink_parquet(part, maintain_order=True)
    with whole(folder / f"{name}.csv") as part:
        flat(rows).sink_csv(part, maintain_order=True)


def flat(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Lists joined, text that would be a formula behind an apostrophe."""
    columns = []
    for column, dtype in rows.collect_schema().items():
        expression = pl.col(column)
        if isinstance(dtype, pl.List):
            expression = expression.cast(pl.List(pl.String)).list.join(_LIST_SEPARATOR, ignore_nulls=True)
        elif isinstance(dtype, pl.Struct):
            expression = expression.struct.json_encode()
        elif not isinstance(dtype, pl.String):
            columns.append(expression)
            continue
        columns.append(
            pl.when(expression.str.contains(_FORMULA))
            .then("'" + expression)
            .otherwise(expression)
            .alias(column)
        )
    return rows.select(columns)


def assets_frame(rows: Iterable[Sequence[Any]], columns: Mapping[str, str]) -> pl.DataFrame:
    """`columns`: name → type as polars prints it, in the order of the rows' cells. JSON becomes text."""
    types = {name: _TYPES[dtype] for name, dtype in columns.items()}
    plain = [[_plain(cell) for cell in row] for row in rows]
    return pl.DataFrame(plain, schema=types, orient="row")


def questions_frame(questions: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    rows = [
        {
            **{name: question.get(name) for name in _QUESTIONS},
            "entity_id": question["id"],
            "options": json.dumps(question["options"], ensure_ascii=False),
        }
        for question in questions
    ]
    return pl.DataFrame(rows, schema=_QUESTIONS)


_TYPES: dict[str, Any] = {
    "String": pl.String,
    "Float64": pl.Float64,
    "Int64": pl.Int64,
    "Boolean": pl.Boolean,
    "Datetime": pl.Datetime("us", "UTC"),
    "List(String)": pl.List(pl.String),
}


def _plain(cell: Any) -> Any:
    if isinstance(cell, UUID):
        return str(cell)
    if isinstance(cell, dict):
        return json.dumps(cell, ensure_ascii=False, sort_keys=True) if cell else None
    return cell
