"""Flow types, flows, and what hangs on them: phases, attempts, events."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from caravan_orchestrator.api.shapes.base import View
from caravan_orchestrator.api.shapes.data import UploadView


class FlowTypeVersionView(View):
    version: str
    digest: str
    owner: str | None
    slots: int
    workers: int = Field(
        description="replicas of this version that announced themselves within three minutes"
    )
    announced_at: datetime
    consumers: int | None = Field(
        description="of this major's queue, by the broker: one for each free slot, so 0 while all are taken; null when"
        " it can't be asked"
    )
    definition: dict[str, Any]


class FlowTypeView(View):
    flow_type: str
    title: str
    description: str
    latest: str
    phases: list[str]
    versions: list[FlowTypeVersionView]


class FlowTypesView(View):
    items: list[FlowTypeView]


class UnitsView(View):
    total: int
    done: int
    failed: int


class PhaseView(View):
    name: str
    position: int
    status: str
    reason: str | None
    stale: bool = Field(description="its inputs or decisions changed since")
    progress: float = Field(ge=0, le=1)
    note: str | None
    units: UnitsView | None
    active_attempt_id: UUID | None
    summary: dict[str, Any]
    decided_by: dict[str, int]
    error: dict[str, Any] | None
    seconds: float | None
    started_at: datetime | None
    completed_at: datetime | None


class PhasesView(View):
    items: list[PhaseView]


class FlowView(View):
    """With ?fields= only those asked for, and the id."""

    id: UUID
    flow_type: str = ""
    definition_version: str = ""
    name: str = ""
    description: str | None = None
    status: str = ""
    reason: str | None = None
    current_phase: str | None = None
    configuration: dict[str, Any] = Field(default={})
    uploads: list[UploadView] = Field(default=[])
    auto_advance: bool = True
    auto_accept: bool = False
    parent_flow_id: UUID | None = None
    estate_id: UUID | None = None
    stale: bool = False
    refreshing: bool = Field(default=False, description="its stale phases are run one after the other")
    paused_at: datetime | None = None
    next_wakeup_at: datetime | None = None
    created_by: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    etag: str = ""
    progress: float = 0.0
    phases: list[PhaseView] = Field(default=[])
    folded: bool | None = Field(
        default=None,
        description="of one flow: whether `/assets` shows all that it has found by now, and what was decided on it;"
        " null in lists",
    )


class UsageFiguresView(View):
    runs: int
    calls: int = Field(description="that have ended, well or not")
    prompt_tokens: int
    completion_tokens: int
    reserved_tokens: int = Field(
        description="booked for calls on their way, or of runs that died in the middle of one: they count as spent"
    )
    cost_usd: float = Field(description="0 where the price of the model is not known; with what is booked")


class AttemptUsageView(UsageFiguresView):
    model: str


class AttemptView(View):
    id: UUID
    kind: str
    phase: str
    unit_key: str | None
    sequence: int
    status: str
    epoch: int
    worker: str | None
    retries: int
    lease_losses: int
    fraction: float | None
    note: str | None
    error: dict[str, Any] | None
    usage: list[AttemptUsageView] = Field(description="what its runs have spent, by model")
    inputs: dict[str, Any] | None = Field(
        description="digests of what it was given: datasets by name (also `learned`), decisions …"
    )
    receipts: list[dict[str, Any]]
    outcome_unknown: bool
    not_before: datetime | None
    dispatched_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    seconds: float | None
    created_at: datetime


class EventView(View):
    id: UUID
    flow_id: UUID
    sequence: int
    type: str
    data: dict[str, Any]
    time: datetime
