"""Effects in time: windows, runs nobody was heard of, units computed anew, and undos that keep them from beginning."""

from datetime import timedelta

from caravan_common.contracts import CompensateUnit, ErrorKind, ExecuteUnit, UnitSpec
from caravan_orchestrator.domain import control
from caravan_orchestrator.domain.replies import lease_ran_out
from caravan_orchestrator.domain.rollback_plan import plan_rollback
from caravan_orchestrator.domain.states import AttemptStatus, FlowStatus, PhaseStatus
from caravan_orchestrator.domain.wakeups import wake_flow
from tests.unit.orchestrator.conversation import SEVEN, Conversation

COPY = UnitSpec(key="copy", action="write")


def keys(talk: Conversation) -> list[str]:
    return [command.unit.key for command in talk.commands if isinstance(command, ExecuteUnit)]


def test_a_unit_is_not_given_out_before_its_window_opens() -> None:
    opens = SEVEN + timedelta(hours=2)
    talk = Conversation()
    talk.to_act(COPY.model_copy(update={"not_before": opens}))
    assert (keys(talk), talk.flow.next_wakeup_at) == ([], opens)
    talk.now = opens
    talk.order(wake_flow)
    assert keys(talk) == ["copy"]


def test_a_unit_is_not_given_out_after_its_window_has_closed() -> None:
    talk = Conversation()
    talk.to_act(COPY, UnitSpec(key="late", action="write", depends_on=("copy",), not_after=SEVEN))
    talk.later(hours=1)
    talk.unit_done("copy")
    assert (keys(talk), talk.open("late").status) == ([], AttemptStatus.HELD)


def test_a_unit_that_fails_for_good_fails_its_phase_and_what_depends_on_it_is_not_begun() -> None:
    talk = Conversation()
    talk.to_act(COPY, UnitSpec(key="switch", action="write", depends_on=("copy",)))
    talk.failed(ErrorKind.PERMANENT, talk.open("copy"))
    assert (talk.flow.status, talk.flow.phase("act").status) == (FlowStatus.FAILED, PhaseStatus.FAILED)
    assert keys(talk) == []


def test_a_unit_that_fails_retriably_is_tried_again_by_the_policy_of_its_phase() -> None:
    talk = Conversation()
    talk.to_act(COPY)
    talk.failed(ErrorKind.RETRIABLE, talk.open("copy"))
    attempt = talk.open("copy")
    assert (attempt.status, attempt.retries) == (AttemptStatus.DELAYED, 1)
    assert attempt.not_before is not None
    talk.now = attempt.not_before
    talk.order(wake_flow)
    (command,) = talk.commands
    assert (command.epoch, command.outcome_unknown) == (2, True)


def test_a_unit_computed_anew_looks_first_for_what_its_earlier_run_did() -> None:
    talk = Conversation()
    talk.to_act(COPY)
    talk.unit_done("copy")
    talk.order(lambda draft: control.execute_phase(draft, "ann", "act"))
    talk.completed(units=(COPY,))
    (command,) = talk.commands
    assert isinstance(command, ExecuteUnit)
    assert (command.epoch, command.outcome_unknown) == (1, True)


def test_the_result_of_a_phase_shows_only_when_its_last_unit_is_done() -> None:
    talk = Conversation()
    talk.to_act(COPY)
    assert talk.flow.phase("act").active_attempt_id is None
    talk.unit_done("copy")
    assert talk.flow.phase("act").active_attempt_id is not None


def test_an_effect_nobody_was_heard_of_is_waited_for_by_a_lease_and_then_fenced_and_undone() -> None:
    talk = Conversation()
    talk.to_act(COPY)
    talk.roll_back("flow")
    assert talk.commands == []
    assert [lease.seconds for lease in talk.last.leases] == [30.0]
    talk.order(lambda draft: lease_ran_out(draft, talk.open("copy")))
    (undo,) = talk.commands
    assert isinstance(undo, CompensateUnit)
    assert (undo.fence_epoch, undo.ended_epoch, undo.outcome_unknown) == (1, 0, True)


def test_a_unit_never_given_out_needs_no_undo() -> None:
    talk = Conversation()
    talk.to_act(COPY, UnitSpec(key="switch", action="write", depends_on=("copy",)))
    talk.started(talk.open("copy"))
    plan = plan_rollback(talk.flow, "flow", None).describe()
    assert [effect["unit"] for effect in plan["effects"]] == ["copy"]
    talk.roll_back("flow")
    talk.unit_done("copy")
    talk.undone("copy")
    assert (talk.flow.reason, talk.flow.phase("act").status) == ("proving", PhaseStatus.ROLLED_BACK)


def test_a_unit_that_missed_its_window_fails_its_phase_in_words_instead_of_waiting_for_ever() -> None:
    closes = SEVEN + timedelta(hours=1)
    talk = Conversation()
    talk.to_act(COPY, UnitSpec(key="late", action="write", depends_on=("copy",), not_after=closes))
    assert talk.flow.next_wakeup_at is not None
    assert talk.flow.next_wakeup_at <= closes
    talk.started(talk.open("copy"))
    talk.now = closes
    talk.order(wake_flow)
    assert (talk.flow.status, talk.flow.reason) == (FlowStatus.FAILED, "window_closed")
    assert "late" in (talk.flow.phase("act").reason or "")
