"""What workers tell the orchestrator. Each names attempt, epoch and run; only the bound run's count."""

from typing import Any
from uuid import UUID

from pydantic import Field

from caravan_common.contracts._base import Message, Model
from caravan_common.contracts.datasets import ArtifactRef, DatasetManifest
from caravan_common.contracts.decisions import DecidedBy, Question
from caravan_common.contracts.definition import FlowDefinition
from caravan_common.contracts.errors import ErrorInfo
from caravan_common.contracts.units import Receipt, UndoOutcome, UnitOutcome, UnitSpec
from caravan_common.contracts.usage import Usage


class FlowTypeAnnounced(Message):
    """A service has started: here is what it can do. Same version with another digest is refused."""

    definition: FlowDefinition
    digest: str
    worker: str
    slots: int = 1


class Reply(Message):
    """`worker` names the replica, for people; identity is (attempt_id, epoch, run_id)."""

    attempt_id: UUID
    epoch: int
    run_id: UUID
    flow_id: UUID
    worker: str
    usage: tuple[Usage, ...] = ()


class AttemptStarted(Reply):
    """Confirmed before the delivery is acked; from here on the lease guards the run."""


class AttemptHeartbeat(Reply):
    """Alive, and how far. `fraction` 0..1 or null when not known."""

    fraction: float | None = Field(default=None, ge=0, le=1)
    note: str = ""


class AttemptAbandoned(Reply):
    """This run has ended without a result, by itself: another may start at once. Not a lease loss.

    `claimed_elsewhere`: it never began, because another run holds the unit's claim for this epoch.
    `effect_claimed`: an undo never began, because a run that may go on holds a claim it had to fence.
    """

    reason: str
    claimed_elsewhere: bool = False
    effect_claimed: bool = False


class PhaseCompleted(Reply):
    """`summary` is small and for people and `--json`; units, if any, are dispatched before the phase completes."""

    datasets: tuple[DatasetManifest, ...] = ()
    summary: dict[str, Any] = Field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    units: tuple[UnitSpec, ...] = ()
    decided_by: DecidedBy = DecidedBy()
    transcript: ArtifactRef | None = None
    seconds: float = 0.0


class PhaseFailed(Reply):
    """For every kind of attempt, not only phases: this run ended with `error`."""

    error: ErrorInfo
    seconds: float = 0.0


class UnitCompleted(Reply):
    outcome: UnitOutcome
    receipt: Receipt | None = None
    error: ErrorInfo | None = None


class UnitCompensated(Reply):
    outcome: UndoOutcome
    details: dict[str, Any] = Field(default_factory=dict)
    error: ErrorInfo | None = None


class RuleResult(Model):
    """One validation rule of a handoff: what was demanded and whether it holds."""

    rule: str
    passed: bool
    detail: str = ""


class HandoffBuilt(Reply):
    datasets: tuple[DatasetManifest, ...] = ()
    summary: dict[str, Any] = Field(default_factory=dict)
    rules: tuple[RuleResult, ...] = ()
    digest: str


class EditEvaluated(Reply):
    edit_id: UUID
    result: dict[str, Any] = Field(default_factory=dict)
    datasets: tuple[DatasetManifest, ...] = ()


class SelectiveVersionBuilt(Reply):
    """The rebuilt datasets; those that have no keys stay as they are. `summary` and `decided_by`: what of the phase's
    follows from the rows that stand now; the rest of its summary is of the computation, and stays."""

    datasets: tuple[DatasetManifest, ...] = ()
    proof: dict[str, Any] = Field(default_factory=dict)
    summary: dict[str, Any] = Field(default_factory=dict)
    decided_by: DecidedBy | None = None
