"""Columns and words that can be read in two ways: the readings, what the file says for each, and applying one.

Only what a whole column leaves open is a case, so their number grows with columns and distinct words, never with rows.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from caravan_discovery.domain.attributes import BY_NAME
from caravan_discovery.domain.cleansing import terms
from caravan_discovery.domain.cleansing.dates import SLASHED
from caravan_discovery.domain.cleansing.plan import ColumnPlan, SheetPlan
from caravan_discovery.domain.units import split_unit

MONTH_FIRST, DAY_FIRST, MIB, GIB = "month_first", "day_first", "MiB", "GiB"
# Two words in one cell: "Prod/Test", "dev und test".
TWOFOLD = r"(?i)[/&+,;]|\b(?:und|and|oder|or)\b"
_PARTS = re.compile(r"(?i)\s*(?:[/&+,;]|\b(?:und|and|oder|or)\b)\s*")
_SAMPLES, _MOST_WORDS = 12, 20
# Where between both units plain numbers of memory may be either: 256 GiB or 256 MiB are both sold.
MEMORY_OPEN = (256.0, 4096.0)
_LIKELY = 0.55


@dataclass(frozen=True)
class TwoReadings:
    """`readings`: option → score by the rules, the one they take first. `text` is the word it is about, if one."""

    plan: SheetPlan
    column: ColumnPlan
    kind: str
    readings: Mapping[str, float]
    facts: Mapping[str, Any]
    text: str | None = None

    @property
    def key(self) -> str:
        place = f"{self.plan.file}#{self.plan.sheet}#{self.column.index}|{self.column.header}"
        return f"{self.kind}:{place}" + (f"|{self.text}" if self.text is not None else "")

    @property
    def recommendation(self) -> str:
        return next(iter(self.readings))


def find_readings(plan: SheetPlan, rows: pl.LazyFrame) -> list[TwoReadings]:
    """What a measured sheet leaves open. `rows`: its raw rows; read only where a column is open."""
    return [
        *(_dates(plan, column, rows) for column in plan.columns if column.either_order),
        *(_unit(plan, column, rows) for column in plan.columns if column.bare_size),
        *(word for column in plan.columns if column.twofold for word in _words(plan, column, rows)),
    ]


def apply_readings(plan: SheetPlan, settled: Sequence[tuple[TwoReadings, str, str]]) -> SheetPlan:
    """The plan with the chosen readings of its columns: each with option and who decided."""
    columns = list(plan.columns)
    for reading, option, judge in settled:
        if (reading.plan.file, reading.plan.sheet) != (plan.file, plan.sheet):
            continue
        at = next(number for number, column in enumerate(columns) if column.index == reading.column.index)
        columns[at] = _apply(columns[at], reading, option, judge)
    return replace(plan, columns=tuple(columns))


def _apply(column: ColumnPlan, reading: TwoReadings, option: str, judge: str) -> ColumnPlan:
    if reading.kind == "date_order":
        return replace(column, day_first=option == DAY_FIRST)
    if reading.kind == "unit":
        return replace(column, unit=option, factor=None)
    if option == reading.recommendation or reading.text is None:
        return column
    return replace(column, readings=(*column.readings, (reading.text, option, judge)))


def _cells(column: ColumnPlan) -> pl.Expr:
    return pl.col("cells").list.get(column.index, null_on_oob=True).str.strip_chars()


def _dates(plan: SheetPlan, column: ColumnPlan, rows: pl.LazyFrame) -> TwoReadings:
    parts = _cells(column).str.extract_groups(r"^(\d{1,2})[-/](\d{1,2})[-/](\d{4}|\d{2})")
    first, second = (parts.struct.field(name).cast(pl.Int32, strict=False) for name in ("1", "2"))
    written = parts.struct.field("3").cast(pl.Int32, strict=False)
    year = (
        pl.when(written < 70).then(written + 2000).when(written < 100).then(written + 1900).otherwise(written)
    )
    found = (
        rows.select(
            latest_month_first=pl.date(year, first, second).max(),
            latest_day_first=pl.date(year, second, first).max(),
            samples=_cells(column).filter(_cells(column).str.contains(SLASHED)).head(_SAMPLES).implode(),
            rows=_cells(column).str.contains(SLASHED).sum(),
        )
        .collect(engine="streaming")
        .row(0, named=True)
    )
    habits = {"decimal_comma": any(each.decimal_comma for each in plan.columns)}
    headers = [each.header for each in plan.columns if each is not column][:24]
    facts = {**_about(plan, column), **found, **habits, "other_headers": headers}
    return TwoReadings(plan, column, "date_order", {MONTH_FIRST: _LIKELY, DAY_FIRST: 1 - _LIKELY}, facts)


def _unit(plan: SheetPlan, column: ColumnPlan, rows: pl.LazyFrame) -> TwoReadings:
    number = _cells(column).str.replace_all(r"[,' ]", "").cast(pl.Float64, strict=False)
    found = (
        rows.select(
            median=number.median(),
            least=number.min(),
            largest=number.max(),
            whole_gib=(number % 1024 == 0).mean(),
            samples=number.drop_nulls().head(_SAMPLES).implode(),
            rows=number.count(),
        )
        .collect()
        .row(0, named=True)
    )
    other = GIB if column.unit == MIB else MIB
    readings = {column.unit or GIB: _LIKELY, other: 1 - _LIKELY}
    return TwoReadings(plan, column, "unit", readings, {**_about(plan, column), **found})


def _words(plan: SheetPlan, column: ColumnPlan, rows: pl.LazyFrame) -> list[TwoReadings]:
    """Cells that name two words of a closed vocabulary, with the rows they stand in."""
    attribute = column.attribute or ""
    names = [each for each in plan.columns if each.attribute in ("name", "hostname", "fqdn")][:1]
    name = _cells(names[0]) if names else pl.lit(None, pl.String)
    counted = (
        rows.select(text=_cells(column), name=name)
        .filter(pl.col("text").str.contains(TWOFOLD))
        .group_by("text")
        .agg(rows=pl.len(), names=pl.col("name").drop_nulls().sort().head(_SAMPLES))
        .collect(engine="streaming")
        .sort("rows", "text", descending=[True, False])
        .head(_MOST_WORDS)
    )
    found = []
    for text, count, named in counted.iter_rows():
        said = [terms.find_term(attribute, part) for part in _PARTS.split(text) if part]
        known = list(dict.fromkeys(word for word in said if word))
        taken = terms.find_term(attribute, text)
        if len(known) < 2 or taken not in known or taken == text.lower():
            continue
        ordered = [taken, *(word for word in known if word != taken)]
        scores = {word: _LIKELY if word == taken else 1 - _LIKELY for word in ordered}
        facts = {**_about(plan, column), "value": text, "rows": count, "names": named}
        found.append(TwoReadings(plan, column, "term", scores, facts, text))
    return found


def _about(plan: SheetPlan, column: ColumnPlan) -> dict[str, Any]:
    return {
        "file": plan.file,
        "sheet": plan.sheet,
        "format": plan.format,
        "header": column.header,
        "attribute": column.attribute,
    }


def is_bare_size(plan: SheetPlan, column: ColumnPlan) -> bool:
    """Whether a column's unit can only be guessed: memory of an unknown format, with none in its header."""
    unnamed = split_unit(column.header.strip().lower())[1] is None
    return plan.format == "generic" and column.attribute == "memory_gb" and unnamed


def is_term(column: ColumnPlan) -> bool:
    """Whether a column holds words of a vocabulary of which only one can be right."""
    return column.attribute in BY_NAME and column.attribute in ("environment", "business_criticality")
