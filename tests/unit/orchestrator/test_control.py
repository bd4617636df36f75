"""Orders of people: pause, cancel, retry and delete, given while something is under way."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from caravan_common.contracts import (
    CompensateUnit,
    DatasetSpec,
    ErrorKind,
    ExecutePhase,
    ExecuteUnit,
    FlowDefinition,
    InputSpec,
    PhaseDefinition,
    UnitSpec,
)
from caravan_orchestrator.domain import control
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.model import Handoff
from caravan_orchestrator.domain.replies import lease_ran_out
from caravan_orchestrator.domain.states import AttemptStatus, FlowStatus, HandoffStatus, PhaseStatus
from caravan_orchestrator.domain.wakeups import wake_flow
from tests.unit.orchestrator.conversation import Conversation, a_manifest

COPY = UnitSpec(key="copy", action="write")
SWITCH = UnitSpec(key="switch", action="write", depends_on=("copy",))


def refused(talk: Conversation, order: str, *arguments: str) -> str:
    """The code of the refusal."""
    with pytest.raises(Refused) as refusal:
        talk.order(lambda draft: getattr(control, order)(draft, "ann", *arguments))
    return refusal.value.code


def units(talk: Conversation) -> list[str]:
    return [command.unit.key for command in talk.commands if isinstance(command, ExecuteUnit)]


def completed() -> Conversation:
    talk = Conversation()
    talk.to_act()
    assert talk.flow.status is FlowStatus.COMPLETED
    return talk


def test_pause_holds_a_retry_back_and_resume_keeps_what_is_left_of_its_back_off() -> None:
    talk = Conversation()
    talk.start()
    talk.failed()
    due = talk.open().not_before
    assert due is not None
    talk.order(lambda draft: control.pause_flow(draft, "ann"))
    assert talk.open().status is AttemptStatus.HELD
    talk.order(lambda draft: control.resume_flow(draft, "ann"))
    assert (talk.open().status, talk.open().not_before, talk.commands) == (AttemptStatus.DELAYED, due, [])


def test_a_retry_that_came_due_during_a_pause_is_given_out_by_resume() -> None:
    talk = Conversation()
    talk.start()
    talk.failed()
    talk.order(lambda draft: control.pause_flow(draft, "ann"))
    talk.later(hours=1)
    talk.order(wake_flow)
    assert talk.commands == []
    talk.order(lambda draft: control.resume_flow(draft, "ann"))
    assert [command.epoch for command in talk.commands] == [2]


def test_pause_takes_back_a_command_that_was_not_sent_yet() -> None:
    talk = Conversation()
    talk.start()
    unsent = frozenset({talk.open().id})
    talk.order(lambda draft: control.pause_flow(draft, "ann", unsent))
    assert talk.open().status is AttemptStatus.HELD
    talk.order(lambda draft: control.resume_flow(draft, "ann"))
    assert [command.epoch for command in talk.commands] == [2]


def test_a_failure_during_a_pause_waits_for_resume() -> None:
    talk = Conversation()
    talk.start()
    talk.started(talk.open())
    talk.order(lambda draft: control.pause_flow(draft, "ann"))
    talk.failed()
    assert (talk.open().status, talk.open().retries) == (AttemptStatus.HELD, 1)
    talk.later(minutes=1)
    talk.order(lambda draft: control.resume_flow(draft, "ann"))
    assert [command.epoch for command in talk.commands] == [2]


def test_pause_during_units_lets_the_running_one_end_and_gives_out_no_other() -> None:
    talk = Conversation()
    talk.to_act(COPY, SWITCH)
    talk.order(lambda draft: control.pause_flow(draft, "ann"))
    talk.unit_done("copy")
    assert units(talk) == []
    talk.order(lambda draft: control.resume_flow(draft, "ann"))
    assert units(talk) == ["switch"]


def test_pausing_twice_changes_nothing_and_resume_needs_a_pause() -> None:
    talk = Conversation()
    talk.start()
    assert refused(talk, "resume_flow") == "not_paused"
    talk.order(lambda draft: control.pause_flow(draft, "ann"))
    assert talk.events == ["flow.paused"]
    talk.order(lambda draft: control.pause_flow(draft, "bob"))
    assert talk.events == []


def test_a_flow_that_has_ended_can_not_be_paused() -> None:
    assert refused(completed(), "pause_flow") == "not_running"


def test_a_paused_flow_executes_no_phase() -> None:
    talk = Conversation(auto_advance=False)
    talk.start()
    talk.order(lambda draft: control.pause_flow(draft, "ann"))
    assert refused(talk, "execute_phase", "gather") == "paused"


def test_a_result_that_comes_after_cancel_changes_nothing() -> None:
    talk = Conversation()
    talk.start()
    attempt = talk.open()
    talk.started(attempt)
    talk.order(lambda draft: control.cancel_flow(draft, "ann", "wrong files"))
    talk.completed(talk.flow.attempts[attempt.id], datasets=(a_manifest(),))
    assert (talk.flow.status, talk.flow.reason) == (FlowStatus.CANCELLED, "wrong files")
    assert talk.flow.phase("gather").active_attempt_id is None
    assert talk.last.datasets == ()


def test_cancel_during_units_waits_for_the_end_of_the_running_one_and_begins_no_other() -> None:
    talk = Conversation()
    talk.to_act(COPY, SWITCH)
    talk.started(talk.open("copy"))
    talk.order(lambda draft: control.cancel_flow(draft, "ann"))
    assert talk.flow.status is FlowStatus.CANCELLED
    assert [attempt.unit_key for attempt in talk.flow.open_attempts] == ["copy"]
    assert len(talk.last.cancels) == 1
    assert talk.flow.next_wakeup_at is not None
    talk.unit_done("copy")
    assert (talk.commands, talk.flow.open_attempts, talk.flow.next_wakeup_at) == ([], (), None)


def test_the_effects_of_a_cancelled_flow_can_be_rolled_back() -> None:
    talk = Conversation()
    talk.to_act(COPY, SWITCH)
    talk.order(lambda draft: control.cancel_flow(draft, "ann"))
    talk.unit_done("copy")
    talk.roll_back("flow")
    (undo,) = talk.commands
    assert isinstance(undo, CompensateUnit)
    assert (undo.unit.key, len(undo.receipts)) == ("copy", 1)


def test_a_unit_of_a_cancelled_flow_whose_run_falls_silent_is_not_given_out_again() -> None:
    talk = Conversation()
    talk.to_act(COPY)
    talk.started(talk.open("copy"))
    talk.order(lambda draft: control.cancel_flow(draft, "ann"))
    talk.order(lambda draft: lease_ran_out(draft, talk.open("copy")))
    assert (talk.commands, talk.flow.open_attempts) == ([], ())


def test_a_cancelled_flow_takes_no_orders_but_rollback_and_delete() -> None:
    talk = Conversation()
    talk.start()
    talk.order(lambda draft: control.cancel_flow(draft, "ann"))
    assert refused(talk, "pause_flow") == "not_running"
    assert refused(talk, "retry_flow") == "not_failed"
    assert refused(talk, "execute_phase", "gather") == "not_running"
    assert refused(talk, "skip_phase", "judge", "no need") == "not_running"
    talk.order(lambda draft: control.cancel_flow(draft, "ann"))
    assert talk.events == []


def test_a_completed_flow_can_not_be_cancelled() -> None:
    assert refused(completed(), "cancel_flow") == "not_running"


def test_retry_gives_out_only_the_units_that_failed() -> None:
    talk = Conversation()
    other = UnitSpec(key="other", action="write")
    talk.to_act(COPY, other)
    talk.failed(ErrorKind.PERMANENT, talk.open("copy"))
    assert talk.flow.status is FlowStatus.FAILED
    talk.unit_done("other")
    assert talk.flow.status is FlowStatus.FAILED
    talk.order(lambda draft: control.retry_flow(draft, "ann"))
    (command,) = talk.commands
    assert isinstance(command, ExecuteUnit)
    assert (command.unit.key, command.epoch, command.outcome_unknown) == ("copy", 2, True)
    talk.unit_done("copy")
    assert talk.flow.status is FlowStatus.COMPLETED


def test_only_a_failed_flow_can_be_retried() -> None:
    assert refused(completed(), "retry_flow") == "not_failed"


def test_an_active_flow_is_not_deleted_and_any_other_is_only_marked() -> None:
    talk = Conversation()
    talk.start()
    assert refused(talk, "delete_flow") == "flow_running"
    talk.completed(datasets=(a_manifest(),))
    talk.failed(ErrorKind.PERMANENT)
    talk.order(lambda draft: control.delete_flow(draft, "ann"))
    assert (talk.flow.deleted_at, talk.events) == (talk.now, ["flow.deleted"])
    assert talk.flow.phase("gather").active_attempt_id is not None
    talk.later(days=1)
    talk.order(lambda draft: control.delete_flow(draft, "ann"))
    assert (talk.flow.deleted_at, talk.events) == (talk.now - timedelta(days=1), [])


def test_a_flow_that_is_rolling_back_is_not_deleted() -> None:
    talk = completed()
    talk.roll_back("flow")
    assert refused(talk, "delete_flow") == "flow_running"


def test_a_flow_that_another_has_grown_from_is_deleted_only_after_that_one() -> None:
    talk = completed()
    handed = Handoff(uuid4(), "assessment", HandoffStatus.ACCEPTED, target_flow_id=uuid4(), child_lives=True)
    talk.flow = replace(talk.flow, handoffs=(handed,))
    assert refused(talk, "delete_flow") == "flow_has_children"
    talk.flow = replace(talk.flow, handoffs=(replace(handed, child_lives=False),))
    talk.order(lambda draft: control.delete_flow(draft, "ann"))
    assert talk.events == ["flow.deleted"]


def test_a_phase_that_reads_what_a_skipped_one_makes_runs_without_it() -> None:
    skippable = PhaseDefinition(name="judge", outputs=(DatasetSpec(name="verdicts"),), skippable=True)
    reading = PhaseDefinition(name="report", inputs=(InputSpec(name="verdicts", phase="judge"),))
    talk = Conversation(FlowDefinition(flow_type="small", version="1.0.0", phases=(skippable, reading)))
    talk.start()
    talk.failed(ErrorKind.PERMANENT)
    talk.order(lambda draft: control.skip_phase(draft, "ann", "judge", "not needed"))
    (command,) = talk.commands
    assert isinstance(command, ExecutePhase)
    assert (command.phase, command.inputs) == ("report", ())
    assert talk.flow.phase("judge").status is PhaseStatus.SKIPPED
    assert refused(talk, "skip_phase", "judge", "again") == "not_skippable"
