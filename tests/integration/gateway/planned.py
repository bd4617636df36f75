"""A flow type with a schedule, and what its phases answer."""

from datetime import date

import polars as pl

from caravan_common.contracts import DatasetSpec, FlowDefinition, Index, PhaseDefinition

TASKS = DatasetSpec(name="tasks", index=Index.ROWS, entity_type="task")
RESOURCES = DatasetSpec(name="resources", index=Index.ROWS, entity_type="resource")
TARGETS = DatasetSpec(name="targets", index=Index.ROWS, entity_type="target")
COSTS = DatasetSpec(name="costs", index=Index.ROWS, entity_type="cost")
PLANNED = FlowDefinition(
    flow_type="planned",
    version="1.0.0",
    phases=(
        PhaseDefinition(name="timeline", outputs=(TASKS,)),
        PhaseDefinition(name="resource", outputs=(RESOURCES,)),
        PhaseDefinition(name="target", outputs=(TARGETS, COSTS)),
    ),
)


def tasks() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "natural_key": ["app:a:prepare", "app:a:cutover"],
            "name": ["Prepare", "Cut over"],
            "starts": [date(2026, 1, 5), date(2026, 1, 12)],
            "slack_days": [0, 0],
            "depends_on": [[], ["app:a:prepare"]],
        },
        schema_overrides={"depends_on": pl.List(pl.String)},
    )


def resources() -> pl.DataFrame:
    return pl.DataFrame(
        {"natural_key": ["team:db", "team:net"], "capacity": [4.0, None], "owner": ["Ann", "Bob"]}
    )


def targets() -> pl.DataFrame:
    return pl.DataFrame({"natural_key": ["vm:1", "vm:2"], "monthly_cost": [12.5, None]})


def costs() -> pl.DataFrame:
    return pl.DataFrame({"natural_key": ["total"], "today": [100.0], "price_date": [date(2023, 1, 1)]})
