"""Rows of an indexed dataset as entities: the one place that turns a row into its JSON text, key and proof line.

The text is what PostgreSQL stores (column type `json`, kept as written) and what the index hash covers, so that
worker, indexer and proof can't differ. Keys stand in alphabetical order at every depth. A null column is left out
of its row's object (an optional column nobody filled changes no hash); nulls inside a list or struct stay. NaN and
infinity are null inside the object. NUL characters, which PostgreSQL can't hold in text, are left out.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Protocol

import polars as pl
from polars.datatypes import DataType, DataTypeClass

from caravan_common.contracts import PhaseError
from caravan_common.phases._ahead import map_ahead

ENTITY_BATCH_ROWS = 20_000
# Of datasets; files that phases wrote themselves may have others, which costs time only.
ROW_GROUP_ROWS = 50_000
ENTITY_COLUMNS = (
    "entity_type",
    "natural_key",
    "data",
    "source_entities",
    "transformation_log",
    "quality_score",
)
_NOT_DATA = frozenset(ENTITY_COLUMNS) - {"data"}
# What a JSON text can't hold as it is.
_ESCAPED = r'["\\\x00-\x1f]'
_ESCAPED_NUL = r"((?:^|[^\\])(?:\\\\)*)(?:\\u0000)+"


class Typed(Protocol):
    """A dataset's spec or manifest, as far as it matters here."""

    @property
    def name(self) -> str: ...

    @property
    def entity_type(self) -> str | None: ...


def entity_lines(frame: pl.DataFrame, dataset: Typed) -> pl.DataFrame:
    """Columns ENTITY_COLUMNS, one row per row of `frame`, in its order.

    entity_type String · natural_key String · data String (canonical JSON object) · source_entities List(String),
    never null · transformation_log String (JSON list) or null · quality_score Float64 or null.
    Raises PhaseError `dataset_invalid` without natural_key, without a type, or for a key PostgreSQL can't hold.
    """
    if "natural_key" not in frame.schema:
        raise _invalid(dataset, "is indexed and has no column natural_key")
    # In one query: each of its own costs more than a small dataset takes.
    lines = (
        frame.lazy()
        .select(
            _entity_type(frame, dataset).alias("entity_type"),
            pl.col("natural_key").cast(pl.String),
            _data(frame).alias("data"),
            _or_null(frame, "source_entities", pl.List(pl.String)).fill_null([]),
            _or_null(frame, "transformation_log", pl.String()),
            _or_null(frame, "quality_score", pl.Float64()),
        )
        .with_columns(
            _is_unusable("entity_type").any().alias("_bad_type"),
            _is_unusable("natural_key").any().alias("_bad_key"),
            pl.col("data").str.contains(r"\u0000", literal=True).any().alias("_nul"),
        )
        .collect()
    )
    bad_type, bad_key, nul = (lines.drop_in_place(flag).any() for flag in ("_bad_type", "_bad_key", "_nul"))
    if bad_type or bad_key:
        column = "entity_type" if bad_type else "natural_key"
        raise _invalid(dataset, f"has a null or a NUL character in {column}")
    if nul:
        lines = lines.with_columns(pl.col("data").str.replace_all(_ESCAPED_NUL, "${1}"))
    return lines


