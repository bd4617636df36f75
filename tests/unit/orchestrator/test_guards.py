"""Which replies count: of those that do not, usage and receipts are kept and nothing else."""

from caravan_common.contracts import AttemptHeartbeat, PhaseCompleted, Usage, new_id
from caravan_orchestrator.domain import control
from caravan_orchestrator.domain.states import AttemptStatus, FlowStatus, PhaseStatus
from tests.unit.orchestrator.conversation import Conversation, a_manifest

SPENT = (Usage(model="some/model", calls=1, prompt_tokens=700, completion_tokens=30),)


def test_what_a_run_has_spent_counts_even_when_nobody_waits_for_it() -> None:
    talk = Conversation()
    talk.start()
    talk.started(talk.open())
    talk.order(lambda draft: control.cancel_flow(draft, "ann"))
    (attempt,) = talk.flow.attempts.values()
    head = talk._head(attempt, new_id(), 1)
    talk.take(PhaseCompleted(**head, usage=SPENT))
    assert [usage.usage for usage in talk.last.usage] == [SPENT]
    assert talk.flow.status is FlowStatus.CANCELLED


def test_a_reply_for_an_attempt_that_is_held_changes_nothing() -> None:
    talk = Conversation()
    talk.start()
    talk.order(lambda draft: control.pause_flow(draft, "ann", frozenset({talk.open().id})))
    talk.completed(datasets=(a_manifest(),))
    assert (talk.open().status, talk.flow.phase("gather").status) == (AttemptStatus.HELD, PhaseStatus.ACTIVE)


def test_a_repeated_result_changes_nothing() -> None:
    talk = Conversation()
    talk.start()
    attempt, run = talk.open(), new_id()
    talk.completed(attempt, run=run, datasets=(a_manifest(),))
    before = talk.flow
    talk.completed(attempt, run=run, epoch=1, datasets=(a_manifest(rows=9),))
    assert talk.flow == before
    assert (talk.last.datasets, talk.last.commands) == ((), ())


def test_a_run_that_is_not_waited_for_is_told_to_stop_at_each_heartbeat() -> None:
    talk = Conversation()
    talk.start()
    attempt = talk.open()
    talk.started(attempt)
    talk.order(lambda draft: control.cancel_flow(draft, "ann"))
    stale = new_id()
    for _ in range(2):
        talk.take(AttemptHeartbeat(**talk._head(attempt, stale, 1)))
        assert [(cancel.run_id, cancel.reason) for cancel in talk.last.cancels] == [(stale, "stale run")]


def test_a_heartbeat_of_the_bound_run_begins_its_lease_anew() -> None:
    talk = Conversation()
    talk.start()
    talk.started(talk.open())
    talk.take(AttemptHeartbeat(**talk._head(talk.open(), None, None), fraction=0.5))
    assert [lease.seconds for lease in talk.last.leases] == [20.0]
