"""A flow from its first command to its end, and everything that can go wrong on the way."""

from datetime import timedelta

import pytest

from caravan_common.contracts import ErrorKind, ExecutePhase, new_id
from caravan_orchestrator.domain import control
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.people import answer_question
from caravan_orchestrator.domain.replies import lease_ran_out
from caravan_orchestrator.domain.states import AttemptStatus, FlowStatus, PhaseStatus
from caravan_orchestrator.domain.wakeups import wake_flow
from tests.unit.orchestrator.conversation import Conversation, a_manifest, a_question


def test_each_phase_is_commanded_after_the_one_before_until_the_flow_is_completed() -> None:
    talk = Conversation()
    talk.start()
    assert [c.phase for c in talk.commands if isinstance(c, ExecutePhase)] == ["gather"]
    talk.completed(datasets=(a_manifest(),))
    (command,) = talk.commands
    assert isinstance(command, ExecutePhase)
    assert (command.phase, [ref.manifest.name for ref in command.inputs]) == ("judge", ["facts"])
    talk.completed()
    talk.completed()
    assert talk.flow.status is FlowStatus.COMPLETED
    assert talk.events == ["phase.completed", "flow.completed"]
    assert talk.flow.next_wakeup_at is None


def test_a_reply_of_an_older_epoch_changes_nothing_but_is_told_to_stop() -> None:
    talk = Conversation()
    talk.start()
    first = talk.open()
    talk.started(first)
    talk.order(lambda draft: lease_ran_out(draft, talk.open()))
    second = talk.open()
    assert second.epoch == first.epoch + 1
    talk.completed(first, run=new_id(), epoch=first.epoch, datasets=(a_manifest(),))
    assert talk.flow.phase("gather").status is PhaseStatus.ACTIVE
    talk.started(first, run=new_id(), epoch=first.epoch)
    assert [cancel.reason for cancel in talk.last.cancels] == ["stale run"]


def test_only_the_first_run_of_an_epoch_is_bound() -> None:
    talk = Conversation()
    talk.start()
    bound, other = new_id(), new_id()
    talk.started(talk.open(), run=bound)
    talk.completed(run=other, datasets=(a_manifest(),))
    assert talk.flow.phase("gather").status is PhaseStatus.ACTIVE
    talk.completed(run=bound, datasets=(a_manifest(),))
    assert talk.flow.phase("gather").status is PhaseStatus.COMPLETED


def test_a_retriable_failure_is_tried_again_after_its_back_off_and_then_fails_the_flow() -> None:
    talk = Conversation()
    talk.start()
    for retry, least in ((1, 10), (2, 20)):
        talk.failed()
        waiting = talk.open()
        assert (waiting.status, waiting.retries) == (AttemptStatus.DELAYED, retry)
        assert waiting.not_before is not None
        assert timedelta(seconds=least) <= waiting.not_before - talk.now <= timedelta(seconds=least * 1.2)
        assert talk.flow.next_wakeup_at == waiting.not_before
        talk.now = waiting.not_before
        talk.order(wake_flow)
        assert [c.epoch for c in talk.commands] == [retry + 1]
    talk.failed()
    assert (talk.flow.status, talk.flow.reason) == (FlowStatus.FAILED, "broken")


def test_a_permanent_failure_is_not_tried_again_and_retry_resumes_from_its_phase() -> None:
    talk = Conversation()
    talk.start()
    talk.completed(datasets=(a_manifest(),))
    talk.failed(ErrorKind.PERMANENT)
    assert (talk.flow.status, talk.flow.phase("judge").status) == (FlowStatus.FAILED, PhaseStatus.FAILED)
    talk.order(lambda draft: control.retry_flow(draft, "ann"))
    assert [c.phase for c in talk.commands if isinstance(c, ExecutePhase)] == ["judge"]


def test_three_leases_lost_in_a_row_fail_the_flow_and_do_not_count_as_retries() -> None:
    talk = Conversation()
    talk.start()
    for _ in range(3):
        talk.started(talk.open(), run=new_id())
        talk.order(lambda draft: lease_ran_out(draft, talk.open()))
    assert (talk.flow.status, talk.flow.reason) == (FlowStatus.FAILED, "workers_lost")


def test_an_abandoned_attempt_is_given_out_again_at_once_without_counting() -> None:
    talk = Conversation()
    talk.start()
    talk.started(talk.open())
    talk.abandoned(talk.open())
    attempt = talk.open()
    assert (attempt.status, attempt.epoch, attempt.retries, attempt.lease_losses) == ("dispatched", 2, 0, 0)


def test_an_attempt_that_nobody_starts_is_given_out_again_unless_it_still_waits_for_a_slot() -> None:
    talk = Conversation()
    talk.start()
    talk.later(minutes=11)
    talk.order(lambda draft: wake_flow(draft, unsent=frozenset({talk.open().id})))
    assert talk.open().epoch == 1
    talk.later(minutes=11)
    talk.order(wake_flow)
    assert (talk.open().epoch, talk.open().retries) == (2, 0)


