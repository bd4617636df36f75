"""What a person must know about a sheet that was read, though no row of it was rejected."""

from typing import Any

import polars as pl

from caravan_discovery.domain.reading.files import Sheet
from caravan_discovery.domain.reading.formulas import column_letters

FORMULA_WITHOUT_VALUE = "formula_without_value"


def list_notes(sheet: Sheet) -> list[dict[str, Any]]:
    """code, column (blank without a header), cell (the first), count, message: a note per column, in their order."""
    if sheet.table is None or sheet.table.uncached is None or sheet.header is None:
        return []
    headers = dict(enumerate(sheet.header.names, sheet.table.first_column))
    below = sheet.table.uncached.filter(pl.col("row") > sheet.header.row)
    columns = below.group_by("column").agg(first=pl.col("row").min(), count=pl.len()).sort("column")
    return [
        _note(headers.get(column, ""), f"{column_letters(column)}{first}", count)
        for column, first, count in columns.iter_rows()
    ]


def _note(column: str, cell: str, count: int) -> dict[str, Any]:
    cells = "1 cell holds" if count == 1 else f"{count} cells hold"
    message = (
        f"{cells} a formula whose result was never stored, the first in {cell}: read as blank. Open the file in a "
        "spreadsheet program, save it, and deliver it again."
    )
    return {
        "code": FORMULA_WITHOUT_VALUE,
        "column": column,
        "cell": cell,
        "count": count,
        "message": message,
    }
