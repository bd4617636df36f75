"""What time alone changes: no flow is ever stuck without a moment at which it is looked at again."""

from datetime import timedelta

from caravan_common.contracts import ErrorKind, ExecuteUnit, UnitSpec
from caravan_orchestrator.domain import control
from caravan_orchestrator.domain.rolling_back import finish_rollback
from caravan_orchestrator.domain.states import AttemptStatus, FlowStatus
from caravan_orchestrator.domain.wakeups import wake_flow
from tests.unit.orchestrator.conversation import Conversation, a_manifest, a_question

COPY = UnitSpec(key="copy", action="write")


def test_whatever_is_under_way_has_a_moment_at_which_it_is_looked_at() -> None:
    talk = Conversation()
    talk.start()
    assert talk.flow.next_wakeup_at is not None
    talk.started(talk.open())
    assert talk.flow.next_wakeup_at is not None
    talk.failed()
    assert talk.flow.next_wakeup_at == talk.open().not_before
    talk.order(lambda draft: control.pause_flow(draft, "ann"))
    assert (talk.flow.status, talk.flow.next_wakeup_at) == (
        FlowStatus.ACTIVE,
        talk.now + timedelta(minutes=1),
    )
    talk.roll_back("flow")
    assert (talk.flow.status, talk.flow.reason) == (FlowStatus.ROLLING_BACK, "proving")
    assert talk.flow.next_wakeup_at is not None


def test_a_flow_at_rest_is_not_looked_at() -> None:
    waiting = Conversation()
    waiting.start()
    waiting.completed(datasets=(a_manifest(),), questions=(a_question(),))
    failed = Conversation()
    failed.start()
    failed.failed(ErrorKind.PERMANENT)
    rolled_back = Conversation()
    rolled_back.to_act()
    rolled_back.roll_back("flow")
    rolled_back.order(lambda draft: finish_rollback(draft, {"holds": True}))
    at_rest = [waiting.flow, failed.flow, rolled_back.flow]
    assert [flow.status for flow in at_rest] == ["waiting", "failed", "rolled_back"]
    assert [flow.next_wakeup_at for flow in at_rest] == [None, None, None]


def test_a_retry_is_not_given_out_before_its_time() -> None:
    talk = Conversation()
    talk.start()
    talk.failed()
    due = talk.open().not_before
    assert due is not None
    talk.now = due - timedelta(seconds=1)
    talk.order(wake_flow)
    assert (talk.open().status, talk.commands) == (AttemptStatus.DELAYED, [])


def test_an_effect_that_nobody_starts_is_given_out_again_under_its_epoch_and_begins_with_its_check() -> None:
    talk = Conversation()
    talk.to_act(COPY)
    talk.later(minutes=11)
    talk.order(wake_flow)
    (command,) = talk.commands
    assert isinstance(command, ExecuteUnit)
    assert (command.epoch, command.outcome_unknown) == (1, True)
    assert talk.events == ["attempt.not_started"]


def test_an_effect_of_a_cancelled_flow_that_nobody_starts_is_over() -> None:
    talk = Conversation()
    talk.to_act(COPY)
    talk.order(lambda draft: control.cancel_flow(draft, "ann"))
    assert talk.open("copy").status is AttemptStatus.DISPATCHED
    talk.later(minutes=11)
    talk.order(wake_flow)
    assert (talk.commands, talk.flow.open_attempts, talk.flow.next_wakeup_at) == ([], (), None)


def test_a_rollback_that_waits_for_its_proof_asks_for_it_again() -> None:
    talk = Conversation()
    talk.to_act()
    talk.roll_back("flow")
    talk.later(minutes=1)
    talk.order(wake_flow)
    assert [followup.kind for followup in talk.last.followups] == ["rollback"]
