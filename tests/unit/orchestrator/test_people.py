"""Human decisions: what they mark stale, when a run takes them in, and what waits for them."""

import pytest

from caravan_common.contracts import (
    DatasetSpec,
    DecisionKind,
    ExecutePhase,
    ExecuteUnit,
    FlowDefinition,
    PhaseDefinition,
    UnitSpec,
)
from caravan_orchestrator.domain import control
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.people import answer_question, is_waited_for, record_decision
from caravan_orchestrator.domain.phases import start_phase
from caravan_orchestrator.domain.rolling_back import finish_rollback
from caravan_orchestrator.domain.states import FlowStatus, PhaseStatus
from caravan_orchestrator.domain.units import release_units
from tests.unit.orchestrator.conversation import Conversation, a_manifest, a_question

GATED = FlowDefinition(
    flow_type="gated",
    version="1.0.0",
    phases=(
        PhaseDefinition(name="plan", outputs=(DatasetSpec(name="facts"),)),
        PhaseDefinition(name="switch", needs_approval=True),
    ),
)


def override(talk: Conversation, phase: str, subject: str = "host-1") -> None:
    talk.order(
        lambda draft: record_decision(
            draft,
            kind=DecisionKind.OVERRIDE,
            phase=phase,
            subject=subject,
            value="production",
            old="test",
            actor="ann",
        )
    )


def decide(talk: Conversation, phase: str, verdict: str, subject: str = "go") -> None:
    """As the gateway has it done for an approval."""

    def order(draft: Draft) -> None:
        record_decision(
            draft,
            kind=DecisionKind.APPROVAL,
            phase=phase,
            subject=subject,
            value=verdict,
            old=None,
            actor="bob",
        )
        if verdict == "approved" and is_waited_for(draft, phase, "approval"):
            start_phase(draft, phase)
        elif verdict == "approved" and draft.flow.status is FlowStatus.ACTIVE:
            release_units(draft, phase)

    talk.order(order)


def answer(talk: Conversation, key: str, *, blocking: bool = True) -> None:
    talk.order(
        lambda draft: answer_question(
            draft,
            phase="gather",
            key=key,
            blocking=blocking,
            option="no",
            old="yes",
            actor="ann",
            reason=None,
        )
    )


def finished() -> Conversation:
    talk = Conversation()
    talk.to_act()
    return talk


def stale(talk: Conversation) -> list[str]:
    return [phase.name for phase in talk.flow.phases if phase.stale]


def phases(talk: Conversation) -> list[str]:
    return [command.phase for command in talk.commands if isinstance(command, ExecutePhase)]


def test_a_decision_marks_its_phase_and_the_later_ones_stale_and_runs_nothing() -> None:
    talk = finished()
    override(talk, "judge")
    assert (stale(talk), talk.flow.stale, talk.commands) == (["judge", "act"], True, [])
    assert talk.flow.status is FlowStatus.COMPLETED


def test_a_phase_executed_again_takes_the_decision_in_and_only_later_phases_stay_stale() -> None:
    talk = finished()
    override(talk, "judge")
    talk.order(lambda draft: control.execute_phase(draft, "ann", "judge"))
    (command,) = talk.commands
    assert isinstance(command, ExecutePhase)
    assert [(d.number, d.subject, d.value) for d in command.decisions] == [(1, "host-1", "production")]
    talk.completed()
    assert stale(talk) == ["act"]
    talk.order(lambda draft: control.execute_phase(draft, "ann", "act"))
    talk.completed()
    assert (stale(talk), talk.flow.stale) == ([], False)


def test_a_decision_made_while_the_phase_runs_is_not_part_of_that_run_and_leaves_it_stale() -> None:
    talk = Conversation()
    talk.start()
    talk.started(talk.open())
    override(talk, "gather")
    assert stale(talk) == []
    talk.completed(datasets=(a_manifest(),))
    assert stale(talk) == ["gather"]


def test_the_run_of_a_later_phase_takes_in_what_was_decided_before_it_began() -> None:
    talk = Conversation()
    talk.start()
    override(talk, "judge")
    talk.completed(datasets=(a_manifest(),))
    (command,) = talk.commands
    assert isinstance(command, ExecutePhase)
    assert [decision.phase for decision in command.decisions] == ["judge"]


def test_a_question_that_does_not_block_holds_nothing_and_its_answer_only_marks_stale() -> None:
    talk = Conversation()
    talk.start()
    question = a_question().model_copy(update={"blocking": False})
    talk.completed(datasets=(a_manifest(),), questions=(question,))
    assert phases(talk) == ["judge"]
    answer(talk, "q1", blocking=False)
    assert (phases(talk), stale(talk)) == ([], ["gather"])


def test_answers_given_while_the_phase_runs_again_do_not_start_it_a_second_time() -> None:
    talk = Conversation()
    talk.start()
    talk.completed(datasets=(a_manifest(),), questions=(a_question(),))
    answer(talk, "q1")
    assert phases(talk) == ["gather"]
    answer(talk, "q1")
    assert phases(talk) == []


def test_a_rolling_back_or_cancelled_flow_takes_no_decisions() -> None:
    rolling = finished()
    rolling.roll_back("flow")
    with pytest.raises(Refused, match="rolling_back"):
        override(rolling, "gather")
    cancelled = Conversation()
    cancelled.start()
    cancelled.order(lambda draft: control.cancel_flow(draft, "ann"))
    with pytest.raises(Refused, match="cancelled"):
        override(cancelled, "gather")


def test_a_phase_that_needs_approval_waits_for_it_and_starts_with_it() -> None:
    talk = Conversation(GATED)
    talk.start()
    talk.completed(datasets=(a_manifest(),))
    assert (talk.flow.status, talk.flow.reason, talk.commands) == (FlowStatus.WAITING, "approval", [])
    assert talk.flow.phase("switch").status is PhaseStatus.WAITING
    assert [(asked.phase, asked.subject) for asked in talk.last.approvals] == [("switch", "switch")]
    decide(talk, "switch", "approved")
    assert phases(talk) == ["switch"]


def test_a_rejected_phase_goes_on_waiting_also_when_it_is_told_to_execute() -> None:
    talk = Conversation(GATED)
    talk.start()
    talk.completed(datasets=(a_manifest(),))
    decide(talk, "switch", "rejected")
    talk.order(lambda draft: control.execute_phase(draft, "ann", "switch"))
    assert (talk.flow.status, talk.flow.reason, talk.commands) == (FlowStatus.WAITING, "approval", [])


def test_after_a_rollback_the_phase_needs_a_new_approval() -> None:
    talk = Conversation(GATED)
    talk.start()
    talk.completed(datasets=(a_manifest(),))
    decide(talk, "switch", "approved")
    talk.completed()
    talk.roll_back("phase", "switch")
    assert talk.last.withdraw_decisions == (1,)
    talk.order(lambda draft: finish_rollback(draft, {"holds": True}))
    talk.order(lambda draft: control.execute_phase(draft, "ann", "switch"))
    assert (talk.flow.reason, talk.commands) == ("approval", [])


def test_a_unit_that_needs_approval_is_held_until_it_is_approved_by_name() -> None:
    talk = Conversation()
    talk.to_act(
        UnitSpec(key="copy", action="write"), UnitSpec(key="switch", action="write", needs_approval=True)
    )
    talk.unit_done("copy")
    assert talk.commands == []
    decide(talk, "act", "approved", subject="another")
    assert talk.commands == []
    decide(talk, "act", "approved", subject="switch")
    assert [command.unit.key for command in talk.commands if isinstance(command, ExecuteUnit)] == ["switch"]
