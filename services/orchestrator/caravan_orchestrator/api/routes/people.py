"""Answers and approvals: one route for every kind of human decision."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body
from starlette.responses import Response

from caravan_common.contracts import HumanDecision
from caravan_orchestrator.api.access import Access, Approver, Operator
from caravan_orchestrator.api.answers import Answer
from caravan_orchestrator.api.routes._common import problems
from caravan_orchestrator.api.shapes.bodies import AnswerQuestion, DecideApproval
from caravan_orchestrator.api.shapes.decisions import AnsweredView, DecidedView
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.reads.flow_parts import get_approval, get_question
from caravan_orchestrator.usecases import people

router = APIRouter(tags=["people"], responses=problems(400, 404, 409, 412, 422))


@router.post("/questions/{question_id}/answer", summary="Answer a question", response_model=AnsweredView)
async def answer(question_id: UUID, body: AnswerQuestion, access: Operator) -> Response:
    """The last blocking answer lets the phase run again. An answer may be changed until the phase asks anew. What a
    column means is learned for the client, unless `learn` is false."""

    async def effect(transaction: SqlTransaction) -> Answer:
        made = await people.answer_question(
            transaction,
            question_id,
            option=body.option,
            reason=body.reason,
            actor=access.actor,
            guard=access.on_flow,
            teaches=access.services.store if body.learn else None,
        )
        question = await get_question(transaction.connection, transaction.tenant.engagement_id, question_id)
        return Answer({"question": question, "decision": decision_view(made)})

    return await access.change(effect)


@router.post("/approvals/{approval_id}/approve", summary="Approve", response_model=DecidedView)
async def approve(
    approval_id: UUID, access: Approver, body: Annotated[DecideApproval | None, Body()] = None
) -> Response:
    """Never one's own request."""
    return await _decide(access, approval_id, body, approved=True)


@router.post("/approvals/{approval_id}/reject", summary="Reject", response_model=DecidedView)
async def reject(
    approval_id: UUID, access: Approver, body: Annotated[DecideApproval | None, Body()] = None
) -> Response:
    """What was to be approved goes on waiting."""
    return await _decide(access, approval_id, body, approved=False)


async def _decide(
    access: Access, approval_id: UUID, body: DecideApproval | None, *, approved: bool
) -> Response:
    async def effect(transaction: SqlTransaction) -> Answer:
        made = await people.decide_approval(
            transaction,
            approval_id,
            approved=approved,
            comment=None if body is None else body.comment,
            actor=access.actor,
            guard=access.on_flow,
        )
        approval = await get_approval(transaction.connection, transaction.tenant.engagement_id, approval_id)
        return Answer({"approval": approval, "decision": decision_view(made)})

    return await access.change(effect)


def decision_view(made: HumanDecision) -> dict[str, Any]:
    return made.model_dump(mode="json")
