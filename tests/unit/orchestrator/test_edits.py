"""Edits of a plan: evaluated like any attempt, on a flow at rest; accepted as decisions; restored."""

from typing import Any

import pytest

from caravan_common.contracts import (
    ArtifactRef,
    AttemptStarted,
    DatasetManifest,
    DatasetSpec,
    DecisionKind,
    EditEvaluated,
    ErrorKind,
    EvaluateEdit,
    ExecutePhase,
    FlowDefinition,
    InputSpec,
    PhaseDefinition,
    new_id,
)
from caravan_orchestrator.domain import control, edits, people
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.model import Attempt
from caravan_orchestrator.domain.replies import lease_ran_out
from caravan_orchestrator.domain.states import AttemptKind, AttemptStatus, FlowStatus
from caravan_orchestrator.domain.wakeups import wake_flow
from tests.unit.orchestrator.conversation import Conversation

PLANS = FlowDefinition(
    flow_type="plans",
    version="1.0.0",
    phases=(
        PhaseDefinition(
            name="solve", outputs=(DatasetSpec(name="solved"),), decision_kinds=(DecisionKind.EDIT,)
        ),
        PhaseDefinition(
            name="edit",
            inputs=(InputSpec(name="solved", phase="solve"),),
            outputs=(DatasetSpec(name="plan"),),
            decision_kinds=(DecisionKind.EDIT,),
        ),
    ),
)
MOVE = {"move": {"application": "a", "wave": 2}}


def manifest(name: str, content: str) -> tuple[DatasetManifest, ...]:
    artifact = ArtifactRef(key=f"t/{name}", sha256=content * 64, size=10)
    return (DatasetManifest(name=name, artifact=artifact, rows=1),)


class Planning(Conversation):
    """Its two phases are done."""

    def __init__(self) -> None:
        super().__init__(PLANS)
        self.start()
        self.completed(datasets=manifest("solved", "a"))
        self.completed(datasets=manifest("plan", "b"))

    @property
    def plan(self) -> Any:
        return next(d for d in self.flow.datasets if d.manifest.name == "plan")

    @property
    def edit(self) -> Attempt:
        return next(a for a in reversed(self.flow.attempts.values()) if a.kind is AttemptKind.EDIT)

    def ask(self, *wanted: Any) -> Attempt:
        self.order(lambda d: edits.ask_edit(d, plan=self.plan.id, edits=wanted or (MOVE,), actor="ann"))
        return self.edit

    def answer(self, attempt: Attempt, **head: Any) -> None:
        known = self._head(attempt, head.get("run"), head.get("epoch"))
        self.take(EditEvaluated(**known, edit_id=attempt.id, result={"violations": {"capacity": ["w"]}}))

    def accept(self, *wanted: Any, understood: Any = None) -> None:
        """Asked, answered, accepted; the phase that makes the next version is given out."""
        asked = self.ask(*wanted)
        self.answer(asked)
        self.order(
            lambda d: edits.accept_edit(
                d,
                edit_id=asked.id,
                plan=self.plan.id,
                edits=wanted or (MOVE,),
                result={} if understood is None else {"edits": understood},
                actor="ann",
                reason=None,
            )
        )

    def restore(self, version: Any) -> None:
        self.order(
            lambda d: edits.restore_plan(
                d, plan=version.id, made_by=version.attempt_id, actor="ann", reason=None
            )
        )

    def given(self) -> list[Any]:
        """The edits that the command just given out carries."""
        (command,) = self.commands
        assert isinstance(command, ExecutePhase | EvaluateEdit)
        return [each for decision in command.decisions for each in decision.value["edits"]]


def test_an_edit_of_a_completed_flow_is_a_command_with_the_plan_and_leaves_the_flow_at_rest() -> None:
    talk = Planning()
    asked = talk.ask()
    (command,) = talk.commands
    assert isinstance(command, EvaluateEdit)
    assert (command.phase, command.edit_id, command.epoch) == ("edit", asked.id, 1)
    assert command.base.manifest == talk.plan.manifest
    assert [ref.manifest.name for ref in command.inputs] == ["solved"]
    assert (talk.flow.status, talk.flow.stale) == (FlowStatus.COMPLETED, False)
    assert talk.flow.next_wakeup_at is not None


def test_an_answer_is_told_and_moves_nothing() -> None:
    talk = Planning()
    before = talk.plan
    talk.answer(talk.ask())
    assert talk.events == ["edit.answered"]
    assert [each.id for each in talk.last.answered_edits] == [talk.edit.id]
    assert (talk.plan, talk.flow.status) == (before, FlowStatus.COMPLETED)
    assert talk.edit.status is AttemptStatus.SUCCEEDED
    assert talk.flow.next_wakeup_at is None


def test_a_late_or_repeated_answer_or_one_of_another_run_changes_nothing() -> None:
    talk = Planning()
    asked = talk.ask()
    run = new_id()
    talk.take(AttemptStarted(**talk._head(asked, run, None)))
    talk.answer(asked)
    assert talk.last.answered_edits == ()
    talk.answer(asked, run=run)
    assert len(talk.last.answered_edits) == 1
    talk.answer(asked, run=run)
    assert talk.last.answered_edits == ()


