"""Turns tables into bytes: workbooks with fixed dates, delimited text in a given encoding."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import xlsxwriter  # type: ignore[import-untyped]

from .ledger import Cell, Table

CREATED = datetime(2026, 11, 2, 6, 0, tzinfo=UTC).replace(tzinfo=None)


@dataclass
class Sheet:
    """A worksheet as rows of cells; text is always written as text, whatever it begins with."""

    name: str
    rows: Sequence[Sequence[Cell]]
    hidden: bool = False

    @classmethod
    def of(cls, table: Table) -> "Sheet":
        return cls(table.sheet or "", [*table.above, table.header, *table.rows])


def write_workbook(path: Path, sheets: Sequence[Sheet], author: str) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"author": author, "created": CREATED})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            for row, cells in enumerate(sheet.rows):
                for column, value in enumerate(cells):
                    if isinstance(value, str):
                        page.write_string(row, column, value)
                    elif value is not None:
                        page.write_number(row, column, value)
            if sheet.hidden:
                page.hide()


def write_text(path: Path, table: Table, delimiter: str = ",", encoding: str = "utf-8") -> None:
    """Write a delimited file; short and long rows stay short and long."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\r\n")
    for row in (*table.above, table.header, *table.rows):
        writer.writerow(["" if cell is None else cell for cell in row])
    path.write_bytes(stream.getvalue().encode(encoding))
