"""Person-days of each unit by treatment and size: what its steps come to, which are those that planning dates."""

from collections import Counter
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl
import yaml

from caravan_common.work import load_templates

_KEY = ("treatment", "variant", "targets", "databases", "care")


@cache
def load_table(name: str) -> dict[str, Any]:
    """A table of this package: `defaults`."""
    text = files("caravan_assessment.domain.calendar").joinpath(f"data/{name}.yaml").read_text("utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def add_effort(rows: pl.DataFrame, given: Mapping[str, Any] | None = None) -> pl.DataFrame:
    """Adds care (factor of steps that matter) and effort (person-days; 0 for what stays).

    `rows`: treatment, variant, targets, databases, business_criticality, non_production. `given`: configuration
    ["waves"]["effort"], by treatment base, server and database: those figures instead of the steps.
    """
    table = load_templates()
    factor = pl.col("business_criticality").replace_strict(
        dict(table.criticality), default=1.0, return_dtype=pl.Float64
    )
    calm = pl.when("non_production").then(float(table.non_production)).otherwise(1.0)
    rows = rows.with_columns(care=(factor * calm).round(3))
    effort = [
        (*key, float(sum(table.weigh(*key).values()))) for key in rows.select(_KEY).unique().iter_rows()
    ]
    schema: dict[str, pl.DataType] = {**{name: rows.schema[name] for name in _KEY}, "effort": pl.Float64()}
    found = rows.join(
        pl.DataFrame(effort, schema=schema, orient="row"),
        on=_KEY,
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    return found.with_columns(effort=pl.coalesce(_stated(given or {}), "effort"))


def _stated(given: Mapping[str, Any]) -> pl.Expr:
    """What somebody measured instead; null for treatments without such figures."""

    def of(part: str) -> pl.Expr:
        worth = {name: float(figure.get(part, 0.0)) for name, figure in given.items()}
        return pl.col("treatment").replace_strict(worth, default=None, return_dtype=pl.Float64)

    if not given:
        return pl.lit(None, pl.Float64)
    days: pl.Expr = of("base") + of("server") * pl.col("targets") + of("database") * pl.col("databases")
    return (days * pl.col("care")).round(1)


def sum_skills(rows: pl.DataFrame) -> Counter[str]:
    """Person-days of all rows by skill, as the steps have them. `rows`: as `add_effort` answers."""
    table = load_templates()
    found: Counter[str] = Counter()
    for *key, count in rows.group_by(_KEY).len().iter_rows():
        for skill, days in table.weigh(*key).items():
            found[skill] += days * count
    return found
