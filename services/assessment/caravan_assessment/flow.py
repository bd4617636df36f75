"""The assessment flow as data: its phases, what they read and write, and where their functions are."""

import polars as pl

from caravan_assessment.columns import describe_columns
from caravan_assessment.domain.planning.schema import ASSET_WAVES, ASSIGNMENTS, CALENDAR, FINDINGS, WAVES
from caravan_assessment.domain.portfolio.readiness import READINESS
from caravan_assessment.domain.portfolio.schema import EDGES, MEMBERS, PORTFOLIO
from caravan_assessment.domain.roadmap.schema import ROADMAP
from caravan_assessment.domain.treatment.schema import ASSET_TREATMENTS, TREATMENTS
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
from caravan_common.phases.judging import JUDGEMENTS
from caravan_common.worker.service import Service

_PACKAGE = "caravan_assessment.phases"
# Computing again costs little and nothing outside is touched: retry soon, give up after a few minutes.
_RETRY = RetryPolicy(max_retries=3, base_seconds=2.0, cap_seconds=60.0)
# `application`: as `subject`; the key by which a treatment is rolled back alone.
TREATMENT_JUDGEMENTS = pl.Schema({**JUDGEMENTS, "application": pl.String()})


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


def _plain(name: str, schema: pl.Schema) -> DatasetSpec:
    """A dataset served from Parquet."""
    return DatasetSpec(name=name, columns=describe_columns(name, schema))


OVERVIEW = PhaseDefinition(
    name="overview",
    title="Overview",
    description="Portfolio and readiness: what is known of each application, what blocks it, what nobody knows.",
    retry=_RETRY,
    inputs=(
        InputSpec(name="assets"),
        InputSpec(name="applications"),
        InputSpec(name="memberships"),
        InputSpec(name="dependencies"),
        InputSpec(name="shared_services"),
        InputSpec(name="tech_debt", optional=True),
    ),
    outputs=(
        _rows("portfolio", "portfolio_entry", PORTFOLIO, export="portfolio"),
        _plain("members", MEMBERS),
        _rows("application_edges", "application_edge", EDGES, export="application_edges"),
        _plain("readiness", READINESS),
    ),
)
TREATMENT = PhaseDefinition(
    name="treatment",
    title="Treatment",
    description="The 6 Rs: hard rules, a score per option, the three best with reasons; contested ones are judged.",
    uses_crews=True,
    retry=_RETRY,
    decision_kinds=(DecisionKind.OVERRIDE, DecisionKind.ANSWER),
    selective_by="application",
    inputs=(
        InputSpec(name="assets"),
        InputSpec(name="portfolio", phase="overview"),
        InputSpec(name="members", phase="overview"),
        InputSpec(name="application_edges", phase="overview"),
        InputSpec(name="learned", optional=True),
    ),
    outputs=(
        _rows("treatments", "treatment", TREATMENTS, export="treatments"),
        _rows("asset_treatments", "asset_treatment", ASSET_TREATMENTS, assets=True),
        DatasetSpec(
            name="treatment_judgements",
            index=Index.ROWS,
            entity_type="judgement",
            export="treatment_judgements",
            columns=describe_columns("judgements", TREATMENT_JUDGEMENTS),
        ),
    ),
)
WAVE_PLANNING = PhaseDefinition(
    name="wave_planning",
    title="Wave planning",
    description="Ordered waves within capacities and dates; what cannot be placed is explained.",
    retry=_RETRY,
    decision_kinds=(DecisionKind.EDIT,),
    inputs=(
        InputSpec(name="portfolio", phase="overview"),
        InputSpec(name="members", phase="overview"),
        InputSpec(name="application_edges", phase="overview"),
        InputSpec(name="treatments", phase="treatment"),
    ),
    outputs=(
        _rows("wave_calendar", "wave", CALENDAR),
        _rows("wave_assignments", "wave_assignment", ASSIGNMENTS),
        _rows("wave_findings", "wave_finding", FINDINGS),
    ),
)
_PLAN = (
    InputSpec(name="members", phase="overview"),
    InputSpec(name="application_edges", phase="overview"),
    InputSpec(name="treatments", phase="treatment"),
    InputSpec(name="wave_calendar", phase="wave_planning"),
    InputSpec(name="wave_assignments", phase="wave_planning"),
)
ROADMAP_PHASE = PhaseDefinition(
    name="roadmap",
    title="Roadmap",
    description="The waves on a calendar: milestones, critical path, risks, freezes, confidence.",
    retry=_RETRY,
    decision_kinds=(DecisionKind.EDIT,),
    inputs=(*_PLAN, InputSpec(name="wave_findings", phase="wave_planning")),
    outputs=(_rows("roadmap", "roadmap_item", ROADMAP, export="roadmap"),),
)
EDITOR = PhaseDefinition(
    name="editor",
    title="Editor",
    description="The plan in force: the waves with people's edits, checked, every version kept.",
    retry=_RETRY,
    decision_kinds=(DecisionKind.EDIT,),
    inputs=(*_PLAN, InputSpec(name="asset_treatments", phase="treatment")),
    outputs=(
        _rows("waves", "planned_wave", WAVES, export="waves"),
        _rows("plan_calendar", "plan_wave", CALENDAR, export="plan_calendar"),
        _rows("asset_waves", "asset_wave", ASSET_WAVES, assets=True),
    ),
)

ASSESSMENT = FlowDefinition(
    flow_type="assessment",
    version="1.1.0",
    title="Assessment",
    description="From one estate to a treatment and a wave for every application.",
    phases=(OVERVIEW, TREATMENT, WAVE_PLANNING, ROADMAP_PHASE, EDITOR),
    next_flow_type="planning",
    handoff_inputs=(
        HandoffInput(name="assets"),
        HandoffInput(name="applications"),
        HandoffInput(name="memberships"),
        HandoffInput(name="dependencies"),
        HandoffInput(name="dependency_groups"),
        HandoffInput(name="shared_services"),
        HandoffInput(name="tech_debt", optional=True),
        HandoffInput(name="gaps", optional=True),
    ),
    asset_columns=("treatment", "treatment_confidence", "wave", "migration_priority"),
    owner="assessment",
)
PHASES: dict[str, str] = {name: f"{_PACKAGE}.{name}:run" for name in ASSESSMENT.phase_names}
CREWS: dict[str, str] = {"treatment": "caravan_assessment.crews.treatment"}
EDITS: dict[str, str] = {"editor": f"{_PACKAGE}.editor:evaluate"}
HANDOFF = "caravan_assessment.handoff:hand_over"
SUMMARIES: dict[str, str] = {"treatment": f"{_PACKAGE}.treatment:summarise_version"}
SERVICE = Service(ASSESSMENT, PHASES, CREWS, edits=EDITS, handoff=HANDOFF, summaries=SUMMARIES)
"""For the embedded platform, which finds it by the entry point `caravan.flows`."""