def iter_entities(
    path: Path, dataset: Typed, *, batch: int = ENTITY_BATCH_ROWS, start: int = 0
) -> Iterator[pl.DataFrame]:
    """`entity_lines` of a Parquet file by batches, with `row_number` (Int64, from 0 in file order) in front.

    Batches are cut at the same rows every time. `start` skips rows already taken. A row group is read at a time: the
    streaming reader would fetch many ahead, and memory would grow with the file.
    """
    rows, row = pl.scan_parquet(path), start
    while True:
        group_end = (row // ROW_GROUP_ROWS + 1) * ROW_GROUP_ROWS
        group = rows.slice(row, group_end - row).collect()
        if group.is_empty():
            return
        for frame in group.iter_slices(batch):
            numbers = pl.int_range(row, row + frame.height, dtype=pl.Int64, eager=True).alias("row_number")
            yield entity_lines(frame, dataset).insert_column(0, numbers)
            row += frame.height


def index_hash(batches: Iterable[pl.DataFrame], dataset: Typed, *, ordered: bool = False) -> str:
    """SHA-256 over the SHA-256 of each row's line, rows by (entity_type, natural_key) in byte order.

    The line is `["<type>","<key>",<data>]` in UTF-8. `batches` are results of `entity_lines`; only keys and
    digests are kept of them, and nothing of rows that come `ordered` (see `is_ordered`). Raises PhaseError
    `dataset_invalid` when a key appears twice. docs/proof.md has the same rule as a query.
    """
    if ordered:
        return _hash_in_passing(batches)
    kept = list(map_ahead(_digests, batches, workers=1))
    if not kept:
        return hashlib.sha256(b"").hexdigest()
    rows = pl.concat(kept) if len(kept) > 1 else kept.pop()
    kept.clear()
    if rows["natural_key"].is_duplicated().any():
        twice = rows.height - rows["natural_key"].n_unique()
        example = rows.filter(pl.col("natural_key").is_duplicated())["natural_key"].min()
        raise _invalid(dataset, f"repeats natural_key in {twice} rows, for example {example!r}")
    digests = (rows.sort("entity_type", "natural_key") if rows.height > 1 else rows)["digest"]
    whole = hashlib.sha256()
    for start in range(0, len(digests), ENTITY_BATCH_ROWS):
        whole.update(b"".join(digests[start : start + ENTITY_BATCH_ROWS].to_list()))
    return whole.hexdigest()


def is_ordered(rows: pl.LazyFrame, dataset: Typed) -> bool:
    """Whether each row's natural key is greater than the one before, and all are of one type."""
    columns = ["natural_key"]
    if "entity_type" in rows.collect_schema():
        columns.append("entity_type")
    last: str | None = None
    kinds: set[str | None] = set()
    for batch in rows.select(columns).collect_batches(chunk_size=ENTITY_BATCH_ROWS, maintain_order=True):
        if batch.is_empty():
            continue
        keys = batch["natural_key"]
        kinds |= set(batch["entity_type"].unique()) if len(columns) > 1 else {dataset.entity_type}
        rising = len(kinds) == 1 and not keys.null_count() and bool((keys[1:] > keys[:-1]).all())
        if not rising or (last is not None and keys[0] <= last):
            return False
        last = keys[-1]
    return True


def _hash_in_passing(batches: Iterable[pl.DataFrame]) -> str:
    whole = hashlib.sha256()
    for digests in map_ahead(_hash_lines, batches, workers=1):
        whole.update(b"".join(digests))
    return whole.hexdigest()


def _digests(lines: pl.DataFrame) -> pl.DataFrame:
    digests = pl.Series("digest", _hash_lines(lines), dtype=pl.Binary)
    return pl.DataFrame([lines["entity_type"], lines["natural_key"], digests])


def _hash_lines(lines: pl.DataFrame) -> list[bytes]:
    return [hashlib.sha256(line).digest() for line in _line_texts(lines).to_list()]


def _line_texts(lines: pl.DataFrame) -> pl.Series:
    return lines.select(
        pl.concat_str(
            pl.lit("["),
            _json_text(lines["entity_type"]),
            pl.lit(","),
            _json_text(lines["natural_key"]),
            pl.lit(","),
            "data",
            pl.lit("]"),
        ).cast(pl.Binary)
    ).to_series()


def _json_text(texts: pl.Series) -> pl.Expr:
    """A string column as JSON strings, escaped as PostgreSQL's to_json does."""
    column = pl.col(texts.name)
    if not texts.str.contains(_ESCAPED).any():
        return pl.concat_str(pl.lit('"'), column, pl.lit('"'))
    encoded = pl.struct(column.alias("v")).struct.json_encode()
    return encoded.str.strip_prefix('{"v":').str.strip_suffix("}")


def _is_unusable(column: str) -> pl.Expr:
    return pl.col(column).is_null() | pl.col(column).str.contains("\0", literal=True)


def _data(frame: pl.DataFrame) -> pl.Expr:
    columns = sorted(name for name in frame.columns if name not in _NOT_DATA)
    members = list(_members(frame, columns)) or [pl.lit("")]
    return pl.concat_str(pl.lit("{"), pl.concat_str(members, separator=",", ignore_nulls=True), pl.lit("}"))


def _members(frame: pl.DataFrame, columns: list[str]) -> Iterator[pl.Expr]:
    """Pieces of an object, `"a":1,"b":2`. Columns without a null share one encoding; sparse ones have their own."""
    nulls = dict(zip(frame.columns, frame.null_count().row(0), strict=True))
    for sparse, names in groupby(columns, key=lambda name: nulls[name] > 0):
        if not sparse:
            yield _braceless([_canonical(name, frame.schema[name]) for name in names])
            continue
        for name in names:
            if nulls[name] < frame.height:
                yield _sparse_member(frame[name])


def _sparse_member(values: pl.Series) -> pl.Expr:
    """`"a":1`, null where the value is."""
    column = pl.col(values.name)
    if _is_plain_text(values.name, values.dtype) and not values.str.contains(_ESCAPED).any():
        # As it stands: the encoder would make a struct of each row first.
        return pl.concat_str(pl.lit(f'"{values.name}":"'), column, pl.lit('"'))
    encoded = _braceless([_canonical(values.name, values.dtype)])
    return pl.when(column.is_not_null()).then(encoded)


def _is_plain_text(name: str, dtype: pl.DataType) -> bool:
    return dtype == pl.String and re.search(_ESCAPED, name) is None


def _braceless(members: list[pl.Expr]) -> pl.Expr:
    return pl.struct(members).struct.json_encode().str.strip_prefix("{").str.strip_suffix("}")


def _canonical(name: str, dtype: pl.DataType) -> pl.Expr:
    return _sorted_members(pl.col(name), dtype).alias(name)


def _sorted_members(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """The same value with struct fields in alphabetical order, at every depth."""
    if isinstance(dtype, pl.Struct):
        fields = sorted(dtype.fields, key=lambda field: field.name)
        ordered = [
            _sorted_members(value.struct.field(f.name), _instance(f.dtype)).alias(f.name) for f in fields
        ]
        return pl.when(value.is_not_null()).then(pl.struct(ordered))
    if isinstance(dtype, pl.List) and _holds_struct(_instance(dtype.inner)):
        return value.list.eval(_sorted_members(pl.element(), _instance(dtype.inner)))
    return value


def _holds_struct(dtype: pl.DataType) -> bool:
    if isinstance(dtype, pl.List):
        return _holds_struct(_instance(dtype.inner))
    return isinstance(dtype, pl.Struct)


def _instance(dtype: DataType | DataTypeClass) -> DataType:
    return dtype() if isinstance(dtype, type) else dtype


def _entity_type(frame: pl.DataFrame, dataset: Typed) -> pl.Expr:
    if "entity_type" in frame.schema:
        return pl.col("entity_type").cast(pl.String)
    if dataset.entity_type is None:
        raise _invalid(dataset, "is indexed and has neither a column entity_type nor a declared one")
    return pl.lit(dataset.entity_type)


def _or_null(frame: pl.DataFrame, column: str, dtype: pl.DataType) -> pl.Expr:
    if column in frame.schema:
        return pl.col(column).cast(dtype)
    return pl.lit(None, dtype=dtype).alias(column)


def _invalid(dataset: Typed, what: str) -> PhaseError:
    message = f"Dataset {dataset.name} {what}. The phase that writes it must be mended."
    return PhaseError("dataset_invalid", message)
