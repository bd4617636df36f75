"""Datasets that are written while their rows are made."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import polars as pl

from caravan_common.phases import write_rows
from caravan_discovery.domain.parts import conform, stream_batches


def write_batches(batches: Iterable[pl.DataFrame], schema: pl.Schema, path: Path) -> Path:
    """A dataset's file out of batches that are made while it is written: none of them is kept in between.

    Columns of the schema that a batch lacks are null, others are dropped. An error of a batch is raised as it is.
    """
    failures: list[Exception] = []

    def read(_columns: Sequence[str] | None) -> Iterator[pl.DataFrame]:
        try:
            for batch in batches:
                yield conform(batch, schema)
        except Exception as error:
            failures.append(error)
            raise

    try:
        return write_rows(stream_batches(read, schema), path)
    except pl.exceptions.PolarsError:
        if failures:
            raise failures[0] from None
        raise
