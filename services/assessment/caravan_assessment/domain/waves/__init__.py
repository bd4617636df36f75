"""Waves out of dependencies: a planner, a checker that shares no code with it, edits, and reasons. Pure.

    plan = plan_waves(Instance(units, edges, waves, assets), steps=2_000_000, seed=1)   # the same plan every time
    check_plan(instance, plan.assignment).total == 0

`docs/waves.md` explains the method.
"""

from caravan_assessment.domain.waves.check import Violations, check_plan, measure_cut, measure_loads
from caravan_assessment.domain.waves.editing import EditAnswer, evaluate_edits
from caravan_assessment.domain.waves.edits import (
    DateEdit,
    Edit,
    EditIsNotPossible,
    LockEdit,
    MergeEdit,
    MoveEdit,
    SplitEdit,
    parse_edit,
    write_edit,
)
from caravan_assessment.domain.waves.explain import explain_infeasible
from caravan_assessment.domain.waves.model import (
    Edge,
    EdgeKind,
    Instance,
    InstanceIsNotUsable,
    Plan,
    Status,
    Unit,
    Unplaceable,
    Wave,
)
from caravan_assessment.domain.waves.partition import Graph, Partition, partition_graph, read_metis
from caravan_assessment.domain.waves.planner import plan_waves

__all__ = [
    "DateEdit",
    "Edge",
    "EdgeKind",
    "Edit",
    "EditAnswer",
    "EditIsNotPossible",
    "Graph",
    "Instance",
    "InstanceIsNotUsable",
    "LockEdit",
    "MergeEdit",
    "MoveEdit",
    "Partition",
    "Plan",
    "SplitEdit",
    "Status",
    "Unit",
    "Unplaceable",
    "Violations",
    "Wave",
    "check_plan",
    "evaluate_edits",
    "explain_infeasible",
    "measure_cut",
    "measure_loads",
    "parse_edit",
    "partition_graph",
    "plan_waves",
    "read_metis",
    "write_edit",
]
