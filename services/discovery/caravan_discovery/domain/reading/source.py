"""What every reader gives: tables of text with their place in the file, read in batches."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

BATCH_ROWS = 50_000
PREVIEW_ROWS = 200
# Headers and titles are told apart by their beginning: patterns never run over a cell of a megabyte.
_PREVIEW_CELL = 500

Row = Sequence[str | None]

FIELD_COUNT, CELL_TOO_LONG, NO_RECORD = "wrong_field_count", "cell_too_long", "not_a_record"


@dataclass(frozen=True)
class Limits:
    """What is refused instead of read; guards against files that unpack to more than memory holds.

    `sheet_cells` is the area from A1 to the last filled cell, `blank_rows` how many may stand between rows
    with data.
    """

    file_bytes: int = 4 * 2**30
    workbook_bytes: int = 256 * 2**20
    json_bytes: int = 96 * 2**20
    unpacked_bytes: int = 2**30
    archive_parts: int = 10_000
    sheet_cells: int = 25_000_000
    columns: int = 2_000
    line_bytes: int = 4 * 2**20
    cell_characters: int = 100_000
    blank_rows: int = 100_000


class UnreadableFile(Exception):
    """Says in one sentence what is wrong with a file and what to do; the other files go on."""


@dataclass(frozen=True)
class Unfit:
    """A row that can't be laid under the header; `code` says why: FIELD_COUNT, CELL_TOO_LONG or NO_RECORD."""

    number: int
    code: str
    cells: tuple[str | None, ...]


@dataclass(frozen=True)
class Batch:
    """Consecutive rows. `whole` has as many text columns as the header; `unfit` the rows that do not fit it.

    `numbers` are the 1-based row numbers of `whole`, as a person sees them; `blank` those of rows without any
    character, which `whole` may leave out.
    """

    numbers: pl.Series
    whole: pl.DataFrame
    unfit: tuple[Unfit, ...] = ()
    blank: pl.Series = field(default_factory=lambda: pl.Series("row_number", dtype=pl.Int64))


@dataclass(frozen=True)
class Table:
    """One sheet, or a CSV file (sheet ''). `preview` are its first rows, blank ones included.

    `read(first_row, width)` yields the rows from `first_row` (1-based) on; it may raise UnreadableFile.
    `header_row` (1-based) is given where the kind of file leaves no doubt about it. `uncached` are formula cells
    without a result, by 1-based row and column of the sheet; they read as blank. `first_column` (1-based) is the
    sheet's column that cells begin with.
    """

    sheet: str
    preview: tuple[Row, ...]
    read: Callable[[int, int], Iterator[Batch]]
    hidden: bool = False
    header_row: int | None = None
    encoding: str | None = None
    delimiter: str | None = None
    uncached: pl.DataFrame | None = None
    first_column: int = 1


def preview_row(cells: Row) -> tuple[str | None, ...]:
    """A row as the search for the header sees it: blank and NUL-only cells are null, long ones cut."""
    return tuple(map(_preview_cell, cells))


def _preview_cell(cell: str | None) -> str | None:
    if cell is None:
        return None
    cell = cell[:_PREVIEW_CELL].replace("\x00", "")
    return cell if cell.strip() else None


def clean_frame(frame: pl.DataFrame) -> pl.DataFrame:
    """Without NUL characters; blank cells are null."""
    if not frame.width:
        return frame
    null = frame.select(pl.any_horizontal(pl.all().str.contains("\x00", literal=True).any())).item()
    if null:
        frame = frame.with_columns(pl.all().str.replace_all("\x00", "", literal=True))
    return frame.with_columns(pl.when(pl.all().str.strip_chars() != "").then(pl.all()))


def part_long_cells(batch: Batch, limits: Limits) -> Batch:
    """Rows with a cell longer than any a person writes go to `unfit`, their cells cut."""
    longest = batch.whole.select(pl.max_horizontal(pl.all().str.len_bytes().max())).item()
    if not longest or longest <= limits.cell_characters:
        return batch
    fits = batch.whole.select(
        pl.all_horizontal((pl.all().str.len_chars() <= limits.cell_characters).fill_null(value=True))
    ).to_series()
    cut = batch.whole.filter(~fits).select(pl.all().str.slice(0, _PREVIEW_CELL))
    numbers = batch.numbers.filter(~fits).to_list()
    unfit = [
        Unfit(number, CELL_TOO_LONG, cells) for number, cells in zip(numbers, cut.iter_rows(), strict=True)
    ]
    return replace(
        batch,
        numbers=batch.numbers.filter(fits),
        whole=batch.whole.filter(fits),
        unfit=(*batch.unfit, *unfit),
    )
