"""Effects: dispatched in order, journaled by receipts, repeated only after a check."""

from caravan_common.contracts import ExecuteUnit, UnitSpec, new_id
from caravan_orchestrator.domain.replies import lease_ran_out
from caravan_orchestrator.domain.states import AttemptStatus, FlowStatus, PhaseStatus
from tests.unit.orchestrator.conversation import Conversation

COPY = UnitSpec(key="copy", action="write")
SWITCH = UnitSpec(key="switch", action="write", depends_on=("copy",))


def keys(talk: Conversation) -> list[str]:
    return [command.unit.key for command in talk.commands if isinstance(command, ExecuteUnit)]


def test_a_unit_is_given_out_after_those_it_depends_on_and_the_phase_completes_with_the_last() -> None:
    talk = Conversation()
    talk.to_act(COPY, SWITCH)
    assert keys(talk) == ["copy"]
    talk.unit_done("copy")
    assert keys(talk) == ["switch"]
    assert talk.flow.phase("act").status is PhaseStatus.ACTIVE
    talk.unit_done("switch")
    assert talk.flow.status is FlowStatus.COMPLETED


def test_a_limit_group_bounds_how_many_are_out() -> None:
    units = [UnitSpec(key=f"u{n}", action="write", limit_group="host", limit=2) for n in range(4)]
    talk = Conversation()
    talk.to_act(*units)
    assert keys(talk) == ["u0", "u1"]
    talk.unit_done("u0")
    assert keys(talk) == ["u2"]


def test_a_unit_whose_run_was_lost_is_checked_before_it_is_repeated() -> None:
    talk = Conversation()
    talk.to_act(COPY)
    talk.started(talk.open("copy"))
    talk.order(lambda draft: lease_ran_out(draft, talk.open("copy")))
    (command,) = talk.commands
    assert (command.epoch, command.outcome_unknown) == (2, True)


def test_the_receipt_of_a_run_given_up_is_kept_for_the_undo() -> None:
    talk = Conversation()
    talk.to_act(COPY)
    lost = new_id()
    talk.started(talk.open("copy"), run=lost)
    talk.order(lambda draft: lease_ran_out(draft, talk.open("copy")))
    talk.unit_done("copy", run=lost, epoch=1)
    assert talk.open("copy").status is AttemptStatus.DISPATCHED
    assert [receipt.effect_id for receipt in talk.open("copy").receipts] == [f"copy-{lost}"]


def test_the_loser_of_a_claim_starts_a_lease_for_the_winner_instead_of_a_second_run() -> None:
    talk = Conversation()
    talk.to_act(COPY)
    talk.abandoned(talk.open("copy"), claimed_elsewhere=True)
    assert talk.commands == []
    assert [lease.seconds for lease in talk.last.leases] == [30.0]
    talk.unit_done("copy")
    assert talk.flow.status is FlowStatus.COMPLETED
