"""Writes what a phase gives back as Parquet with equal bytes for equal rows, held against what it declared."""

import hashlib
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from caravan_common.artifacts import file_sha256
from caravan_common.contracts import ArtifactRef, DatasetManifest, DatasetSpec, Index, PhaseError
from caravan_common.phases.entities import (
    ENTITY_BATCH_ROWS,
    ROW_GROUP_ROWS,
    entity_lines,
    index_hash,
    is_ordered,
    iter_entities,
)

_SMALL_BYTES = 1 << 20
# Every option that reaches the bytes is fixed here, so that a new default of polars changes no hash.
_AS_WRITTEN: Mapping[str, Any] = {
    "compression": "zstd",
    "compression_level": 3,
    "statistics": True,
    "row_group_size": ROW_GROUP_ROWS,
    "data_page_size": 1 << 20,
}

Table = pl.DataFrame | pl.LazyFrame | Path


class WrittenDataset(NamedTuple):
    """A Parquet file on local disk: `rows` counted, `size` in bytes, `index_hash` null unless indexed."""

    path: Path
    rows: int
    sha256: str
    size: int
    index_hash: str | None

    def manifest(self, spec: DatasetSpec, key: str) -> DatasetManifest:
        """The reference to it once it lies under `key` in the artifact store."""
        return DatasetManifest(
            name=spec.name,
            version=spec.version,
            artifact=ArtifactRef(key=key, sha256=self.sha256, size=self.size),
            rows=self.rows,
            index=spec.index,
            index_hash=self.index_hash,
            entity_type=spec.entity_type,
            assets=spec.assets,
        )


def write_dataset(spec: DatasetSpec, value: Table, directory: Path) -> WrittenDataset:
    """A frame is written to `directory`/<name>.parquet; a path is taken as it is.

    Raises PhaseError `dataset_invalid` when columns or types differ from the spec, or when an indexed dataset has
    no unique natural_key.
    """
    _check_columns(spec, _schema(value))
    path = value if isinstance(value, Path) else directory / f"{spec.name}.parquet"
    digest, size = _identity(path) if isinstance(value, Path) else _write(value, path)
    rows = value.height if isinstance(value, pl.DataFrame) else _count_rows(path)
    proof = _prove(spec, value, path, rows) if spec.index is Index.ROWS else None
    return WrittenDataset(path, rows, digest, size, proof)


def write_rows(rows: pl.LazyFrame, path: Path) -> Path:
    """A dataset's file written already within its phase: the same bytes, without a copy of the rows before."""
    rows.sink_parquet(path, maintain_order=True, **_AS_WRITTEN)
    return path


def _write(value: pl.DataFrame | pl.LazyFrame, path: Path) -> tuple[str, int]:
    """The file's digest and size. A small frame is worded in memory: the same bytes for half the time."""
    if isinstance(value, pl.DataFrame) and value.estimated_size() < _SMALL_BYTES:
        buffer = BytesIO()
        value.write_parquet(buffer, **_AS_WRITTEN)
        content = buffer.getbuffer()
        path.write_bytes(content)
        return hashlib.sha256(content).hexdigest(), len(content)
    return _identity(write_rows(value.lazy(), path))


def _schema(value: Table) -> pl.Schema:
    if isinstance(value, Path):
        return pl.Schema(pl.read_parquet_schema(value))
    return value.collect_schema()


def _count_rows(path: Path) -> int:
    return int(pl.scan_parquet(path).select(pl.len()).collect().item())


def _identity(path: Path) -> tuple[str, int]:
    size = path.stat().st_size
    if size < _SMALL_BYTES:
        return hashlib.sha256(path.read_bytes()).hexdigest(), size
    return file_sha256(path), size


def _prove(spec: DatasetSpec, value: Table, path: Path, rows: int) -> str:
    # Sorting costs memory by the row; a look at the keys costs next to nothing where there are many.
    ordered = rows > ENTITY_BATCH_ROWS and is_ordered(pl.scan_parquet(path), spec)
    return index_hash(_entities(spec, value, path), spec, ordered=ordered)


def _entities(spec: DatasetSpec, value: Table, path: Path) -> Iterator[pl.DataFrame]:
    if not isinstance(value, pl.DataFrame):
        yield from iter_entities(path, spec)
        return
    for start in range(0, value.height, ENTITY_BATCH_ROWS):
        yield entity_lines(value[start : start + ENTITY_BATCH_ROWS], spec)


def _check_columns(spec: DatasetSpec, schema: pl.Schema) -> None:
    problems = list(_problems(spec, schema))
    if problems:
        raise PhaseError(
            "dataset_invalid",
            f"Dataset {spec.name} differs from what is declared: {'; '.join(problems)}. "
            "The phase that writes it must be mended.",
        )


def _problems(spec: DatasetSpec, schema: pl.Schema) -> Iterator[str]:
    if spec.index is Index.ROWS and "natural_key" not in schema:
        yield "it is indexed and has no column natural_key"
    for column in spec.columns:
        if column.name not in schema:
            if not column.optional:
                yield f"column {column.name} is missing"
        elif str(schema[column.name]) != column.dtype:
            yield f"column {column.name} is {schema[column.name]}, not {column.dtype}"
