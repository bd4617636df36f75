"""How several columns of one row become one value. The rules' words are those of `domain.mapping`."""

import polars as pl

from caravan_discovery.domain.cleansing.plan import ColumnPlan

CATEGORIES = {
    "operating system": "operating_system",
    "database": "database_type",
    "language": "technology_stack",
    "runtime": "technology_stack",
    "framework": "technology_stack",
    "application type": "application_type",
}


def combine_columns(parts: list[tuple[ColumnPlan, pl.Series]]) -> pl.Series:
    """One Series out of those that map to the same attribute, the preferred first.

    Lists are joined without repeats; `sum` adds the columns of the lowest rank that is filled; else the
    first filled wins. `multiply` and `percent_of` need another attribute: see `relate_columns`.
    """
    if len(parts) == 1:
        return parts[0][1]
    frame = pl.DataFrame({str(number): series for number, (_, series) in enumerate(parts)})
    names = frame.columns
    if frame.dtypes[0] == pl.List(pl.String):
        lists = [pl.col(name).fill_null([]) for name in names]
        joined = pl.concat_list(lists).list.unique(maintain_order=True)
        return frame.select(value=pl.when(joined.list.len() > 0).then(joined))["value"]
    if any((column.combine or "").startswith("sum") for column, _ in parts):
        return frame.select(value=pl.coalesce(_sum_by_rank(parts)))["value"]
    return frame.select(value=pl.coalesce(names))["value"]


def _sum_by_rank(parts: list[tuple[ColumnPlan, pl.Series]]) -> list[pl.Expr]:
    ranks: dict[str, list[str]] = {}
    for number, (column, _) in enumerate(parts):
        ranks.setdefault((column.combine or "sum").partition(":")[2], []).append(str(number))
    return [
        pl.when(pl.any_horizontal(pl.col(names).is_not_null())).then(pl.sum_horizontal(names))
        for _, names in sorted(ranks.items(), key=lambda item: int(item[0] or 0))
    ]


def relate_columns(column: ColumnPlan, values: pl.Series, other: pl.Series | None) -> pl.Series:
    """`multiply:<attribute>` and `percent_of:<attribute>` with the row's value of that attribute."""
    word = (column.combine or "").partition(":")[0]
    if word == "multiply":
        if other is None:
            return values
        product = pl.DataFrame({"a": values, "b": other}).select(value=pl.col("a") * pl.col("b").fill_null(1))
        return product["value"].cast(values.dtype)
    if other is None:
        return pl.Series(values.name, [None] * len(values), dtype=values.dtype)
    share = pl.DataFrame({"a": values, "b": other}).select(
        value=pl.when(pl.col("b") > 0).then(pl.col("a") / pl.col("b") * 100)
    )
    return share["value"]


def related_attribute(column: ColumnPlan) -> str | None:
    """The attribute that the column's rule needs, or None."""
    word, _, attribute = (column.combine or "").partition(":")
    return attribute if word in ("multiply", "percent_of") else None
