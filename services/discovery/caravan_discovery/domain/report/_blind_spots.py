"""What is not known and will be needed: by attribute, how often, by which decision, and what is assumed meanwhile."""

from collections.abc import Mapping, Sequence

import polars as pl

from caravan_common.reporting import Cell, Figure, Share, Table, in_numbers
from caravan_discovery.domain.inventory.classify import (
    NEEDED,
    NEEDED_OF_APPLICATIONS,
    NEEDED_OF_DATABASES,
    TARGET_TYPES,
)
from caravan_discovery.domain.report._tables import MOST_ROWS
from caravan_discovery.domain.report._words import name_attribute

# Attributes beyond those the inventory raises gaps for: wanted, but an estate can do without.
_WANTED = ("cpu_avg_percent", "memory_avg_percent", "current_monthly_cost")
# Which later decision rests on it, in the words of the flows that decide.
_DECISIONS = {
    "operating_system": "treatment, end of support",
    "cpu_cores": "target size and cost",
    "memory_gb": "target size and cost",
    "storage_gb": "target size, time to copy",
    "environment": "order of waves, landing zone",
    "business_criticality": "business value, order of waves",
    "business_owner": "who approves the move",
    "data_classification": "compliance",
    "application_type": "whether a product may replace it",
    "database_type": "managed service or own server",
    "database_version": "end of support",
    "database_size_gb": "time to copy",
    "cpu_avg_percent": "right-sizing, idle machines",
    "memory_avg_percent": "right-sizing",
    "current_monthly_cost": "cost compared with today",
}


def list_blind_spots(assets: pl.DataFrame, applications: pl.DataFrame) -> Table:
    """A row per attribute that some targets, applications or databases lack; the largest share first.

    Needs natural_key, asset_type, is_target and the attributes; an attribute without column is unknown for all.
    """
    columns = ("what is unknown", "of", "unknown", "share", "needed for")
    if not {"asset_type", "is_target"} <= set(assets.columns):
        return Table(columns, [], 0)
    machines = assets.filter("is_target", pl.col("asset_type").is_in(TARGET_TYPES))
    groups = (
        ("migration target", machines, (*NEEDED, *_WANTED)),
        ("application", assets.filter(pl.col("asset_type") == "application"), NEEDED_OF_APPLICATIONS),
        ("database", assets.filter(pl.col("asset_type") == "database"), NEEDED_OF_DATABASES),
    )
    found = [
        (name, kind, lacking, rows.height, _DECISIONS[name])
        for kind, rows, names in groups
        for name in names
        if (lacking := rows[name].null_count() if name in rows.columns else rows.height)
    ]
    found += _without_application(machines.height, applications)
    found.sort(key=lambda spot: (-spot[2] / spot[3], -spot[2], spot[1], spot[0]))
    return Table(columns, [_row(*spot) for spot in found], len(found), numbers=(2,))


def list_assumptions(gaps: pl.DataFrame, names: Mapping[str, str]) -> Table:
    """A row per machine, or one for all, whose processor cores are assumed: how many, and why."""
    columns = ("of", "machines", "processor cores assumed", "why")
    if not {"natural_key", "subject", "count", "message", "assumed_cpu_cores"} <= set(gaps.columns):
        return Table(columns, [], 0)
    found = gaps.filter(pl.col("assumed_cpu_cores").is_not_null()).sort(
        "count", "natural_key", descending=[True, False]
    )
    rows = [
        (
            names.get(row["subject"], "all that do not tell theirs"),
            Figure(f"assumed/{row['natural_key']}/machines", row["count"]),
            Figure(f"assumed/{row['natural_key']}/cores", row["assumed_cpu_cores"]),
            row["message"],
        )
        for row in found.head(MOST_ROWS).iter_rows(named=True)
    ]
    return Table(columns, rows, found.height, numbers=(1, 2))


def _without_application(machines: int, applications: pl.DataFrame) -> list[tuple[str, str, int, int, str]]:
    if not machines or not {"kind", "members"} <= set(applications.columns):
        return []
    alone = int(applications.filter(pl.col("kind") == "unassigned")["members"].sum())
    needed = "which application it moves with"
    return [("application", "migration target", alone, machines, needed)] if alone else []


def _row(name: str, kind: str, lacking: int, total: int, decision: str) -> Sequence[Cell]:
    return (
        name_attribute(name),
        in_numbers(total, kind),
        Figure(f"unknown/{kind}/{name}", lacking),
        Share(lacking, total),
        decision,
    )
