"""A flow as decisions see it: frozen values, loaded under its row lock and replaced, never mutated."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from caravan_common.contracts import (
    ArtifactRef,
    DatasetManifest,
    DatasetRef,
    ErrorInfo,
    HandoffInput,
    HumanDecision,
    Question,
    Receipt,
    RuleResult,
    Tenant,
    UnitSpec,
    UploadRef,
)
from caravan_orchestrator.domain.states import (
    OPEN_ATTEMPTS,
    OPEN_HANDOFFS,
    AttemptKind,
    AttemptStatus,
    FlowStatus,
    HandoffStatus,
    PhaseStatus,
)


class Origin(NamedTuple):
    """What an attempt was given out for, and in which trace, as written with it; never taken from a message."""

    tenant: Tenant
    flow_id: UUID
    flow_type: str
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """`active_attempt_id` is the pointer: the datasets of that attempt are what the phase shows.

    `inputs` are those recorded with that attempt, loaded for stale phases only.
    """

    name: str
    position: int
    status: PhaseStatus = PhaseStatus.PENDING
    reason: str | None = None
    active_attempt_id: UUID | None = None
    stale: bool = False
    decisions_upto: int = 0
    summary: Mapping[str, Any] = field(default_factory=dict)
    decided_by: Mapping[str, int] = field(default_factory=dict)
    error: ErrorInfo | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    inputs: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class EditRequest:
    """What an edit asks: what these edits, in this order, would cause to the plan `base`."""

    base: DatasetRef
    edits: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One thing sent to a worker. `epoch` is 0 until it is first given out.

    `inputs`: digests of what a computation was last given out with (domain/commands.py: recorded_inputs).
    `budget_tokens`: carried by the command it was last given out with; reserved of the client's quota while it is open.
    """

    id: UUID
    kind: AttemptKind
    phase: str
    sequence: int
    status: AttemptStatus = AttemptStatus.HELD
    unit_key: str | None = None
    epoch: int = 0
    run_id: UUID | None = None
    worker: str | None = None
    retries: int = 0
    lease_losses: int = 0
    decisions_upto: int = 0
    pointers_before: Mapping[str, str | None] | None = None
    inputs: Mapping[str, Any] | None = None
    unit: UnitSpec | None = None
    edit: EditRequest | None = None
    receipts: tuple[Receipt, ...] = ()
    result: Mapping[str, Any] | None = None
    error: ErrorInfo | None = None
    transcript: ArtifactRef | None = None
    budget_tokens: int = 0
    rollback_id: UUID | None = None
    outcome_unknown: bool = False
    not_before: datetime | None = None
    dispatched_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    seconds: float | None = None

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_ATTEMPTS


@dataclass(frozen=True, slots=True)
class Spending:
    """The newest report of what a run's calls of one model have cost. `tokens`, `cost_usd`: with what is booked."""

    attempt_id: UUID
    epoch: int
    run_id: UUID
    model: str
    phase: str
    calls: int
    reserved_tokens: int
    tokens: int
    cost_usd: float


@dataclass(frozen=True, slots=True)
class ActiveDataset:
    """A dataset of an attempt that the phase's pointer shows, or has shown."""

    id: UUID
    phase: str
    attempt_id: UUID
    manifest: DatasetManifest


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A dataset in a handoff's package: which flow and phase made it, and where it lies."""

    flow_id: UUID
    flow_type: str
    phase: str
    dataset_id: UUID
    manifest: DatasetManifest


@dataclass(frozen=True, slots=True)
class Handoff:
    """From this flow to one of another type. The attempt that builds it bears its id.

    `wanted`: the target definition's inputs, null until the target is known. `package`: {datasets: list of HandedOver,
    summary}. `requested_by`: null when the chain goes on by itself. `child_lives`: the target flow is neither
    cancelled nor rolled back nor deleted.
    """

    id: UUID
    target_flow_type: str
    status: HandoffStatus
    requested_by: str | None = None
    target_version: str | None = None
    wanted: tuple[HandoffInput, ...] | None = None
    target_flow_id: UUID | None = None
    package: Mapping[str, Any] = field(default_factory=dict)
    rules: tuple[RuleResult, ...] = ()
    digest: str | None = None
    error: ErrorInfo | None = None
    ended_at: datetime | None = None
    child_lives: bool = False

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_HANDOFFS


