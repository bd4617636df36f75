"""What people are asked over the gateway: questions and approvals. Each answer is a numbered decision of its flow."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import update

from caravan_common.artifacts import ArtifactStore
from caravan_common.contracts import DecisionKind, HumanDecision
from caravan_orchestrator.domain import people
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.errors import DoesNotExist, Refused
from caravan_orchestrator.domain.phases import start_phase
from caravan_orchestrator.domain.states import FlowStatus
from caravan_orchestrator.domain.units import release_units
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.reads.flow_parts import get_approval, get_question
from caravan_orchestrator.store.tables.flow import approvals, questions
from caravan_orchestrator.usecases.changes import Guard, change_flow, locked_flow
from caravan_orchestrator.usecases.corrections import learn_from_answer


async def answer_question(
    transaction: SqlTransaction,
    id_: UUID,
    *,
    option: str,
    reason: str | None,
    actor: str,
    guard: Guard[HumanDecision],
    teaches: ArtifactStore | None = None,
) -> HumanDecision:
    """An answer given earlier, or a recommendation that stood, may be changed. With `teaches`, it is learned there.

    Raises DoesNotExist, Refused, ArtifactStoreUnavailable.
    """
    question = await _locked(transaction, id_, get_question, "question")
    if question["status"] == "withdrawn":
        raise Refused("question_closed", "The phase has run again since; the question is no longer asked.")
    known = [known["id"] for known in question["options"]]
    if option not in known:
        raise Refused("unknown_option", f"Choose one of: {', '.join(known)}.", status=422, pointer="/option")

    def order(draft: Draft) -> HumanDecision:
        return people.answer_question(
            draft,
            phase=question["phase"],
            key=question["key"],
            blocking=question["blocking"] and question["status"] == "open",
            option=option,
            old=question["answer"] or question["recommendation"],
            actor=actor,
            reason=reason,
        )

    decision, made = await change_flow(transaction, question["flow_id"], guard(order))
    await transaction.connection.execute(
        update(questions)
        .where(questions.c.id == id_)
        .values(
            status="answered", answer=option, answered_at=transaction.now, decision_id=decision.row_of(made)
        )
    )
    if teaches is not None:
        await learn_from_answer(transaction, teaches, question, (decision, made), actor)
    return made


async def decide_approval(
    transaction: SqlTransaction,
    id_: UUID,
    *,
    approved: bool,
    comment: str | None,
    actor: str,
    guard: Guard[HumanDecision],
) -> HumanDecision:
    """Four eyes: never by the one who asked. Raises DoesNotExist, Refused."""
    approval = await _locked(transaction, id_, get_approval, "approval")
    if approval["status"] != "open":
        raise Refused("approval_closed", f"The approval is already {approval['status']}.")
    if approval["requested_by"] == actor:
        raise Refused("own_request", "Somebody else must decide what you requested yourself.", status=403)
    status = "approved" if approved else "rejected"

    def order(draft: Draft) -> HumanDecision:
        made = people.record_decision(
            draft,
            kind=DecisionKind.APPROVAL,
            phase=approval["phase"],
            subject=approval["subject"],
            value=status,
            old=None,
            actor=actor,
            reason=comment,
        )
        if approved and people.is_waited_for(draft, approval["phase"], "approval"):
            start_phase(draft, approval["phase"])
        elif approved and draft.flow.status is FlowStatus.ACTIVE:
            release_units(draft, approval["phase"])
        return made

    _, made = await change_flow(transaction, approval["flow_id"], guard(order))
    await transaction.connection.execute(
        update(approvals)
        .where(approvals.c.id == id_)
        .values(status=status, decided_by=actor, comment=comment, decided_at=transaction.now)
    )
    return made


async def _locked(
    transaction: SqlTransaction, id_: UUID, get: Callable[..., Any], what: str
) -> dict[str, Any]:
    """Reads it again under its flow's lock: of two who decide at once the second sees the first."""
    engagement = transaction.tenant.engagement_id
    found = await get(transaction.connection, engagement, id_)
    if found is None:
        raise DoesNotExist(what)
    await locked_flow(transaction, found["flow_id"])
    again: dict[str, Any] = await get(transaction.connection, engagement, id_)
    return again
