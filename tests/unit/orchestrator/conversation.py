"""A flow told as a conversation: given a flow, expect a command; given a reply, expect the next."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from caravan_common.contracts import (
    ArtifactRef,
    AttemptAbandoned,
    AttemptStarted,
    Command,
    DatasetManifest,
    DatasetSpec,
    ErrorInfo,
    ErrorKind,
    FlowDefinition,
    Index,
    InputSpec,
    PhaseCompleted,
    PhaseDefinition,
    PhaseFailed,
    Question,
    QuestionOption,
    Receipt,
    Reply,
    RetryPolicy,
    Tenant,
    UndoOutcome,
    UnitCompensated,
    UnitCompleted,
    UnitOutcome,
    UnitSpec,
    new_id,
)
from caravan_orchestrator.domain.cascade import RollbackOrder, start_closure
from caravan_orchestrator.domain.control import new_phases, start_flow
from caravan_orchestrator.domain.decision import Decision
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.model import Attempt, Flow
from caravan_orchestrator.domain.replies import take_reply
from caravan_orchestrator.domain.rollback_plan import plan_rollback
from caravan_orchestrator.domain.states import FlowStatus

SEVEN = datetime(2026, 1, 1, 7, tzinfo=UTC)
DEFINITION = FlowDefinition(
    flow_type="survey",
    version="1.2.0",
    phases=(
        PhaseDefinition(
            name="gather",
            outputs=(DatasetSpec(name="facts"),),
            retry=RetryPolicy(max_retries=2, base_seconds=10),
        ),
        PhaseDefinition(name="judge", inputs=(InputSpec(name="facts", phase="gather"),), skippable=True),
        PhaseDefinition(name="act", has_units=True),
    ),
)


def a_manifest(name: str = "facts", rows: int = 3, *, index: Index = Index.NONE) -> DatasetManifest:
    artifact = ArtifactRef(key=f"t/{name}", sha256="a" * 64, size=10)
    return DatasetManifest(name=name, artifact=artifact, rows=rows, index=index)


def a_question(key: str = "q1") -> Question:
    options = (QuestionOption(id="yes", label="Yes"), QuestionOption(id="no", label="No"))
    return Question(key=key, subject=key, text="Is it?", options=options, recommendation="yes")


class Conversation:
    """Holds the flow as it stands and what the last decision said."""

    def __init__(self, definition: FlowDefinition = DEFINITION, **flow: Any) -> None:
        self.definition, self.now = definition, SEVEN
        id_ = new_id()
        self.flow = Flow(
            id=id_,
            tenant=Tenant(client_account_id=new_id(), engagement_id=new_id()),
            flow_type=definition.flow_type,
            definition_version=definition.version,
            name="a survey",
            status=FlowStatus.DRAFT,
            estate_id=id_,
            phases=new_phases(definition),
            **flow,
        )
        self.last: Decision
        self.decisions: list[Decision] = []

    def order(self, give: Callable[[Draft], Any]) -> Decision:
        draft = Draft(self.flow, self.definition, self.now)
        give(draft)
        return self.close(draft)

    def close(self, draft: Draft) -> Decision:
        """The flow goes on as the draft has left it."""
        self.last = draft.decision()
        self.decisions.append(self.last)
        self.flow = replace(self.last.flow, spending=tuple(draft.spending))
        self._load()
        rollback = self.flow.rollback
        if rollback is not None and rollback.status == "completed":
            self.flow = replace(self.flow, rollback=None)  # a completed rollback is not loaded again
        return self.last

    def _load(self) -> None:
        """As the store does: a stale phase comes with the inputs of the result it shows, others without."""
        attempts = self.flow.attempts
        phases = tuple(
            replace(
                phase,
                inputs=attempts[phase.active_attempt_id].inputs
                if phase.stale and phase.active_attempt_id
                else None,
            )
            for phase in self.flow.phases
        )
        self.flow = replace(self.flow, phases=phases)

    def start(self) -> Decision:
        return self.order(lambda draft: start_flow(draft, "ann"))

    def later(self, **passed: float) -> None:
        self.now += timedelta(**passed)

    @property
    def commands(self) -> list[Command]:
        return [out.command for out in self.last.commands]

    @property
    def events(self) -> list[str]:
        return [event.type.removeprefix("caravan.") for event in self.last.events]

    def open(self, unit: str | None = None) -> Attempt:
        """The open attempt, or that of a unit."""
        found = [a for a in self.flow.open_attempts if unit is None or a.unit_key == unit]
        assert len(found) == 1, found
        return found[0]

    def take(self, reply: Reply) -> Decision:
        return self.order(lambda draft: take_reply(draft, reply))

    def _head(self, attempt: Attempt, run: UUID | None, epoch: int | None) -> dict[str, Any]:
        return {
            "attempt_id": attempt.id,
            "epoch": epoch or attempt.epoch,
            "run_id": run or attempt.run_id or new_id(),
            "flow_id": self.flow.id,
            "worker": "w1",
        }

    def started(self, attempt: Attempt, run: UUID | None = None, epoch: int | None = None) -> Decision:
        return self.take(AttemptStarted(**self._head(attempt, run, epoch)))

    def completed(
        self, attempt: Attempt | None = None, run: UUID | None = None, epoch: int | None = None, **result: Any
    ) -> Decision:
        return self.take(PhaseCompleted(**self._head(attempt or self.open(), run, epoch), **result))

    def failed(self, kind: ErrorKind = ErrorKind.RETRIABLE, attempt: Attempt | None = None) -> Decision:
        error = ErrorInfo(kind=kind, code="broken", message="It broke.")
        return self.take(PhaseFailed(**self._head(attempt or self.open(), None, None), error=error))

    def abandoned(self, attempt: Attempt, *, claimed_elsewhere: bool = False) -> Decision:
        head = self._head(attempt, None, None)
        return self.take(AttemptAbandoned(**head, reason="stopped", claimed_elsewhere=claimed_elsewhere))

    def unit_done(self, unit: str, *, run: UUID | None = None, epoch: int | None = None) -> Decision:
        attempt = next(a for a in self.flow.attempts.values() if a.unit_key == unit and a.kind == "unit")
        receipt = Receipt(effect_id=f"{unit}-{run or attempt.run_id}")
        head = self._head(attempt, run, epoch)
        return self.take(UnitCompleted(**head, outcome=UnitOutcome.DONE, receipt=receipt))

    def undone(self, unit: str, outcome: UndoOutcome = UndoOutcome.UNDONE) -> Decision:
        attempt = next(a for a in self.flow.open_attempts if a.unit_key == unit and a.kind == "compensate")
        return self.take(UnitCompensated(**self._head(attempt, None, None), outcome=outcome))

    def to_act(self, *units: UnitSpec) -> None:
        """Up to the phase with effects, with these units given by its computation."""
        self.start()
        self.completed(datasets=(a_manifest(),))
        self.completed()
        self.completed(units=units)

    def roll_back(self, kind: str, phase: str | None = None, accepted: tuple[str, ...] = ()) -> Decision:
        digest = plan_rollback(self.flow, kind, phase).describe()["digest"]
        return self.start_rollback(RollbackOrder(kind, phase, digest, "ann", "test", accepted))

    def start_rollback(self, order: RollbackOrder) -> Decision:
        """Of this flow alone."""
        return self.order(lambda draft: start_closure({draft.flow.id: draft}, draft.flow.id, order))