@dataclass(frozen=True, slots=True)
class RollbackStep:
    """The undo of one effect. `compensation_id` is the attempt that undoes it, once given out."""

    id: UUID
    position: int
    kind: str
    subject: str
    status: str = "pending"
    attempt_id: UUID | None = None
    compensation_id: UUID | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rollback:
    """A rollback under way on this flow.

    `cascade_id`: the rollback of another flow that this one is a part of. `phase`: where it begins; null: all of them.
    """

    id: UUID
    kind: str
    phase: str | None
    status: str
    digest: str
    plan: Mapping[str, Any]
    requested_by: str
    reason: str
    accepted_irreversible: tuple[str, ...] = ()
    steps: tuple[RollbackStep, ...] = ()
    cascade_id: UUID | None = None

    @property
    def whole_id(self) -> UUID:
        """Of the rollback that was ordered: this one, or the one it is a part of."""
        return self.cascade_id or self.id


@dataclass(frozen=True, slots=True)
class Flow:
    """The aggregate: the master row, its phases, its open attempts (and those a message names), what is active.

    `attempts` holds every open attempt, those whose result a waiting phase shows, and all unit and
    compensation attempts.
    `blocking` counts open blocking questions by phase. `decisions` are those not withdrawn. `learned` is the
    dataset of what the client has taught by now, `reference_tables` those in force for it, by name. `refreshing`:
    stale phases are run until none is left. `handoffs` are those from it that are open or stand, oldest first, `handed`
    the datasets its newest handoff gave it. `spending` is loaded for flows with a budget only; `quota_left` where the
    client has a quota besides: its tokens of this month without what all runs have spent and what other flows' open
    attempts have reserved. `handoff_revoked`: what it has grown from was rolled back, and so was it. `superseded`: it
    was rolled back, and what it has grown from was handed over to another flow of its type since, which lives.
    `earlier`: datasets that pointers do not show; while a selective rollback is under way those it takes rows from, all
    when everything is loaded. `asked_about`: by the key of an answered question, what it was about; loaded likewise.
    """

    id: UUID
    tenant: Tenant
    flow_type: str
    definition_version: str
    name: str
    status: FlowStatus
    estate_id: UUID
    reason: str | None = None
    current_phase: str | None = None
    configuration: Mapping[str, Any] = field(default_factory=dict)
    uploads: tuple[UploadRef, ...] = ()
    auto_advance: bool = True
    auto_accept: bool = False
    parent_flow_id: UUID | None = None
    lock_version: int = 0
    event_sequence: int = 0
    decision_sequence: int = 0
    attempt_sequence: int = 0
    audit_sequence: int = 0
    audit_head: str = ""
    next_wakeup_at: datetime | None = None
    paused_at: datetime | None = None
    deleted_at: datetime | None = None
    stale: bool = False
    refreshing: bool = False
    phases: tuple[Phase, ...] = ()
    attempts: Mapping[UUID, Attempt] = field(default_factory=dict)
    datasets: tuple[ActiveDataset, ...] = ()
    earlier: tuple[ActiveDataset, ...] = ()
    asked_about: Mapping[str, str] = field(default_factory=dict)
    decisions: tuple[HumanDecision, ...] = ()
    blocking: Mapping[str, int] = field(default_factory=dict)
    rollback: Rollback | None = None
    handoffs: tuple[Handoff, ...] = ()
    handed: tuple[HandedOver, ...] = ()
    handoff_revoked: bool = False
    superseded: bool = False
    learned: DatasetManifest | None = None
    reference_tables: Mapping[str, DatasetManifest] = field(default_factory=dict)
    spending: tuple[Spending, ...] = ()
    quota_left: int | None = None

    def phase(self, name: str) -> Phase:
        """Raises KeyError when the flow has no such phase."""
        for phase in self.phases:
            if phase.name == name:
                return phase
        raise KeyError(name)

    def later_phases(self, name: str, *, including: bool = False) -> tuple[Phase, ...]:
        start = self.phase(name).position + (0 if including else 1)
        return self.phases[start:]

    @property
    def open_attempts(self) -> tuple[Attempt, ...]:
        return tuple(attempt for attempt in self.attempts.values() if attempt.is_open)


@dataclass(frozen=True, slots=True)
class NewDataset:
    """To be recorded: a dataset of an accepted attempt."""

    id: UUID
    attempt_id: UUID
    phase: str
    manifest: DatasetManifest


@dataclass(frozen=True, slots=True)
class NewApproval:
    """To be asked of an approver, unless it is asked already. `subject` is a phase or the key of a unit."""

    id: UUID
    phase: str
    subject: str


@dataclass(frozen=True, slots=True)
class NewQuestion:
    id: UUID
    attempt_id: UUID
    phase: str
    question: Question
    status: str = "open"


@dataclass(frozen=True, slots=True)
class NewEdit:
    """To be recorded: an edit of the dataset `plan`, under the id of the attempt that evaluates it."""

    id: UUID
    phase: str
    plan: UUID
    edits: tuple[Mapping[str, Any], ...]
    actor: str


@dataclass(frozen=True, slots=True)
class AnsweredEdit:
    """To be recorded: what the service said."""

    id: UUID
    result: Mapping[str, Any]
