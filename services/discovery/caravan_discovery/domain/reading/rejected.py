"""Rejected rows as they are shown to people: place, code, sentence, and the cells without secrets."""

import json
from collections.abc import Sequence

import polars as pl

from caravan_discovery.domain.reading.source import CELL_TOO_LONG, FIELD_COUNT, NO_RECORD, Unfit
from caravan_discovery.domain.secrets import mask_column, mask_row

BLANK, TOTAL, CATEGORY, REPEATED = "blank_row", "total_row", "category_row", "repeated_header"
NO_NAME, BAD_NUMBER = "missing_name", "bad_number"
SECOND_TABLE = "second_table"
NO_VINFO, RECORD_TYPE = "no_vinfo_row", "unknown_record_type"

MESSAGES = {
    BLANK: "The row is blank, between rows with data.",
    TOTAL: "The row is a total of other rows, not an asset.",
    CATEGORY: "The row is a heading over other rows, not an asset.",
    REPEATED: "The row repeats the header.",
    NO_NAME: "The row names nothing: every column that could name it is blank or unknown.",
    BAD_NUMBER: "The cell should hold a number: correct it, or say that the column means something else.",
    SECOND_TABLE: "The row belongs to another table further down in the sheet: deliver that as a sheet of its own.",
    NO_VINFO: "No row of vInfo has this VI SDK UUID and VM UUID.",
    RECORD_TYPE: "The record type is neither 1 (application) nor 2 (dependency).",
    FIELD_COUNT: "The row has {found} fields, the header {expected}.",
    CELL_TOO_LONG: "A cell of the row is longer than any inventory's: shorten it.",
    NO_RECORD: "The entry is no record of fields and values.",
}
# `cells` is a JSON object of the cells by header; of a blank row it is empty.
REJECTED_SCHEMA = pl.Schema(
    {
        "row_number": pl.Int64(),
        "code": pl.String(),
        "column": pl.String(),
        "message": pl.String(),
        "cells": pl.String(),
    }
)
# What is kept of a cell, and of the fields beyond the header's.
_KEPT_CHARACTERS, _KEPT_FIELDS = 2_000, 50


def no_rows() -> pl.DataFrame:
    """Nothing rejected."""
    return pl.DataFrame(schema=REJECTED_SCHEMA)


def blank_rows(numbers: pl.Series) -> pl.DataFrame:
    """Blank rows between rows with data."""
    return pl.select(row_number=numbers.cast(pl.Int64)).select(
        "row_number",
        code=pl.lit(BLANK),
        column=pl.lit(None, pl.String),
        message=pl.lit(MESSAGES[BLANK]),
        cells=pl.lit("{}"),
    )


def coded_rows(rejected: pl.DataFrame, headers: Sequence[str]) -> pl.DataFrame:
    """Rows that fit the header: row_number, code, column and c0… in, REJECTED_SCHEMA out."""
    blank, rest = rejected.filter(pl.col("code") == BLANK), rejected.filter(pl.col("code") != BLANK)
    if rest.is_empty():
        return blank_rows(blank["row_number"])
    cells = pl.DataFrame(
        [
            mask_column(header, rest[f"c{position}"].str.slice(0, _KEPT_CHARACTERS)).alias(header)
            for position, header in enumerate(headers)
        ]
    )
    described = rest.select(
        "row_number",
        "code",
        "column",
        pl.col("code").replace_strict(MESSAGES, return_dtype=pl.String).alias("message"),
        cells.to_struct("cells").struct.json_encode(),
    )
    return pl.concat([blank_rows(blank["row_number"]), described])


def unfit_rows(unfit: Sequence[Unfit], headers: Sequence[str]) -> pl.DataFrame:
    """Rows of another shape than the header."""
    return pl.DataFrame(
        {
            "row_number": [row.number for row in unfit],
            "code": [row.code for row in unfit],
            "column": [None] * len(unfit),
            "message": [
                MESSAGES[row.code].format(found=len(row.cells), expected=len(headers)) for row in unfit
            ],
            "cells": [_as_json(row.cells, headers) for row in unfit],
        },
        schema=REJECTED_SCHEMA,
    )


def _as_json(cells: Sequence[str | None], headers: Sequence[str]) -> str:
    beyond = range(len(headers), min(len(cells), len(headers) + _KEPT_FIELDS))
    names = [*headers, *(f"column_{extra + 1}" for extra in beyond)]
    kept = {name: cell[:_KEPT_CHARACTERS] if cell else cell for name, cell in zip(names, cells, strict=False)}
    return json.dumps(mask_row(kept), ensure_ascii=False, separators=(",", ":"))
