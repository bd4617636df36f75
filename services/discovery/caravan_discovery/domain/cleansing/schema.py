"""The columns of clean_rows: fixed ones, then one per attribute, mark and relation that any sheet has."""

import polars as pl

from caravan_discovery.domain.attributes import ATTRIBUTES
from caravan_discovery.domain.cleansing.combining import CATEGORIES
from caravan_discovery.domain.cleansing.plan import SheetPlan

DTYPES: dict[str, pl.DataType] = {
    "String": pl.String(),
    "Int64": pl.Int64(),
    "Float64": pl.Float64(),
    "Boolean": pl.Boolean(),
    "Datetime": pl.Datetime("us", "UTC"),
    "List(String)": pl.List(pl.String),
}
FIXED: dict[str, pl.DataType] = {
    "file": pl.String(),
    "sheet": pl.String(),
    "row_number": pl.Int64(),
    "source": pl.String(),
    "format": pl.String(),
    "record_kind": pl.String(),
    "role": pl.String(),
    "source_key": pl.String(),
    "says_virtual": pl.Boolean(),
}
MARKS: dict[str, pl.DataType] = {
    "mark_template": pl.Boolean(),
    "mark_placeholder": pl.Boolean(),
    "mark_connection": pl.String(),
    "mark_guest": pl.String(),
    "mark_updated": pl.Datetime("us", "UTC"),
    "part_size_gb": pl.Float64(),
    "part_used_gb": pl.Float64(),
}
# Further columns that are filled where an attribute is read.
IMPLIED = {
    "fqdn": ("hostname", "name"),
    "hostname": ("fqdn", "name"),
    "operating_system": ("os_version", "os_family", "cpu_architecture"),
    "os_version": ("operating_system", "os_family", "cpu_architecture"),
    "database_type": ("database_version",),
    "database_version": ("database_type",),
    "storage_gb": ("storage_used_gb",),
}


def clean_rows_schema(plans: list[SheetPlan]) -> pl.Schema:
    """The schema for these sheets; equal plans give an equal schema."""
    named = {c.attribute for plan in plans for c in plan.columns if c.attribute}
    if any((c.combine or "").startswith("by_category") for plan in plans for c in plan.columns):
        named |= {*CATEGORIES.values()}
    named |= {extra for name in list(named) for extra in IMPLIED.get(name, ())}
    attributes = {a.name: DTYPES[a.dtype] for a in ATTRIBUTES if a.name in named}
    if "os_family" in named:
        attributes["os_family"] = pl.String()
    marks = {c.mark for plan in plans for c in plan.columns if c.mark}
    relations = sorted({f"rel_{c.relation}" for plan in plans for c in plan.columns if c.relation})
    return pl.Schema(
        FIXED
        | attributes
        | {name: dtype for name, dtype in MARKS.items() if name in marks}
        | dict.fromkeys(relations, pl.String())
        | {"custom": pl.String(), "quality_score": pl.Float64()}
    )
