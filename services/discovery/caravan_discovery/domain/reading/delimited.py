"""CSV and its relatives, read in batches of records; memory does not grow with the file."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import polars as pl

from caravan_discovery.domain.reading.csv_records import Records
from caravan_discovery.domain.reading.plain_lines import PlainLines
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
            for part in Records(file, delimiter, usual).parts_or_lines():
                passed, first = max(0, first_row - number), max(first_row, number)
                number += len(part)
                if number <= first:
                    continue
                if isinstance(part, PlainLines):
                    yield fitting.fit_lines(part.skip(passed), first)
                else:
                    yield fitting.fit(part[passed:], first)

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

    def fit(self, rows: Sequence[list[str]], first_number: int) -> Batch:
        """Consecutive records."""
        numbers = range(first_number, first_number + len(rows))
        return self._batch(rows, numbers, self._nothing(), pl.Series("row_number", dtype=pl.Int64))

    def fit_lines(self, lines: PlainLines, first_number: int) -> Batch:
        """As `fit`: lines as wide as the header by columns, the others record by record."""
        numbers = pl.int_range(first_number, first_number + len(lines), eager=True).alias("row_number")
        blank = lines.blank()
        wide = (lines.fields == self._width).fill_null(value=False) & ~blank
        plain = lines.cells(wide, self._width)
        if plain is None:
            wide, plain = wide & False, self._nothing().drop("row_number")
        apart = ~(wide | blank)
        whole = plain.insert_column(0, numbers.filter(wide))
        return self._batch(lines.records(apart), numbers.filter(apart), whole, numbers.filter(blank))

    def _batch(
        self, rows: Iterable[list[str]], numbers: Iterable[int], whole: pl.DataFrame, blank: pl.Series
    ) -> Batch:
        """Records by number, beside `whole` rows (row_number, c0…) and the numbers of blank ones."""
        unfit, fitted, blanks = [], {}, []
        for number, row in zip(numbers, rows, strict=True):
            if not any(row):
                blanks.append(number)
            elif (laid := row if len(row) == self._width else self._fitted(row)) is None:
                unfit.append(self._unfit(number, row))
            else:
                fitted[number] = laid
        if fitted:
            more = pl.DataFrame(list(fitted.values()), schema=self._schema, orient="row")
            more = more.insert_column(0, pl.Series("row_number", list(fitted), pl.Int64))
            whole = pl.concat([whole, more]).sort("row_number") if whole.height else more
        if blanks:
            blank = pl.concat([blank, pl.Series("row_number", blanks, pl.Int64)]).sort()
        fits = Batch(whole.drop_in_place("row_number"), clean_frame(whole), tuple(unfit), blank)
        return part_long_cells(fits, self._limits)

    def _nothing(self) -> pl.DataFrame:
        return pl.DataFrame(schema={"row_number": pl.Int64(), **self._schema})

    def _fitted(self, row: list[str]) -> list[str] | None:
        if not any(cell.strip() for cell in row):
            return [""] * self._width
        if len(row) in self._widths and not any(cell.strip() for cell in row[self._width :]):
            return (row + [""] * self._width)[: self._width]
        return None

    def _unfit(self, number: int, row: list[str]) -> Unfit:
        too_long = any(len(cell) > self._limits.cell_characters for cell in row)
        return Unfit(number, CELL_TOO_LONG if too_long else FIELD_COUNT, tuple(row))
