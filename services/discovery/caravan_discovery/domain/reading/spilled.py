"""Tables that were read once and lie in Arrow files of the run's own, so that one at most is held in memory."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from caravan_discovery.domain.reading.source import (
    BATCH_ROWS,
    Batch,
    Limits,
    Row,
    Table,
    Unfit,
    clean_frame,
    part_long_cells,
    preview_row,
)

# A batch of a wide table has fewer rows.
_BATCH_CELLS = 2_000_000


def spilled_table(
    sheet: str,
    spilled: Path,
    preview: Sequence[Row],
    limits: Limits,
    *,
    header_row: int | None = None,
    unfit: Sequence[Unfit] = (),
    hidden: bool = False,
) -> Table:
    """`spilled` holds the columns c0…; with `header_row` the rows below that one. Rows of `unfit` are blank in it."""
    first_number = 1 if header_row is None else header_row + 1
    strays = {row.number: row for row in unfit}

    def read(first_row: int, width: int) -> Iterator[Batch]:
        scan = pl.scan_ipc(spilled)
        columns = scan.collect_schema().names()[:width]
        height = int(scan.select(pl.len()).collect().item())
        step = max(1, min(BATCH_ROWS, _BATCH_CELLS // max(1, width)))
        for start in range(max(0, first_row - first_number), height, step):
            part = clean_frame(scan.select(columns).slice(start, step).collect())
            end = start + part.height
            numbers = pl.Series("row_number", range(start + first_number, end + first_number), dtype=pl.Int64)
            apart = tuple(strays[number] for number in numbers if number in strays) if strays else ()
            if apart:
                fits = ~numbers.is_in([row.number for row in apart])
                part, numbers = part.filter(fits), numbers.filter(fits)
            yield part_long_cells(Batch(numbers, part, apart), limits)

    return Table(sheet, tuple(map(preview_row, preview)), read, hidden=hidden, header_row=header_row)
