"""Numbers with units as people write them: "16 GiB", "16,384", "1.234,5", "12.5%", "500 GB"."""

from dataclasses import dataclass

import polars as pl

from caravan_discovery.domain.cleansing.quantities import read_quantity
from caravan_discovery.domain.cleansing.values import Cleaned, map_distinct
from caravan_discovery.domain.units import factors_in_cells

_QUANTITY = r"^([$€£]?\s*[-+]?(?:\d[\d.,'\u{a0} ]*\d|\d)|[-+]?[.,]\d+)\s*([A-Za-z%€$£][A-Za-z/%]*)?\.?$"
# "1,5" or "1.234,5" can only be a decimal comma; "16,384" alone could be both and counts as thousands.
DECIMAL_COMMA = r"^\s*[-+]?(?:\d{1,3}(?:[. ]\d{3})*,(?:\d{1,2}|\d{4,})|\d{4,},\d+|0,\d+)\s*[A-Za-z%/]*\s*$"
# In a column of whole numbers "1.200" is a thousand, unless others show that points part fractions.
POINTS_OF_THOUSANDS = r"^\s*[1-9]\d{0,2}(?:\.\d{3})+\s*$"
POINT_OF_FRACTION = r"^\s*\d+\.(?:\d{1,2}|\d{4,})\s*$"
# As databases write decimals: "4.000" cores beside "16.000".
POINT_ZEROS = r"^\s*\d+\.000\s*$"


@dataclass(frozen=True)
class NumberFormat:
    """`factor` turns a bare number into the canonical `unit`; the rest is measured over the whole column."""

    unit: str | None
    factor: float = 1.0
    source_unit: str | None = None
    decimal_comma: bool = False
    is_fraction: bool = False
    whole: bool = False
    # Whether people compose it of several numbers, as sizes of disks and counts of cores.
    composed: bool = False


def split_quantity(text: pl.Expr, *, decimal_comma: bool) -> tuple[pl.Expr, pl.Expr]:
    """The bare number (Float64, null when it is none) and the unit in lower case of each cell."""
    groups = text.str.extract_groups(_QUANTITY)
    number = groups.struct.field("1").str.replace_all(r"[$€£'\u{a0} +]", "")
    if decimal_comma:
        number = number.str.replace_all(".", "", literal=True).str.replace_all(",", ".", literal=True)
    else:
        number = number.str.replace_all(",", "", literal=True)
    # "100, 200" are two numbers.
    number = pl.when(~text.str.contains(", ", literal=True)).then(number)
    return number.cast(pl.Float64, strict=False), groups.struct.field("2").str.to_lowercase()


def clean_number(raw: pl.Series, form: NumberFormat) -> Cleaned:
    """Cells as numbers in the canonical unit. Text, a foreign unit or a negative size becomes null with a problem."""
    frame = raw.to_frame("raw")
    number, unit = split_quantity(pl.col("raw"), decimal_comma=form.decimal_comma)
    table = factors_in_cells(form.unit)
    frame = frame.with_columns(number=number, unit=unit).with_columns(
        own=pl.col("unit").replace_strict(
            list(table), list(table.values()), default=None, return_dtype=pl.Float64
        )
        if table
        else pl.lit(None, pl.Float64)
    )
    scale = 100.0 if form.is_fraction else form.factor
    foreign = pl.col("unit").is_not_null() & pl.col("own").is_null()
    value = pl.col("number") * pl.when(pl.col("unit").is_null()).then(scale).otherwise(pl.col("own"))
    frame = frame.with_columns(value=pl.when(~foreign).then(value), foreign=foreign)
    frame = _with_composed(frame, form) if form.composed else frame.with_columns(composed=pl.lit(False))
    problem = (
        pl.when(pl.col("raw").is_null())
        .then(None)
        .when(~pl.col("composed") & (pl.col("number").is_null() | pl.col("foreign")))
        .then(pl.lit("not_a_number"))
        .when(pl.col("value") < 0)
        .then(pl.lit("negative_value"))
        .when(pl.lit(form.unit == "percent") & (pl.col("value") > 100))
        .then(pl.lit("percent_over_100"))
        .when(pl.lit(form.whole) & (pl.col("value") != pl.col("value").round(0)))
        .then(pl.lit("not_a_whole_number"))
    )
    frame = frame.with_columns(problem=problem)
    good = pl.when(pl.col("problem").is_null() | (pl.col("problem") == "not_a_whole_number")).then(
        pl.col("value")
    )
    written = pl.col("unit").is_not_null() | pl.col("raw").str.contains(r"[,'\s$€£]")
    rule = (
        pl.when(pl.col("composed"))
        .then(pl.lit("composed_quantity"))
        .when(pl.col("value").is_not_null() & written)
        .then(pl.lit("number_with_unit"))
    )
    frame = frame.with_columns(values=good, rule=rule)
    values = frame["values"].round(0).cast(pl.Int64) if form.whole else frame["values"]
    return Cleaned(values, frame["rule"], frame["problem"], _uniform(form))


def _with_composed(frame: pl.DataFrame, form: NumberFormat) -> pl.DataFrame:
    """Adds `composed`: cells that are no single number with a unit, and yet say one quantity; their value is set."""
    odd = pl.col("raw").is_not_null() & (pl.col("number").is_null() | pl.col("foreign"))
    cells = frame.select(pl.when(odd).then("raw").alias("raw"))["raw"]
    units = factors_in_cells(form.unit)

    def read(text: str) -> float | None:
        return read_quantity(text, units, form.factor, decimal_comma=form.decimal_comma)

    found = map_distinct(cells, read, pl.Float64, {})
    frame = frame.with_columns(found=found)
    return frame.with_columns(value=pl.coalesce("value", "found"), composed=pl.col("found").is_not_null())


def _uniform(form: NumberFormat) -> str | None:
    if form.is_fraction:
        return "fraction_to_percent (assumed: the column's largest value is at most 1)"
    if form.factor != 1.0:
        return f"unit {form.source_unit or '?'} to {form.unit}: × {form.factor:.10g}"
    return None
