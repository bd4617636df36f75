"""A result of another kind than its attempt asks for, by the very run that is waited for, is never taken for one."""

from collections.abc import Callable
from typing import Any

import pytest

from caravan_common.contracts import (
    EditEvaluated,
    HandoffBuilt,
    PhaseCompleted,
    Receipt,
    Reply,
    SelectiveVersionBuilt,
    UndoOutcome,
    UnitCompensated,
    UnitCompleted,
    UnitOutcome,
    UnitSpec,
    new_id,
)
from caravan_orchestrator.domain.model import Attempt
from caravan_orchestrator.domain.replies import AnswersNothing
from caravan_orchestrator.domain.states import AttemptKind
from tests.unit.orchestrator.conversation import Conversation
from tests.unit.orchestrator.test_edits import Planning
from tests.unit.orchestrator.test_handoffs import building

COPY = UnitSpec(key="copy", action="write")
RECEIPT = Receipt(effect_id="forged")
RESULTS: dict[type[Reply], dict[str, Any]] = {
    PhaseCompleted: {},
    UnitCompleted: {"outcome": UnitOutcome.DONE, "receipt": RECEIPT},
    UnitCompensated: {"outcome": UndoOutcome.UNDONE},
    HandoffBuilt: {"digest": "d" * 64},
    EditEvaluated: {},
    SelectiveVersionBuilt: {},
}
ANSWERED_BY = {
    AttemptKind.EXECUTE: PhaseCompleted,
    AttemptKind.UNIT: UnitCompleted,
    AttemptKind.COMPENSATE: UnitCompensated,
    AttemptKind.HANDOFF: HandoffBuilt,
    AttemptKind.EDIT: EditEvaluated,
}


def executing() -> Conversation:
    talk = Conversation()
    talk.start()
    return talk


def in_effect() -> Conversation:
    talk = Conversation()
    talk.to_act(COPY)
    return talk


def undoing() -> Conversation:
    talk = in_effect()
    talk.unit_done("copy")
    talk.roll_back("phase", "act")
    return talk


def editing() -> Conversation:
    talk = Planning()
    talk.ask()
    return talk


BEGUN: dict[AttemptKind, Callable[[], Conversation]] = {
    AttemptKind.EXECUTE: executing,
    AttemptKind.UNIT: in_effect,
    AttemptKind.COMPENSATE: undoing,
    AttemptKind.HANDOFF: building,
    AttemptKind.EDIT: editing,
}
WRONG = [(kind, result) for kind, answer in ANSWERED_BY.items() for result in RESULTS if result is not answer]


def answer(talk: Conversation, attempt: Attempt, result: type[Reply], **changes: Any) -> Reply:
    said = {**RESULTS[result], **({"edit_id": attempt.id} if result is EditEvaluated else {}), **changes}
    return result(**talk._head(attempt, None, None), **said)


@pytest.mark.parametrize(("kind", "result"), WRONG, ids=lambda each: getattr(each, "__name__", str(each)))
def test_a_result_of_another_kind_is_no_answer_and_changes_nothing(
    kind: AttemptKind, result: type[Reply]
) -> None:
    talk = BEGUN[kind]()
    attempt = talk.open()
    assert attempt.kind is kind
    before = talk.flow
    with pytest.raises(AnswersNothing, match=result.__name__):
        talk.take(answer(talk, attempt, result))
    assert talk.flow == before


def test_an_answer_to_another_edit_is_none_to_this_one() -> None:
    talk = editing()
    with pytest.raises(AnswersNothing):
        talk.take(answer(talk, talk.open(), EditEvaluated, edit_id=new_id()))


def test_a_receipt_for_what_had_no_effect_is_not_kept_for_an_undo() -> None:
    """By a run that was given up: it is no result, but those of units may be receipts of real effects."""
    talk = executing()
    attempt = talk.open()
    talk.started(attempt)
    reply = UnitCompleted(**talk._head(attempt, new_id(), None), outcome=UnitOutcome.DONE, receipt=RECEIPT)
    talk.take(reply)
    assert talk.flow.attempts[attempt.id].receipts == ()