def test_an_edit_whose_worker_fell_silent_is_given_out_again_and_in_the_end_fails_alone() -> None:
    talk = Planning()
    talk.ask()
    for losses in (1, 2, 3):
        talk.take(AttemptStarted(**talk._head(talk.edit, new_id(), None)))
        talk.order(lambda d: lease_ran_out(d, talk.edit))
        assert talk.flow.status is FlowStatus.COMPLETED
        assert talk.edit.epoch == min(losses + 1, 3)
    assert (talk.edit.status, talk.edit.error and talk.edit.error.code) == (
        AttemptStatus.FAILED,
        "workers_lost",
    )
    assert talk.events[-1] == "edit.failed"


def test_a_failed_edit_is_retried_by_time_on_a_flow_at_rest_and_fails_no_phase() -> None:
    talk = Planning()
    asked = talk.ask()
    talk.failed(ErrorKind.RETRIABLE, asked)
    assert talk.edit.status is AttemptStatus.DELAYED
    talk.later(minutes=5)
    talk.order(wake_flow)
    assert isinstance(talk.commands[0], EvaluateEdit)
    talk.failed(ErrorKind.PERMANENT, talk.edit)
    assert (talk.edit.status, talk.flow.status) == (AttemptStatus.FAILED, FlowStatus.COMPLETED)
    assert [p.status for p in talk.flow.phases] == ["completed", "completed"]


def test_an_edit_that_is_discarded_while_it_is_evaluated_is_cancelled() -> None:
    talk = Planning()
    asked = talk.ask()
    talk.order(lambda d: edits.drop_edit(d, edit_id=asked.id, actor="ann"))
    assert talk.edit.status is AttemptStatus.CANCELLED
    assert [cancel.attempt_id for cancel in talk.last.cancels] == [asked.id]
    talk.answer(asked)
    assert talk.last.answered_edits == ()


def test_what_is_evaluated_hinders_no_order_and_a_rollback_ends_it() -> None:
    talk = Planning()
    talk.ask()
    talk.order(lambda d: control.execute_phase(d, "ann", "edit"))
    assert talk.flow.status is FlowStatus.ACTIVE
    talk.completed(next(a for a in talk.flow.open_attempts if a.kind is AttemptKind.EXECUTE))
    talk.roll_back("phase", "edit")
    assert talk.edit.status is AttemptStatus.CANCELLED


def test_accepting_is_a_decision_and_the_phase_runs_at_once_with_all_edits_in_order() -> None:
    talk = Planning()
    talk.accept()
    assert talk.given() == [MOVE]
    talk.completed(datasets=manifest("plan", "c"))
    assert (talk.flow.status, talk.flow.stale) == (FlowStatus.COMPLETED, False)
    lock = {"lock": {"application": "b"}}
    talk.accept(lock)
    assert talk.given() == [MOVE, lock]
    assert [decision.kind for decision in talk.flow.decisions] == ["edit", "edit"]


def test_what_stands_are_the_edits_as_the_service_understood_them() -> None:
    talk = Planning()
    locked = {"lock": {"application": "b", "wave": 2}}
    talk.accept({"lock": {"application": "b"}}, understood=[locked])
    assert talk.given() == [locked]


def test_edits_that_the_service_lost_some_of_stand_as_they_were_asked() -> None:
    talk = Planning()
    talk.accept(MOVE, understood=[])
    assert talk.given() == [MOVE]


def test_an_edit_of_a_version_that_is_no_longer_in_force_is_refused() -> None:
    talk = Planning()
    asked, old = talk.ask(), talk.plan.id
    talk.answer(asked)
    talk.accept()
    talk.completed(datasets=manifest("plan", "c"))
    with pytest.raises(Refused) as refused:
        talk.order(
            lambda d: edits.accept_edit(
                d, edit_id=asked.id, plan=old, edits=[MOVE], result={}, actor="ann", reason=None
            )
        )
    assert refused.value.code == "plan_changed"


def test_nothing_is_accepted_while_a_phase_runs() -> None:
    talk = Planning()
    talk.order(lambda d: control.execute_phase(d, "ann", "solve"))
    with pytest.raises(Refused) as refused:
        talk.accept()
    assert refused.value.code == "phase_running"


def test_a_restored_version_is_computed_of_the_very_inputs_it_had() -> None:
    talk = Planning()
    talk.accept()
    talk.completed(datasets=manifest("plan", "c"))
    second = talk.plan
    talk.accept({"lock": {"application": "b"}})
    talk.completed(datasets=manifest("plan", "d"))
    inputs = talk.flow.attempts[second.attempt_id].inputs
    talk.restore(second)
    assert talk.given() == [MOVE]
    assert talk.open().inputs == inputs
    talk.completed(datasets=manifest("plan", "c"))
    later = {"move": {"application": "z", "wave": 1}}
    talk.accept(later)
    assert talk.given() == [MOVE, later]


