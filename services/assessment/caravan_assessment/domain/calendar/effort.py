"""Person-days of each unit in its wave, by treatment and size, out of a table."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl
import yaml


@cache
def load_table(name: str) -> dict[str, Any]:
    """A table of this package: `effort` or `defaults`."""
    text = files("caravan_assessment.domain.calendar").joinpath(f"data/{name}.yaml").read_text("utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def reckon_effort(given: Mapping[str, Any] | None = None) -> pl.Expr:
    """Person-days, one decimal; 0 for what stays. Columns: treatment, targets, databases, business_criticality,
    non_production. `given` overrides figures of the table's treatments."""
    table = load_table("effort")
    figures = {**table["treatments"], **(given or {})}

    def of(part: str) -> pl.Expr:
        worth = {name: float(figure.get(part, 0.0)) for name, figure in figures.items()}
        return pl.col("treatment").replace_strict(worth, default=0.0, return_dtype=pl.Float64)

    first = pl.min_horizontal("targets", pl.lit(int(table["repeated_from"])))
    servers = first + table["repeated_share"] * (pl.col("targets") - first)
    factors = {name: float(factor) for name, factor in table["criticality"].items()}
    factor = pl.col("business_criticality").replace_strict(factors, default=1.0, return_dtype=pl.Float64)
    calm = pl.when("non_production").then(float(table["non_production"])).otherwise(1.0)
    days: pl.Expr = of("base") + of("server") * servers + of("database") * pl.col("databases")
    return (days * factor * calm).round(1)
