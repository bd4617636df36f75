"""Rollback of a phase and of a flow: planned exactly, undone newest first, restored by pointer."""

import pytest

from caravan_common.contracts import CompensateUnit, ErrorInfo, ErrorKind, UndoOutcome, UnitSpec
from caravan_orchestrator.domain import control
from caravan_orchestrator.domain.cascade import RollbackOrder
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.people import record_decision
from caravan_orchestrator.domain.replies import attempt_failed
from caravan_orchestrator.domain.rollback_plan import plan_rollback
from caravan_orchestrator.domain.rolling_back import finish_rollback
from caravan_orchestrator.domain.states import FlowStatus, PhaseStatus
from tests.unit.orchestrator.conversation import Conversation, a_manifest

COPY = UnitSpec(key="copy", action="write")
SWITCH = UnitSpec(key="switch", action="write", depends_on=("copy",))
WIPE = UnitSpec(key="wipe", action="write", has_undo=False, irreversible_name="disks wiped")


def finished(*units: UnitSpec) -> Conversation:
    talk = Conversation()
    talk.to_act(*units)
    for unit in units:
        talk.unit_done(unit.key)
    return talk


def prove(talk: Conversation, *, holds: bool = True) -> None:
    talk.order(lambda draft: finish_rollback(draft, {"holds": holds}))


def test_a_phase_rollback_takes_the_later_phases_along_and_the_phase_can_run_again() -> None:
    talk = finished()
    talk.roll_back("phase", "judge")
    assert [p.status for p in talk.flow.phases] == ["completed", "rolled_back", "rolled_back"]
    assert talk.flow.phase("gather").active_attempt_id is not None
    prove(talk)
    assert (talk.flow.status, talk.flow.current_phase) == (FlowStatus.WAITING, "judge")
    talk.order(lambda draft: control.execute_phase(draft, "ann", "judge"))
    assert talk.flow.status is FlowStatus.ACTIVE


def test_a_flow_rollback_clears_every_pointer_and_the_flow_can_start_over() -> None:
    talk = finished()
    talk.roll_back("flow")
    assert {phase.active_attempt_id for phase in talk.flow.phases} == {None}
    prove(talk)
    assert talk.flow.status is FlowStatus.ROLLED_BACK
    talk.order(lambda draft: control.execute_phase(draft, "ann", "gather"))
    assert talk.flow.status is FlowStatus.ACTIVE


def test_a_re_run_is_rolled_back_to_the_result_before_it() -> None:
    talk = finished()
    first = talk.flow.phase("gather").active_attempt_id
    talk.order(lambda draft: control.execute_phase(draft, "ann", "gather"))
    talk.completed(datasets=(a_manifest(rows=9),))
    assert talk.flow.phase("gather").active_attempt_id != first
    talk.roll_back("phase", "gather")
    assert talk.flow.phase("gather").active_attempt_id == first


def test_effects_are_undone_newest_first_each_before_what_it_was_built_on() -> None:
    talk = finished(COPY, SWITCH)
    talk.roll_back("flow")
    assert [c.unit.key for c in talk.commands if isinstance(c, CompensateUnit)] == ["switch"]
    assert talk.flow.phase("gather").status is PhaseStatus.COMPLETED
    talk.undone("switch")
    (undo,) = talk.commands
    assert isinstance(undo, CompensateUnit)
    assert (undo.unit.key, len(undo.receipts)) == ("copy", 1)
    talk.undone("copy", UndoOutcome.NOTHING_TO_DO)
    assert talk.flow.phase("gather").status is PhaseStatus.ROLLED_BACK


def test_an_effect_under_way_is_waited_for_and_then_undone() -> None:
    talk = Conversation()
    talk.to_act(COPY)
    talk.started(talk.open("copy"))
    talk.roll_back("flow")
    assert talk.commands == []
    talk.unit_done("copy")
    assert [c.unit.key for c in talk.commands if isinstance(c, CompensateUnit)] == ["copy"]


def test_a_point_of_no_return_must_be_accepted_by_name() -> None:
    talk = finished(WIPE)
    with pytest.raises(Refused) as refused:
        talk.roll_back("flow")
    assert refused.value.code == "irreversible"
    talk.roll_back("flow", accepted=("disks wiped",))
    assert talk.flow.phase("act").status is PhaseStatus.ROLLED_BACK


def test_a_plan_gone_stale_is_refused() -> None:
    talk = finished()
    digest = plan_rollback(talk.flow, "phase", "judge").describe()["digest"]
    talk.order(lambda draft: control.execute_phase(draft, "ann", "act"))
    talk.completed()
    with pytest.raises(Refused) as refused:
        talk.start_rollback(RollbackOrder("phase", "judge", digest, actor="ann", reason="late"))
    assert refused.value.code == "stale_digest"


def test_decisions_of_the_phases_rolled_back_are_withdrawn_and_no_others() -> None:
    talk = finished()
    for phase in ("gather", "judge"):
        talk.order(
            lambda draft, phase=phase: record_decision(  # type: ignore[misc]
                draft, kind="override", phase=phase, subject="s", value=1, old=None, actor="ann"
            )
        )
    talk.roll_back("phase", "judge")
    assert talk.last.withdraw_decisions == (2,)
    assert [decision.number for decision in talk.flow.decisions] == [1]


def test_a_failed_undo_stays_with_an_operator_and_can_be_resumed() -> None:
    talk = finished(COPY)
    talk.roll_back("flow")
    talk.started(talk.open("copy"))
    error = ErrorInfo(kind=ErrorKind.PERMANENT, code="gone", message="The host is gone.")
    talk.order(lambda draft: attempt_failed(draft, talk.open("copy"), error))
    assert (talk.flow.status, talk.flow.reason) == (FlowStatus.ROLLING_BACK, "operator")
    talk.order(lambda draft: control.retry_flow(draft, "ann"))
    assert [c.epoch for c in talk.commands] == [2]
    talk.undone("copy")
    prove(talk)
    assert talk.flow.status is FlowStatus.ROLLED_BACK


def test_a_proof_that_fails_leaves_the_flow_for_an_operator() -> None:
    talk = finished()
    talk.roll_back("flow")
    prove(talk, holds=False)
    assert (talk.flow.status, talk.flow.reason) == (FlowStatus.ROLLING_BACK, "operator")
