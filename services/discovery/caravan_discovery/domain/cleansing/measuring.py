"""What can only be told from a whole column: decimal comma, day or month first, fractions called percent."""

from dataclasses import replace

import polars as pl

from caravan_discovery.domain.attributes import BY_NAME
from caravan_discovery.domain.cleansing.dates import SLASHED
from caravan_discovery.domain.cleansing.numbers import (
    DECIMAL_COMMA,
    POINT_OF_FRACTION,
    POINT_ZEROS,
    POINTS_OF_THOUSANDS,
    split_quantity,
)
from caravan_discovery.domain.cleansing.plan import ColumnPlan, SheetPlan
from caravan_discovery.domain.cleansing.readings import MEMORY_OPEN, TWOFOLD, is_bare_size, is_term


def measure_columns(plan: SheetPlan, rows: pl.LazyFrame) -> SheetPlan:
    """The plan with its columns' formats, in one pass over `rows` (the sheet's raw rows)."""
    questions = {
        f"{column.index}:{name}": expression
        for column in plan.columns
        for name, expression in _ask(plan, column).items()
    }
    if not questions:
        return plan
    answers = rows.select(**questions).collect(engine="streaming").row(0, named=True)
    return replace(plan, columns=tuple(_answer(column, answers) for column in plan.columns))


def _ask(plan: SheetPlan, column: ColumnPlan) -> dict[str, pl.Expr]:
    attribute = BY_NAME.get(column.attribute or "")
    if attribute is None:
        return {}
    cell = pl.col("cells").list.get(column.index, null_on_oob=True).str.strip_chars()
    if attribute.dtype.startswith("Datetime"):
        day = cell.str.extract(SLASHED, 1).cast(pl.Int32, strict=False)
        month = cell.str.extract(SLASHED, 2).cast(pl.Int32, strict=False)
        return {"first": day.max(), "second": month.max()}
    if is_term(column):
        return {"twofold": cell.str.contains(TWOFOLD).any()}
    if attribute.dtype not in ("Float64", "Int64"):
        return {}
    asked = {"comma": cell.str.contains(DECIMAL_COMMA).any()}
    if attribute.dtype == "Int64":
        # Nobody has 1.2 users.
        thousands = cell.str.contains(POINTS_OF_THOUSANDS).any() & ~cell.str.contains(POINT_OF_FRACTION).any()
        asked["comma"] |= thousands & ~cell.str.contains(POINT_ZEROS).all()
    if is_bare_size(plan, column):
        number, unit = split_quantity(cell, decimal_comma=False)
        asked |= {"median": number.median(), "bare": unit.is_null().all()}
    if attribute.unit == "percent":
        number, unit = split_quantity(cell, decimal_comma=False)
        asked["largest"] = number.filter(unit.is_null()).max()
        asked["signed"] = (unit == "%").any()
    return asked


def _answer(column: ColumnPlan, answers: dict[str, float | None]) -> ColumnPlan:
    def told(name: str) -> float | None:
        return answers.get(f"{column.index}:{name}")

    largest, first, second = told("largest"), told("first"), told("second")
    fraction = largest is not None and 0 < largest <= 1 and not told("signed")
    # A column written month first somewhere (second part above 12) is month first everywhere.
    day_first = first is not None and first > 12 and not (second is not None and second > 12)
    median = told("median")
    return replace(
        column,
        decimal_comma=bool(told("comma")),
        is_fraction=fraction,
        day_first=day_first,
        either_order=first is not None and second is not None and max(first, second) <= 12,
        bare_size=bool(told("bare")) and median is not None and MEMORY_OPEN[0] <= median < MEMORY_OPEN[1],
        twofold=bool(told("twofold")),
    )
