"""A table too long for memory, written in parts and read back as one lazily. Row order is that of writing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl
from polars.io.plugins import register_io_source

PART_ROWS = 50_000
ColumnType = pl.DataType | type[pl.DataType]


def table_schema(columns: Mapping[str, ColumnType]) -> pl.Schema:
    """The columns of a table, in order."""
    return pl.Schema(dict(columns))


class Parts:
    """Parquet parts `<name>.<number>.parquet` in a folder of the run's own."""

    def __init__(self, folder: Path, name: str, schema: pl.Schema, part_rows: int = PART_ROWS) -> None:
        self._folder, self._name, self._schema, self._part_rows = folder, name, schema, part_rows
        self._waiting: list[pl.DataFrame] = []
        self._paths: list[Path] = []
        self._held = 0
        self.rows = 0

    def add(self, frame: pl.DataFrame) -> None:
        """Appends rows; columns of the schema that the frame lacks are null, others are dropped."""
        if frame.is_empty():
            return
        self._waiting.append(conform(frame, self._schema))
        self._held += frame.height
        self.rows += frame.height
        if self._held >= self._part_rows:
            self._flush()

    def scan(self) -> pl.LazyFrame:
        """All rows added so far, in order."""
        self._flush()
        if not self._paths:
            return self._schema.to_frame().lazy()
        return pl.scan_parquet(self._paths, schema=self._schema)

    def stream(self) -> pl.LazyFrame:
        """As `scan`, for writing all of it: one part is read at a time, where a scan fetches many ahead."""
        return stream_batches(self.batches, self._schema)

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        """All rows added so far, in order, a part at a time; of all columns or of some."""
        self._flush()
        for path in self._paths:
            yield pl.read_parquet(path, columns=None if columns is None else list(columns))

    def only(self, condition: pl.Expr, name: str) -> "Parts":
        """A table of this folder with the rows that meet the condition, in order."""
        kept = Parts(self._folder, name, self._schema, self._part_rows)
        for batch in self.batches():
            kept.add(batch.filter(condition))
        return kept

    def mark(self) -> int:
        """A place to come back to, for rows that come in together or not at all."""
        self._flush()
        return len(self._paths)

    def rewind(self, mark: int) -> None:
        """Forgets the rows added since the mark."""
        self._waiting, self._held = [], 0
        for path in self._paths[mark:]:
            path.unlink()
        del self._paths[mark:]

    def _flush(self) -> None:
        if not self._waiting:
            return
        path = self._folder / f"{self._name}.{len(self._paths):05d}.parquet"
        # Read again within the minute, and gone with the run: compressing it costs more than the disk.
        pl.concat(self._waiting).write_parquet(path, compression="uncompressed", statistics=False)
        self._paths.append(path)
        self._waiting, self._held = [], 0


# What is handed on at a time: several such pieces wait on the way into a file.
_STREAMED_ROWS = 10_000


def stream_batches(
    read: Callable[[Sequence[str] | None], Iterator[pl.DataFrame]], schema: pl.Schema
) -> pl.LazyFrame:
    """A table out of batches that are made while it is written. `read` is given the columns wanted, None for all."""

    def batches(
        columns: list[str] | None, condition: pl.Expr | None, rows: int | None, _size: int | None
    ) -> Iterator[pl.DataFrame]:
        for batch in read(columns):
            kept = batch if condition is None else batch.filter(condition)
            if rows is not None:
                kept = kept.head(rows)
                rows -= kept.height
            yield from kept.iter_slices(_STREAMED_ROWS)
            if rows == 0:
                return

    return register_io_source(batches, schema=schema, validate_schema=True)


def conform(frame: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    """The frame with exactly the schema's columns, in its order and types."""
    return frame.select(
        pl.col(name).cast(dtype) if name in frame.columns else pl.lit(None, dtype).alias(name)
        for name, dtype in schema.items()
    )