def test_restoring_may_itself_be_taken_back_by_restoring_the_version_before() -> None:
    talk = Planning()
    first = talk.plan
    talk.accept()
    talk.completed(datasets=manifest("plan", "c"))
    second = talk.plan
    talk.restore(first)
    assert talk.given() == []
    talk.completed(datasets=manifest("plan", "b"))
    talk.restore(second)
    assert talk.given() == [MOVE]


def test_a_version_made_of_something_else_is_not_restored() -> None:
    talk = Planning()
    first = talk.plan
    talk.order(lambda d: control.execute_phase(d, "ann", "solve"))
    talk.completed(datasets=manifest("solved", "e"))
    talk.order(lambda d: control.execute_phase(d, "ann", "edit"))
    talk.completed(datasets=manifest("plan", "f"))
    with pytest.raises(Refused) as refused:
        talk.restore(first)
    assert refused.value.code == "other_inputs"


def test_whoever_plans_anew_is_given_the_edits_but_is_not_stale_by_them() -> None:
    talk = Planning()
    talk.accept()
    talk.completed(datasets=manifest("plan", "c"))
    assert [phase.stale for phase in talk.flow.phases] == [False, False]
    talk.order(lambda d: control.execute_phase(d, "ann", "solve"))
    assert talk.given() == [MOVE]


def test_an_edit_goes_with_the_phase_that_is_rolled_back() -> None:
    talk = Planning()
    talk.accept()
    talk.completed(datasets=manifest("plan", "c"))
    talk.roll_back("phase", "edit")
    assert talk.flow.decisions == ()


@pytest.mark.parametrize("order", [control.cancel_flow, control.pause_flow])
def test_a_flow_that_is_paused_or_cancelled_takes_no_edits(order: Any) -> None:
    talk = Planning()
    talk.order(lambda d: control.execute_phase(d, "ann", "solve"))
    talk.order(lambda d: order(d, "ann"))
    with pytest.raises(Refused):
        talk.ask()


def test_a_flow_type_without_edits_says_so() -> None:
    talk = Conversation()
    talk.start()
    with pytest.raises(Refused) as refused:
        talk.order(lambda d: edits.ask_edit(d, plan=new_id(), edits=[MOVE], actor="ann"))
    assert refused.value.code == "not_decided_here"


def test_an_answer_to_something_else_than_was_asked_is_refused() -> None:
    """A worker that answers an edit with a result of the phase would replace the plan."""
    talk = Planning()
    asked = talk.ask()
    with pytest.raises(ValueError, match="PhaseCompleted"):
        talk.completed(asked, datasets=manifest("plan", "f"))


def test_an_override_is_no_edit() -> None:
    talk = Planning()
    talk.order(
        lambda d: people.record_decision(
            d, kind=DecisionKind.OVERRIDE, phase="edit", subject="a", value=1, old=None, actor="ann"
        )
    )
    talk.ask()
    (command,) = talk.commands
    assert isinstance(command, EvaluateEdit)
    assert [decision.kind for decision in command.decisions] == ["override"]


SHOWN = FlowDefinition(
    flow_type="plans",
    version="1.0.0",
    phases=(
        PLANS.phases[0],
        PhaseDefinition(
            name="roadmap",
            inputs=(InputSpec(name="solved", phase="solve"),),
            outputs=(DatasetSpec(name="dates"),),
            decision_kinds=(DecisionKind.EDIT,),
        ),
        PLANS.phases[1],
    ),
)


class Shown(Planning):
    """Between the plan and its edits a phase shows it, edits included."""

    def __init__(self) -> None:
        Conversation.__init__(self, SHOWN)
        self.start()
        for name, content in (("solved", "a"), ("dates", "c"), ("plan", "b")):
            self.completed(datasets=manifest(name, content))

    @property
    def stale(self) -> list[str]:
        return [phase.name for phase in self.flow.phases if phase.stale]


def test_what_shows_the_plan_is_stale_by_an_accepted_edit_and_a_refresh_takes_it_in() -> None:
    talk = Shown()
    talk.accept()
    talk.completed(datasets=manifest("plan", "d"))
    assert (talk.flow.status, talk.flow.stale, talk.stale) == (FlowStatus.COMPLETED, True, ["roadmap"])
    talk.order(lambda d: control.refresh_flow(d, "ann"))
    (command,) = talk.commands
    assert isinstance(command, ExecutePhase)
    assert command.phase == "roadmap"
    assert talk.given() == [MOVE]
    talk.completed(datasets=manifest("dates", "e"))
    # The edited plan does not read the roadmap: it stands.
    assert (talk.flow.status, talk.flow.stale) == (FlowStatus.COMPLETED, False)


def test_what_shows_the_plan_is_stale_again_when_the_edits_are_restored_or_rolled_back() -> None:
    for go_back in ("restore", "rollback"):
        talk = Shown()
        first = talk.plan
        talk.accept()
        talk.completed(datasets=manifest("plan", "d"))
        talk.order(lambda d: control.refresh_flow(d, "ann"))
        talk.completed(datasets=manifest("dates", "e"))
        assert talk.stale == []
        if go_back == "restore":
            talk.restore(first)
            talk.completed(datasets=manifest("plan", "b"))
        else:
            talk.roll_back(kind="phase", phase="edit")
        assert talk.stale == ["roadmap"], go_back
