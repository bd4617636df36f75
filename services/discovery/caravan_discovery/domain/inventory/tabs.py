"""Rows of other tabs put onto the machine they belong to: sums of disks, lists of addresses, first filled values."""

import polars as pl

from caravan_discovery.domain.cleansing.plan import MACHINE, PART

_LIST = pl.List(pl.String)
_NOT_TAKEN = {
    "file",
    "sheet",
    "row_number",
    "source",
    "format",
    "record_kind",
    "role",
    "source_key",
    "says_virtual",
    "custom",
    "quality_score",
    "asset",
    "place",
    "name",
    "entity",
}


def combine_tabs(rows: pl.DataFrame) -> pl.DataFrame:
    """Machine rows with what the parts of their entity add; rows of other roles unchanged; parts gone.

    Of a machine that several rows name, each row gets the parts. `parts` lists where they stood.
    """
    parts = rows.filter(pl.col("role") == PART)
    rest = rows.filter(pl.col("role") != PART)
    if parts.is_empty():
        return rest.with_columns(parts=pl.lit(None, _LIST))
    names = [
        name for name in rows.columns if name not in _NOT_TAKEN and not name.startswith(("rel_", "mark_"))
    ]
    added = parts.group_by("entity", maintain_order=True).agg(
        parts=pl.col("place"), **{f"part:{name}": _fold(name, rows.schema[name]) for name in names}
    )
    joined = rest.join(added, on="entity", how="left", maintain_order="left")
    mine = pl.col("role") == MACHINE
    combined = joined.with_columns(_put(name, rows.schema[name], mine) for name in names)
    combined = _sum_disks(combined, mine)
    return combined.drop([f"part:{name}" for name in names])


def _fold(name: str, dtype: pl.DataType) -> pl.Expr:
    if name in ("part_size_gb", "part_used_gb"):
        return pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).first()
    if dtype == _LIST:
        return pl.col(name).explode().drop_nulls().unique(maintain_order=True)
    return pl.col(name).drop_nulls().first()


def _put(name: str, dtype: pl.DataType, mine: pl.Expr) -> pl.Expr:
    """The machine's own value first; lists are joined."""
    own, part = pl.col(name), pl.when(mine).then(pl.col(f"part:{name}"))
    if dtype == _LIST:
        joined = pl.concat_list(own.fill_null([]), part.fill_null([])).list.unique(maintain_order=True)
        return pl.when(joined.list.len() > 0).then(joined).alias(name)
    return pl.coalesce(own, part).alias(name)


def _sum_disks(rows: pl.DataFrame, mine: pl.Expr) -> pl.DataFrame:
    """storage_gb is the sum of the disks where any are listed; use in partitions is only a fallback."""
    if "part_size_gb" in rows.columns and "storage_gb" in rows.columns:
        rows = rows.with_columns(
            storage_gb=pl.when(mine).then(pl.coalesce("part_size_gb", "storage_gb")).otherwise("storage_gb")
        )
    if "part_used_gb" in rows.columns and "storage_used_gb" in rows.columns:
        rows = rows.with_columns(storage_used_gb=pl.coalesce("storage_used_gb", "part_used_gb"))
    return rows
