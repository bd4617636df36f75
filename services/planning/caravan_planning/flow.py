"""The planning flow as data: its phases, what they read and write, and where their functions are."""

import polars as pl

from caravan_common.contracts import (
    DatasetSpec,
    DecisionKind,
    FlowDefinition,
    HandoffInput,
    Index,
    InputSpec,
    PhaseDefinition,
    RetryPolicy,
)
from caravan_common.phases import judging
from caravan_common.worker.service import Service
from caravan_planning.columns import describe_columns
from caravan_planning.domain.overview.assumptions import ASSUMPTIONS
from caravan_planning.domain.overview.planning_scope import PLANNING_SCOPE
from caravan_planning.domain.resource.schema import RESOURCE_GAPS, RESOURCES
from caravan_planning.domain.target.prices import TABLE_NAME
from caravan_planning.domain.target.tables import ASSET_TARGETS, COSTS, TARGETS
from caravan_planning.domain.timeline.schema import TASKS

_PACKAGE = "caravan_planning.phases"
# Nothing outside is touched: retry soon, give up after a few minutes.
_RETRY = RetryPolicy(max_retries=3, base_seconds=2.0, cap_seconds=60.0)
# What comes with the handoff: of the assessment, and of discovery through it.
_HANDED_ON = (
    "portfolio",
    "members",
    "application_edges",
    "treatments",
    "waves",
    "wave_calendar",
    "roadmap",
    "assets",
)
_OPTIONAL = ("tech_debt", "dependencies", "gaps")


def _rows(
    name: str, entity_type: str, schema: pl.Schema, *, export: str | None = None, assets: bool = False
) -> DatasetSpec:
    """An indexed dataset."""
    return DatasetSpec(
        name=name,
        index=Index.ROWS,
        entity_type=entity_type,
        export=export,
        assets=assets,
        columns=describe_columns(name, schema),
    )


def _handed_on(*names: str) -> tuple[InputSpec, ...]:
    return tuple(InputSpec(name=name, optional=name in _OPTIONAL) for name in names)


OVERVIEW = PhaseDefinition(
    name="overview",
    title="Overview",
    description="What is planned for each application, and on which assumptions, gaps and constraints it rests.",
    retry=_RETRY,
    inputs=_handed_on("portfolio", "members", "treatments", "waves", "roadmap", "assets", "gaps"),
    outputs=(
        _rows("planning_scope", "planning_scope", PLANNING_SCOPE, export="planning_scope"),
        _rows("assumptions", "assumption", ASSUMPTIONS, export="assumptions"),
    ),
)
TIMELINE = PhaseDefinition(
    name="timeline",
    title="Timeline",
    description="Tasks by treatment, dated under calendars, waves and people; what is critical, and how sure it is.",
    retry=_RETRY,
    inputs=(
        InputSpec(name="planning_scope", phase="overview"),
        *_handed_on("portfolio", "application_edges"),
    ),
    outputs=(_rows("tasks", "task", TASKS, export="tasks"),),
)
RESOURCE = PhaseDefinition(
    name="resource",
    title="Resources",
    description="Who is at work when: teams by week, overload, what is missing, what the people cost.",
    retry=_RETRY,
    inputs=(
        InputSpec(name="planning_scope", phase="overview"),
        InputSpec(name="tasks", phase="timeline"),
    ),
    outputs=(
        _rows("resources", "resource", RESOURCES, export="resources"),
        _rows("resource_gaps", "resource_gap", RESOURCE_GAPS, export="resource_gaps"),
    ),
)
TARGET = PhaseDefinition(
    name="target",
    title="Target",
    description="Which machine each server becomes, where it lands and what it costs: three ways, three providers.",
    uses_crews=True,
    retry=_RETRY,
    decision_kinds=(DecisionKind.ANSWER, DecisionKind.OVERRIDE),
    inputs=(
        *_handed_on("portfolio", "members", "treatments", "waves", "assets", "dependencies"),
        InputSpec(name="tasks", phase="timeline", optional=True),
        InputSpec(name="resources", phase="resource", optional=True),
        InputSpec(name=TABLE_NAME, optional=True, reference=True),
    ),
    outputs=(
        _rows("targets", "target", TARGETS, export="targets"),
        _rows("costs", "cost", COSTS, export="costs"),
        _rows("asset_targets", "asset_target", ASSET_TARGETS, assets=True),
        DatasetSpec(
            name="target_judgements",
            index=Index.ROWS,
            entity_type="judgement",
            export="target_judgements",
            columns=describe_columns("judgements", judging.JUDGEMENTS),
        ),
    ),
)

PLANNING = FlowDefinition(
    flow_type="planning",
    version="1.2.0",
    title="Planning",
    description="From treatments and waves to a schedule, teams, target machines and their cost.",
    phases=(OVERVIEW, TIMELINE, RESOURCE, TARGET),
    next_flow_type="execution",
    handoff_inputs=(
        *(HandoffInput(name=name) for name in _HANDED_ON),
        *(HandoffInput(name=name, optional=True) for name in _OPTIONAL),
    ),
    asset_columns=("target_type", "target_region", "target_account", "target_monthly_cost"),
    owner="planning",
)
PHASES: dict[str, str] = {name: f"{_PACKAGE}.{name}:run" for name in PLANNING.phase_names}
CREWS: dict[str, str] = {"target": "caravan_planning.crews.target"}
HANDOFF = "caravan_planning.handoff:build"
SERVICE = Service(PLANNING, PHASES, CREWS, handoff=HANDOFF)
"""For the embedded platform, which finds it by the entry point `caravan.flows`."""