def test_pause_stops_dispatch_only_and_the_running_attempt_is_accepted() -> None:
    talk = Conversation()
    talk.start()
    talk.started(talk.open())
    talk.order(lambda draft: control.pause_flow(draft, "ann"))
    talk.completed(datasets=(a_manifest(),))
    assert (talk.flow.phase("gather").status, talk.commands) == (PhaseStatus.COMPLETED, [])
    assert talk.open().status is AttemptStatus.HELD
    talk.order(lambda draft: control.resume_flow(draft, "ann"))
    assert [c.phase for c in talk.commands if isinstance(c, ExecutePhase)] == ["judge"]


def test_cancel_ends_the_flow_and_tells_every_run() -> None:
    talk = Conversation()
    talk.start()
    talk.started(talk.open())
    talk.order(lambda draft: control.cancel_flow(draft, "ann"))
    assert talk.flow.status is FlowStatus.CANCELLED
    assert [cancel.run_id for cancel in talk.last.cancels] == [None]
    assert talk.flow.next_wakeup_at is None


def test_a_blocking_question_holds_the_phase_until_its_last_answer_which_runs_it_again() -> None:
    talk = Conversation()
    talk.start()
    talk.completed(datasets=(a_manifest(),), questions=(a_question("q1"), a_question("q2")))
    assert (talk.flow.status, talk.flow.reason) == (FlowStatus.WAITING, "questions")
    for key in ("q1", "q2"):
        assert talk.commands == []
        talk.order(
            lambda draft, key=key: answer_question(  # type: ignore[misc]
                draft,
                phase="gather",
                key=key,
                blocking=True,
                option="no",
                old="yes",
                actor="ann",
                reason=None,
            )
        )
    (command,) = talk.commands
    assert isinstance(command, ExecutePhase)
    assert [(d.subject, d.value) for d in command.decisions] == [("q1", "no"), ("q2", "no")]


def test_with_auto_accept_recommendations_stand_and_nothing_waits() -> None:
    talk = Conversation(auto_accept=True)
    talk.start()
    talk.completed(datasets=(a_manifest(),), questions=(a_question(),))
    assert talk.flow.phase("judge").status is PhaseStatus.ACTIVE
    assert [question.status for question in talk.last.questions] == ["accepted"]


def test_execute_on_a_completed_phase_keeps_the_old_result_until_the_new_is_accepted() -> None:
    talk = Conversation()
    talk.start()
    talk.completed(datasets=(a_manifest(),))
    talk.completed()
    talk.completed()
    old = talk.flow.phase("gather").active_attempt_id
    talk.order(lambda draft: control.execute_phase(draft, "ann", "gather"))
    assert talk.flow.status is FlowStatus.ACTIVE
    assert talk.flow.phase("gather").active_attempt_id == old
    assert talk.flow.phase("judge").stale
    talk.completed(datasets=(a_manifest(rows=4),))
    assert talk.flow.phase("gather").active_attempt_id != old


def test_a_phase_out_of_turn_or_while_another_runs_is_refused_with_the_reason() -> None:
    talk = Conversation()
    talk.start()
    with pytest.raises(Refused, match="running") as running:
        talk.order(lambda draft: control.execute_phase(draft, "ann", "gather"))
    assert running.value.code == "phase_running"
    talk.failed(ErrorKind.PERMANENT)
    with pytest.raises(Refused) as order:
        talk.order(lambda draft: control.execute_phase(draft, "ann", "act"))
    assert order.value.code == "phase_order"


def test_a_skippable_phase_can_be_skipped_and_others_can_not() -> None:
    talk = Conversation()
    talk.start()
    talk.completed(datasets=(a_manifest(),))
    talk.failed(ErrorKind.PERMANENT)
    talk.order(lambda draft: control.skip_phase(draft, "ann", "judge", "not needed"))
    assert [c.phase for c in talk.commands if isinstance(c, ExecutePhase)] == ["act"]
    with pytest.raises(Refused, match="can't be skipped"):
        talk.order(lambda draft: control.skip_phase(draft, "ann", "act", None))


def test_a_missing_input_fails_the_phase_in_words() -> None:
    talk = Conversation()
    talk.start()
    talk.completed()
    assert (talk.flow.status, talk.flow.reason) == (FlowStatus.FAILED, "missing_input")


def test_without_auto_advance_the_flow_waits_to_be_told() -> None:
    talk = Conversation(auto_advance=False)
    talk.start()
    assert (talk.flow.status, talk.flow.reason) == (FlowStatus.WAITING, "execute")
    talk.order(lambda draft: control.execute_phase(draft, "ann", "gather"))
    talk.completed(datasets=(a_manifest(),))
    assert (talk.flow.status, talk.flow.current_phase) == (FlowStatus.WAITING, "judge")


def test_a_flow_whose_service_is_away_says_so_and_goes_on_when_it_is_back() -> None:
    talk = Conversation()
    talk.start()
    talk.later(seconds=61)
    talk.order(lambda draft: wake_flow(draft, served=False))
    assert (talk.flow.status, talk.flow.reason) == (FlowStatus.WAITING, "no_worker")
    assert talk.flow.next_wakeup_at == talk.now + timedelta(minutes=1)
    talk.later(minutes=10)
    talk.order(lambda draft: wake_flow(draft, served=False))
    assert talk.open().epoch == 2
    talk.started(talk.open())
    assert (talk.flow.status, talk.flow.reason) == (FlowStatus.ACTIVE, None)
