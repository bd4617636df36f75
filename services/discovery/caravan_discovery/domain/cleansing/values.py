"""What cleaning one column gives back, and how distinct values are normalised once and joined back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl


@dataclass(frozen=True)
class Cleaned:
    """`values` typed; `rule` what changed a cell (null: unchanged); `problem` the issue it raises (null: none).

    `uniform` says that one rule holds for the whole column, so that it is logged once and not per cell.
    """

    values: pl.Series
    rule: pl.Series | None = None
    problem: pl.Series | None = None
    uniform: str | None = None


# Looking at a column's values instead of its cells pays where at least so many cells share each.
_SHARED_BY, _PROBED = 4, 1_000


def few_values(cells: pl.Series) -> pl.Series | None:
    """The different values of a column (null among them), if they are few; else None."""
    probe = cells.head(_PROBED)
    if probe.n_unique() * 2 > len(probe):
        return None
    values = cells.unique()
    return values if len(values) * _SHARED_BY <= len(cells) else None


def clean_by_value(raw: pl.Series, clean: Callable[[pl.Series], Cleaned]) -> Cleaned:
    """`clean` of a column, whose rule for a cell needs nothing but the cell; of few values once for each."""
    values = few_values(raw)
    if values is None:
        return clean(raw)
    cleaned = clean(values)
    told = {"values": cleaned.values, "rule": cleaned.rule, "problem": cleaned.problem}
    table = pl.DataFrame({"raw": values, **{name: each for name, each in told.items() if each is not None}})
    cells = raw.to_frame("raw").join(table, on="raw", how="left", nulls_equal=True, maintain_order="left")
    found = {name: cells[name] if name in cells.columns else None for name in ("rule", "problem")}
    return Cleaned(cells["values"].rename(cleaned.values.name), **found, uniform=cleaned.uniform)


def map_distinct(
    raw: pl.Series, parse: Callable[[str], Any], dtype: pl.DataType | type[pl.DataType], cache: dict[str, Any]
) -> pl.Series:
    """`parse` of every cell, called once per distinct value ever seen with this `cache`. Null stays null."""
    distinct = raw.drop_nulls().unique()
    for text in distinct.to_list():
        if text not in cache:
            cache[text] = parse(text)
    table = pl.DataFrame(
        {"raw": distinct, "value": pl.Series([cache[text] for text in distinct.to_list()], dtype=dtype)},
    )
    return raw.to_frame("raw").join(table, on="raw", how="left", maintain_order="left")["value"]
