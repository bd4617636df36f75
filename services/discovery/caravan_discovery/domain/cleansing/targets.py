"""Which columns of which sheet an attribute is read from: what lineage follows back to the cell."""

from collections.abc import Iterator

import polars as pl

from caravan_discovery.domain.cleansing.plan import ColumnPlan, SheetPlan
from caravan_discovery.domain.cleansing.schema import IMPLIED

COLUMN_TARGETS = pl.Schema(
    {
        "file": pl.String,
        "sheet": pl.String,
        "column_index": pl.Int64,
        "column": pl.String,
        "attribute": pl.String,
        "target": pl.String,
        "how": pl.String,
        "rank": pl.Int64,
    }
)
# How a column serves an attribute, and before which others: what is filled at a lower rank wins.
_RANKS = {"sum_of_parts": 0, "mapped": 1, "read_out": 2, "stands_for": 3, "part": 4}
# Of parts of a machine: the disks' sizes are its storage; use in partitions is only a fallback.
_PARTS = {
    "part_size_gb": ("storage_gb", "sum_of_parts"),
    "part_used_gb": ("storage_used_gb", "part"),
}
# What inventory takes from a column of another attribute: a name where there is none, an address that is a name,
# wishes that later flows are told of.
_STANDS_FOR = {
    "hostname": ("name",),
    "fqdn": ("name",),
    "application_name": ("name",),
    "name": ("ip_addresses",),
    "treatment": ("stated_treatment",),
    "wave": ("stated_wave",),
    "target_type": ("stated_target_type",),
}
_RELATIONS = ("host", "cluster")


def list_targets(plans: list[SheetPlan]) -> pl.DataFrame:
    """Sorted by file, sheet, column_index, attribute, rank. `target`: the column of clean_rows that it fills."""
    rows = [
        (plan.file, plan.sheet, column.index, column.header, attribute, target, how, _RANKS[how])
        for plan in plans
        for column in plan.columns
        for attribute, target, how in _served_by(column)
    ]
    return pl.DataFrame(rows, schema=COLUMN_TARGETS, orient="row").sort(
        "file", "sheet", "column_index", "attribute", "rank"
    )


def _served_by(column: ColumnPlan) -> Iterator[tuple[str, str, str]]:
    """Attribute of an asset, column of clean_rows, how."""
    if column.mark in _PARTS:
        attribute, how = _PARTS[column.mark]
        yield attribute, column.mark, how
    elif column.relation in _RELATIONS:
        yield column.relation, f"rel_{column.relation}", "mapped"
    elif column.attribute is not None:
        yield column.attribute, column.attribute, "mapped"
        for read in IMPLIED.get(column.attribute, ()):
            yield read, read, "read_out"
        for other in _STANDS_FOR.get(column.attribute, ()):
            yield other, column.attribute, "stands_for"
