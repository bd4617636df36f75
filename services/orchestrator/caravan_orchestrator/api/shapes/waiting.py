"""The shapes of answers about what waits for a person, and of one screen of an engagement."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from caravan_orchestrator.api.shapes.base import Page, View
from caravan_orchestrator.api.shapes.flows import EventView

Kind = Literal["question", "approval", "failed", "rollback", "phase", "stale", "handoff"]


class FlowNameView(View):
    id: UUID
    name: str
    flow_type: str
    status: str


class ActionView(View):
    """A request that settles the entry, or helps to."""

    method: str
    path: str = Field(description="below /api/v1")
    body: dict[str, Any] | None = Field(description="to begin with, where the route takes one")
    role: str
    allowed: bool = Field(
        description="whether this token may; nobody approves what they requested themselves"
    )


class WaitingView(View):
    """`question`: answer it. `approval`: approve or reject it. `failed`: the flow failed. `rollback`: an undo or the
    proof failed. `phase`: the next phase runs when a person executes it. `stale`: something was decided since.
    `handoff`: a completed flow could not be handed over, and nobody has tried again."""

    id: UUID = Field(description="of the question, approval or handoff, else of the flow")
    kind: Kind
    engagement_id: UUID
    flow: FlowNameView
    phase: str | None
    subject: str
    text: str = Field(description="what there is to do")
    since: datetime
    blocking: bool | None = Field(description="of a question: the flow goes no further without an answer")
    options: list[dict[str, Any]] | None
    recommendation: str | None
    facts: dict[str, Any] | None
    requested_by: str | None
    error: dict[str, Any] | None = Field(description="of the phase or handoff that failed")
    actions: list[ActionView]


class WaitingCountsView(View):
    question: int
    blocking: int = Field(description="of the questions, those that hold up their flow")
    approval: int
    failed: int
    rollback: int
    phase: int
    stale: int
    handoff: int
    total: int


class InboxView(Page[WaitingView]):
    counts: WaitingCountsView = Field(
        description="of all kinds, in the engagements and flows asked for, not of this page alone"
    )


class EngagementNameView(View):
    id: UUID
    name: str


class FlowCountsView(View):
    total: int
    by_status: dict[str, int]
    by_type: dict[str, dict[str, int]] = Field(description="flow type → status → flows")
    paused: int
    stale: int


class AssetCountsView(View):
    total: int
    by_type: dict[str, int]
    migration_targets: int
    not_targets: dict[str, int] = Field(description="by reason")
    overridden: int = Field(description="on which a person has set something")


class OverviewView(View):
    engagement: EngagementNameView
    estate_id: UUID | None = Field(description="the current one; null while nothing was found yet")
    flows: FlowCountsView
    assets: AssetCountsView
    results: dict[str, Any] = Field(
        description="what the phases of the estate's flows last said, by the keys of `caravan run --json`: conflicts, "
        "gaps, dependencies, tech_debt … ; absent: not computed"
    )
    waiting: WaitingCountsView
    oldest: list[WaitingView] = Field(description="the first five of GET /inbox")
    events: list[EventView] = Field(description="the newest ten, the newest first")


class OldAndNewView(View):
    old: Any
    new: Any


class SampleAssetView(View):
    id: UUID
    natural_key: str
    name: str | None
    changes: dict[str, OldAndNewView] = Field(description="by attribute")


class BatchDecisionsView(View):
    flow_id: UUID
    first: int = Field(description="number of the first decision made about the flow")
    last: int
    etag: str
    stale: list[str] = Field(description="phases to be refreshed: POST /flows/{id}/refresh")


class BatchView(View):
    estate_id: UUID
    digest: str = Field(description="of the plan; the audit names the batch by it")
    count: int = Field(description="assets on which something is set, each by a decision of its own")
    unchanged: int = Field(description="assets that people have set to these very values already; left out")
    sample: list[SampleAssetView] = Field(description="the first twenty")
    applied: bool = Field(description="false: a preview")
    decisions: list[BatchDecisionsView]
