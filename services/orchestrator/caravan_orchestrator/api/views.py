"""The shapes of answers, for OpenAPI; a test holds every answer against them."""

from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")


class View(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Page(View, Generic[Item]):
    items: list[Item]
    next_cursor: str | None = Field(description="give it back as ?cursor=; null on the last page")


class ProblemView(View):
    type: str
    title: str
    status: int
    detail: str
    code: str = Field(description="stable; docs/errors.md")
    pointer: str | None = Field(description="JSON pointer into the body")
    trace_id: str
    errors: list[dict[str, Any]] = []
    cascade: dict[str, Any] | None = Field(
        default=None,
        description="with has_children: kind, phase, digest, flows and parts of the rollback to ask for instead",
    )
    unknown: list[str] | None = Field(
        default=None,
        description="with unknown_keys: the keys that no version has rows of",
    )


class UploadView(View):
    upload_id: UUID
    name: str
    sha256: str
    bytes: int


class FlowTypeVersionView(View):
    version: str
    digest: str
    owner: str | None
    slots: int
    announced_at: datetime
    consumers: int | None = Field(
        description="of this major's queue, by the broker; null when it can't be asked"
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
    configuration: dict[str, Any] = {}
    uploads: list[UploadView] = []
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
    phases: list[PhaseView] = []
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


class QuestionView(View):
    id: UUID
    flow_id: UUID
    phase: str
    key: str
    subject: str
    text: str
    options: list[dict[str, Any]]
    recommendation: str
    facts: dict[str, Any]
    blocking: bool
    status: str
    answer: str | None
    created_at: datetime
    answered_at: datetime | None


class ApprovalView(View):
    id: UUID
    flow_id: UUID
    phase: str
    subject: str
    status: str
    requested_by: str
    decided_by: str | None
    comment: str | None
    created_at: datetime
    decided_at: datetime | None


class DatasetView(View):
    id: UUID
    flow_id: UUID
    attempt_id: UUID
    phase: str
    name: str
    version: int
    rows: int
    bytes: int
    sha256: str
    index: str
    index_hash: str | None
    indexed_rows: int
    indexed_at: datetime | None
    entity_type: str | None
    assets: bool
    created_at: datetime
    active: bool


class RowsView(View):
    columns: list[str]
    items: list[dict[str, Any]]
    next_cursor: str | None


class EventView(View):
    id: UUID
    flow_id: UUID
    sequence: int
    type: str
    data: dict[str, Any]
    time: datetime


class EntityView(View):
    id: UUID
    flow_id: UUID
    dataset_id: UUID
    entity_type: str
    natural_key: str
    data: dict[str, Any]
    source_entities: list[str]
    transformation_log: Any
    quality_score: float | None


class DecisionView(View):
    number: int
    kind: str
    phase: str
    subject: str
    value: Any
    old: Any
    actor: str
    reason: str | None
    decided_at: datetime
    withdrawn_by: UUID | None = None


class AssetView(BaseModel):
    """Every canonical attribute under its name (docs/api.md); with ?fields= only those asked for."""

    model_config = ConfigDict(extra="allow")

    id: UUID


class AssetPageView(View):
    estate_id: UUID | None = Field(description="the one shown")
    current_estate_id: UUID | None
    items: list[AssetView]
    next_cursor: str | None


class FacetValueView(View):
    value: str | bool | None
    count: int


class FacetsView(View):
    estate_id: UUID | None = Field(description="the one counted")
    current_estate_id: UUID | None
    facets: dict[str, list[FacetValueView]]


class PatchedAssetView(View):
    asset: AssetView
    decisions: list[DecisionView]


class AnsweredView(View):
    question: QuestionView
    decision: DecisionView


class DecidedView(View):
    approval: ApprovalView
    decision: DecisionView


class AuditView(View):
    id: UUID
    flow_id: UUID | None
    sequence: int
    actor: str
    action: str
    subject: str
    details: dict[str, Any]
    at: datetime
    previous: str
    hash: str


class LearnedView(View):
    id: UUID
    engagement_id: UUID = Field(
        description="where it was taught; it counts in all of the client's engagements"
    )
    kind: str
    pattern: str
    value: Any
    decision_id: UUID | None
    created_by: str
    created_at: datetime
    unlearned_at: datetime | None


class ReferenceTableView(View):
    name: str
    digest: str = Field(
        description="SHA-256 of the dataset; stands among the inputs of the attempts it was given to"
    )
    rows: dict[str, str] = Field(description="facts by key, as the service that reads them writes them")


class ReferenceTableReplacedView(View):
    name: str
    digest: str | None = Field(description="null: what the services ship is in force")
    rows: int
    changed: bool = Field(description="false: these very facts were in force already")
    stale_flows: int = Field(description="flows with a phase that became stale by it")


class DeadLetterView(View):
    id: UUID
    queue: str
    reason: str
    error_group: str
    error: str | None
    type: str
    message_id: str | None
    attempt_id: UUID | None
    flow_id: UUID | None
    status: str
    created_at: datetime
    replayed_at: datetime | None


class ReplayedView(View):
    replies: int
    retried: int
    left: int


class LiveView(View):
    status: str


class HealthView(BaseModel):
    model_config = ConfigDict(extra="allow")

    ready: bool
