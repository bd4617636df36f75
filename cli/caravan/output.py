"""What people and scripts see: results on stdout, progress and errors on stderr."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

_AN_ID, _ANY_WIDTH, PAGE_WIDTH = 36, 100_000, 160
# Narrower than this no text is broken; blanks between columns.
_BREAKS_FROM, _BETWEEN = 20, 2
# Without a terminal there is no width to keep to: a row is a line, for programs that look through lines.
out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else _ANY_WIDTH)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def print_json(value: Any) -> None:
    """JSON alone, also at a terminal: it is for programs."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def print_error(sentence: str) -> None:
    sys.stderr.write(f"caravan: {' '.join(sentence.split())}\n")
    sys.stderr.flush()


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, on: Console = out) -> None:
    """A line a row, with breaks in long text. Nothing is cut off: what no terminal of this width can hold side by side
    stands below each other."""
    cells = [["" if cell is None else _plain(cell) for cell in row] for row in rows]
    widths = [max(len(each) for each in column) for column in zip(columns, *cells, strict=True)]
    folding = [
        _may_break(width, column) for width, column in zip(widths, zip(*cells, strict=True), strict=False)
    ]
    least = [min(width, _BREAKS_FROM) if may else width for width, may in zip(widths, folding, strict=False)]
    if cells and sum(least) + _BETWEEN * (len(columns) - 1) > on.width:
        _print_records(columns, cells, on)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, column in enumerate(columns):
        may = not cells or folding[number]
        table.add_column(column, overflow="fold", no_wrap=not may, min_width=least[number] if cells else None)
    for row in cells:
        table.add_row(*row)
    on.print(table)


def _may_break(width: int, cells: Sequence[str]) -> bool:
    """Ids are copied: they stay in one piece."""
    return width > _BREAKS_FROM and any(len(cell) not in (0, _AN_ID) or " " in cell for cell in cells)


def _print_records(columns: Sequence[str], rows: Sequence[Sequence[str]], on: Console) -> None:
    for number, row in enumerate(rows):
        grid = Table(box=None, pad_edge=False, show_header=False)
        grid.add_column(style="bold", no_wrap=True)
        grid.add_column(overflow="fold")
        for column, cell in zip(columns, row, strict=True):
            if cell:
                grid.add_row(column, cell)
        if number:
            on.print()
        on.print(grid)


def in_numbers(count: int, one: str, many: str | None = None) -> str:
    """`1 row`, `1,200 rows`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def cleaned(text: object) -> str:
    """Text of clients holds no orders to the terminal."""
    return "".join(character if character.isprintable() else " " for character in str(text))


def _plain(cell: object) -> str:
    """Nor is it markup."""
    return escape(cleaned(cell))


class Steps:
    """One line that says what is done now, and a bar once it is known how far it is; without a terminal plain lines."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._task: TaskID | None = None if progress is None else progress.add_task("", total=None)
        self._last = ""

    def tell(self, what: str, fraction: float | None = None) -> None:
        """`fraction` of all that is to be done, 0..1."""
        if self._progress is not None and self._task is not None:
            total = None if fraction is None else 1.0
            self._progress.update(
                self._task, description=_plain(what), total=total, completed=fraction or 0.0
            )
        elif what != self._last:
            err.print(_plain(what), style="dim")
        self._last = what

    def end(self) -> None:
        """The line goes; what is printed from now on stays."""
        if self._progress is not None:
            self._progress.stop()


@contextmanager
def steps() -> Iterator[Steps]:
    """On stderr, gone when done."""
    if not err.is_terminal:
        yield Steps(None)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True) as progress:
        yield Steps(progress)


def place_in_words(place: str) -> str:
    """`file#sheet#row` in words; what is no place stays as it is."""
    if place.count("#") < 2:
        return place
    file, _, rest = place.partition("#")
    sheet, _, row = rest.rpartition("#")
    return f"{file}{f', {sheet}' if sheet else ''}, row {row}"
