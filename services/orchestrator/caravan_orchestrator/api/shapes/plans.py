"""The shapes of answers about plans: treatments, waves, edits, schedules. Rows are as in docs/exports.md."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from caravan_orchestrator.api.shapes.base import View
from caravan_orchestrator.api.shapes.decisions import DecisionView


class ResultRowsView(View):
    """`flow_id` and `dataset_id` are null, and there are no items, until a phase has made some."""

    flow_id: UUID | None
    dataset_id: UUID | None
    items: list[dict[str, Any]]
    next_cursor: str | None


class TreatmentsView(ResultRowsView):
    """Each item with `decision`: what a person has set, and whether it is taken in yet (`pending`)."""


class TreatmentSetView(View):
    application: str
    decision: DecisionView
    etag: str
    stale: list[str] = Field(description="phases to be refreshed: POST /flows/{id}/refresh")


class PlanRowsView(View):
    """A version of a plan, with what the phase says of it in short (`summary`) while it is in force."""

    version: UUID
    flow_id: UUID
    phase: str
    in_force: bool
    created_at: datetime
    rows: int
    summary: dict[str, Any] | None
    items: list[dict[str, Any]]
    next_cursor: str | None


class WavePlanView(PlanRowsView):
    cut: float = Field(description="weight of the soft edges between waves")
    load: list[dict[str, Any]] = Field(description="units, effort, servers by wave")
    dates: list[dict[str, Any]]
    unplaced: int = Field(description="units without a wave")
    violations: dict[str, Any] | None = Field(
        description="as the service counted them; null of a version not in force"
    )
    calendar: list[dict[str, Any]]
    findings: list[dict[str, Any]]


class EditAskedView(View):
    edit_id: UUID


class EditView(View):
    """The five fields of the answer are null until it is there; `error` says why there is none."""

    edit_id: UUID
    version: UUID
    flow_id: UUID
    status: str = Field(description="checking, answered, failed, cancelled, accepted, discarded")
    edits: list[dict[str, Any]]
    violations: dict[str, Any] | None
    cut_before: float | None
    cut_after: float | None
    load: Any
    dates: Any
    result: dict[str, Any] | None = Field(description="all that the service said")
    error: dict[str, Any] | None
    decision: int | None = Field(description="number of the decision that accepted it")
    asked_by: str
    settled_by: str | None
    created_at: datetime
    answered_at: datetime | None
    settled_at: datetime | None


class GrownFlowView(View):
    id: UUID
    flow_type: str
    status: str


class RefreshView(View):
    """What shows the plan as it was before, and the request that takes it in once the flow has completed."""

    text: str
    method: str
    path: str
    command: str = Field(description="the same on the command line")
    flows: list[GrownFlowView] = Field(
        description="grown from this one: stale once it hands its new results over, each to be refreshed after it"
    )


class PlanDecidedView(View):
    decision: DecisionView
    etag: str
    stale: list[str] = Field(
        description="phases to be refreshed: POST /flows/{id}/refresh; the one that makes the version runs already"
    )
    refresh: RefreshView | None = Field(
        default=None, description="what is to be done about what is stale; null where nothing is"
    )


class FiguresView(View):
    cut: float
    load: list[dict[str, Any]]
    dates: list[dict[str, Any]]
    unplaced: int


class ComparedView(View):
    """From the version in the path to the one in the body."""

    version: UUID
    with_version: UUID
    differences: list[dict[str, Any]] = Field(description="by application: what differs, before and after")
    before: FiguresView
    after: FiguresView
