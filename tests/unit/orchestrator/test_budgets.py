"""What crews may still spend: the stated figures hold over phases, retries and new attempts."""

from typing import Any

import pytest

from caravan_common.contracts import (
    AttemptHeartbeat,
    Budget,
    ErrorInfo,
    ErrorKind,
    ExecutePhase,
    FlowDefinition,
    PhaseDefinition,
    PhaseFailed,
    RetryPolicy,
    Usage,
    new_id,
)
from caravan_orchestrator.domain.replies import lease_ran_out
from caravan_orchestrator.domain.wakeups import wake_flow
from tests.unit.orchestrator.conversation import Conversation

ASKING = FlowDefinition(
    flow_type="asking",
    version="1.0.0",
    phases=(
        PhaseDefinition(name="first", uses_crews=True, retry=RetryPolicy(max_retries=3, base_seconds=0.001)),
        PhaseDefinition(name="second", uses_crews=True),
        PhaseDefinition(name="third"),
    ),
)


def asking(**configuration: Any) -> Conversation:
    talk = Conversation(ASKING, configuration={"budget_tokens": 10_000, **configuration})
    talk.start()
    return talk


def given(talk: Conversation) -> Budget:
    """With the command just sent."""
    [command] = talk.commands
    assert isinstance(command, ExecutePhase)
    return command.budget


def spent(tokens: int = 0, *, calls: int = 1, reserved: int = 0, usd: float = 0.0) -> tuple[Usage, ...]:
    return (Usage(model="m", calls=calls, prompt_tokens=tokens, reserved_tokens=reserved, cost_usd=usd),)


def test_a_flow_without_a_budget_asks_no_model() -> None:
    talk = Conversation(ASKING)
    talk.start()
    assert given(talk) == Budget(tokens=0)


def test_the_next_phase_gets_what_the_first_left() -> None:
    talk = asking(budget_usd=2.0)
    assert given(talk) == Budget(tokens=10_000, cost_usd=2.0)
    talk.completed(usage=spent(4_000, usd=0.5))
    assert given(talk) == Budget(tokens=6_000, cost_usd=1.5)


def test_a_phase_without_crews_gets_nothing() -> None:
    talk = asking()
    talk.completed()
    talk.completed()
    assert given(talk) == Budget()


def test_a_phase_of_its_own_figure_gets_no_more_than_that() -> None:
    talk = asking(phase_budgets={"second": 700})
    assert given(talk).tokens == 10_000
    talk.completed(usage=spent(9_500))
    assert given(talk).tokens == 500
    other = asking(phase_budgets={"second": 700})
    other.completed(usage=spent(100))
    assert given(other).tokens == 700


def test_what_a_dead_run_had_booked_is_spent() -> None:
    talk = asking()
    talk.started(talk.open())
    talk.take(AttemptHeartbeat(**talk._head(talk.open(), None, None), usage=spent(1_000, reserved=3_000)))
    talk.order(lambda draft: lease_ran_out(draft, talk.open()))
    assert given(talk).tokens == 6_000


def test_a_retry_gets_what_its_own_report_leaves() -> None:
    talk = asking()
    error = ErrorInfo(kind=ErrorKind.RETRIABLE, code="child_died", message="It died.")
    talk.take(PhaseFailed(**talk._head(talk.open(), None, None), usage=spent(2_500), error=error))
    talk.later(minutes=1)
    talk.order(wake_flow)
    assert given(talk).tokens == 7_500


def test_reports_out_of_order_and_repeated_count_once() -> None:
    talk = asking()
    run = new_id()
    attempt = talk.open()
    talk.started(attempt, run=run)
    for usage in (spent(0, calls=0, reserved=900), spent(800, calls=1), spent(0, calls=0, reserved=900)):
        talk.take(AttemptHeartbeat(**talk._head(attempt, run, 1), usage=usage))
    talk.order(lambda draft: lease_ran_out(draft, talk.open()))
    assert given(talk).tokens == 9_200


def test_runs_that_nobody_waits_for_count_as_well() -> None:
    talk = asking()
    attempt = talk.open()
    talk.started(attempt)
    talk.take(AttemptHeartbeat(**talk._head(attempt, new_id(), 1), usage=spent(1_500)))
    talk.completed(usage=spent(500))
    assert given(talk).tokens == 8_000


@pytest.mark.parametrize("over", [10_000, 25_000])
def test_nothing_is_left_of_a_budget_that_is_spent(over: int) -> None:
    talk = asking(budget_usd=1.0)
    talk.completed(usage=spent(over, usd=3.0))
    assert given(talk) == Budget(tokens=0, cost_usd=0.0)


def test_the_clients_quota_is_the_last_word_and_what_is_told_since_counts() -> None:
    talk = Conversation(ASKING, configuration={"budget_tokens": 10_000}, quota_left=3_000)
    talk.start()
    assert given(talk).tokens == 3_000
    talk.completed(usage=spent(1_000))
    assert given(talk).tokens == 2_000


def test_what_waits_reserves_nothing() -> None:
    talk = asking()
    assert talk.open().budget_tokens == 10_000
    error = ErrorInfo(kind=ErrorKind.RETRIABLE, code="child_died", message="It died.")
    talk.take(PhaseFailed(**talk._head(talk.open(), None, None), error=error))
    assert talk.open().budget_tokens == 0
