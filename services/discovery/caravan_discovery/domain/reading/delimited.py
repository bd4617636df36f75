"""CSV and its relatives, read in batches of records; memory does not grow with the file."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import polars as pl

from caravan_discovery.domain.reading.csv_records import Records
from caravan_discovery.domain.reading.source import (
    CELL_TOO_LONG,
    FIELD_COUNT,
    PREVIEW_ROWS,
    Batch,
    Limits,
    Table,
    Unfit,
    UnreadableFile,
    clean_frame,
    part_long_cells,
    preview_row,
)
from caravan_discovery.domain.reading.text import (
    detect_delimiter,
    detect_encoding,
    read_sample,
    usual_fields,
)


def open_delimited(path: Path, limits: Limits) -> Table:
    """A text file as one table. Raises UnreadableFile."""
    encoding = detect_encoding(path, limits)
    sample = read_sample(path, encoding)
    delimiter = detect_delimiter(sample)
    usual = usual_fields(sample, delimiter)
    with encoding.open(path) as file:
        records = (record for part in Records(file, delimiter, usual).parts() for record in part)
        preview = tuple(preview_row(record) for record in islice(records, PREVIEW_ROWS))
    widest = max((len(row) for row in preview), default=0)
    if widest > limits.columns:
        raise UnreadableFile(f"has {widest} columns; at most {limits.columns} are read.")

    def read(first_row: int, width: int) -> Iterator[Batch]:
        fitting = _Fitting(width, accepted_widths(preview, first_row, width), limits)
        number = 1
        with encoding.open(path) as file:
            for part in Records(file, delimiter, usual).parts():
                rows = part[max(0, first_row - number) :]
                if rows:
                    yield fitting.fit(rows, max(first_row, number))
                number += len(part)

    return Table("", preview, read, encoding=encoding.label, delimiter=delimiter)


def accepted_widths(preview: Sequence[Sequence[str | None]], first_row: int, width: int) -> frozenset[int]:
    """Numbers of fields that fit: the header's, with its blank trailing ones, and what most rows have."""
    header = preview[first_row - 2] if first_row >= 2 else ()
    lengths = Counter(len(row) for row in preview[first_row - 1 :] if any(row))
    usual = [length for length, times in lengths.items() if times * 2 > lengths.total()]
    return frozenset((width, len(header), *usual))


class _Fitting:
    """Lays records under the header: rows as wide as it, blank lines included; the others apart."""

    def __init__(self, width: int, widths: frozenset[int], limits: Limits) -> None:
        self._width, self._widths, self._limits = width, widths, limits
        self._schema = {f"c{index}": pl.String() for index in range(width)}

    def fit(self, rows: list[list[str]], first_number: int) -> Batch:
        unfit: dict[int, Unfit] = {}
        blank = [position for position, row in enumerate(rows) if not any(row)]
        apart = set(blank)
        for position, row in enumerate(rows):
            if len(row) == self._width or position in apart:
                continue
            fitted = self._fitted(row)
            if fitted is None:
                unfit[position] = self._unfit(first_number + position, row)
            else:
                rows[position] = fitted
        apart |= unfit.keys()
        numbers = pl.int_range(first_number, first_number + len(rows), eager=True).alias("row_number")
        blanks = numbers.gather(blank)
        if apart:
            rows = [row for position, row in enumerate(rows) if position not in apart]
            numbers = numbers.filter(~numbers.is_in([first_number + position for position in apart]))
        frame = pl.DataFrame(rows, schema=self._schema, orient="row") if rows else self._nothing()
        whole = Batch(numbers, clean_frame(frame), tuple(unfit.values()), blanks)
        return part_long_cells(whole, self._limits)

    def _nothing(self) -> pl.DataFrame:
        return pl.DataFrame(schema=self._schema)

    def _fitted(self, row: list[str]) -> list[str] | None:
        if not any(cell.strip() for cell in row):
            return [""] * self._width
        if len(row) in self._widths and not any(cell.strip() for cell in row[self._width :]):
            return (row + [""] * self._width)[: self._width]
        return None

    def _unfit(self, number: int, row: list[str]) -> Unfit:
        too_long = any(len(cell) > self._limits.cell_characters for cell in row)
        return Unfit(number, CELL_TOO_LONG if too_long else FIELD_COUNT, tuple(row))
