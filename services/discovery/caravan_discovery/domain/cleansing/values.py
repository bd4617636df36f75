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
