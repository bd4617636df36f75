"""What people order a flow to do: pause, resume, cancel, retry, execute and skip a phase."""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Path
from starlette.responses import Response

from caravan_orchestrator.api.access import Access, Operator
from caravan_orchestrator.api.answers import Answer
from caravan_orchestrator.api.routes._common import problems
from caravan_orchestrator.api.routes.flows import shown
from caravan_orchestrator.api.shapes.bodies import CancelFlow, SkipPhase
from caravan_orchestrator.api.shapes.flows import FlowView
from caravan_orchestrator.domain import control
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.usecases import changes
from caravan_orchestrator.usecases.quotas import RUNNING, hold_flows_running
from caravan_orchestrator.usecases.rollbacks import resume_parts

router = APIRouter(tags=["flows"], responses=problems(400, 404, 409, 412, 422))
PhaseName = Annotated[str, Path(max_length=100)]


@router.post("/flows/{flow_id}/pause", summary="Stop giving out work", response_model=FlowView)
async def pause(flow_id: UUID, access: Operator) -> Response:
    """What runs goes on to its end, and its result is taken."""
    return await _withdrawing(
        access, flow_id, lambda draft, withdrawn: control.pause_flow(draft, access.actor, withdrawn)
    )


@router.post("/flows/{flow_id}/resume", summary="Give out work again", response_model=FlowView)
async def resume(flow_id: UUID, access: Operator) -> Response:
    """What the pause held back is given out, units of a failed phase excepted: they wait for the retry."""
    return await _order(access, flow_id, lambda draft: control.resume_flow(draft, access.actor))


@router.post("/flows/{flow_id}/cancel", summary="End a flow", response_model=FlowView)
async def cancel(
    flow_id: UUID, access: Operator, body: Annotated[CancelFlow | None, Body()] = None
) -> Response:
    """Effects already done stay until a rollback undoes them."""
    reason = None if body is None else body.reason
    return await _withdrawing(
        access, flow_id, lambda draft, _: control.cancel_flow(draft, access.actor, reason)
    )


@router.post("/flows/{flow_id}/retry", summary="Go on from the phase that failed", response_model=FlowView)
async def retry(flow_id: UUID, access: Operator) -> Response:
    """Also resumes a rollback that stopped, here or in a flow that has grown from this one. Nothing that was done is
    done again."""

    async def effect(transaction: SqlTransaction) -> Answer:
        flow = await changes.locked_flow(transaction, flow_id)
        if await resume_parts(transaction, flow, access.actor, access.on_flow(lambda _: None)):
            return await shown(transaction, flow_id)
        return await _changed(
            access, transaction, flow_id, lambda draft: control.retry_flow(draft, access.actor)
        )

    return await access.change(effect)


@router.post(
    "/flows/{flow_id}/refresh",
    status_code=202,
    summary="Take in what was decided since",
    response_model=FlowView,
)
async def refresh(flow_id: UUID, access: Operator) -> Response:
    """Runs the stale phases in order. One whose inputs (datasets, decisions about it) came out as they were keeps
    its result and is stale no more. Effects are never repeated: a phase with units stays stale until it is executed."""
    return await _order(access, flow_id, lambda draft: control.refresh_flow(draft, access.actor), 202)


@router.post(
    "/flows/{flow_id}/phases/{phase}/execute", status_code=202, summary="Run a phase", response_model=FlowView
)
async def execute(flow_id: UUID, phase: PhaseName, access: Operator) -> Response:
    """On a completed phase a new attempt; the old result stays until the new one is accepted."""
    return await _order(access, flow_id, lambda draft: control.execute_phase(draft, access.actor, phase), 202)


@router.post("/flows/{flow_id}/phases/{phase}/skip", summary="Leave a phase out", response_model=FlowView)
async def skip(
    flow_id: UUID, phase: PhaseName, access: Operator, body: Annotated[SkipPhase | None, Body()] = None
) -> Response:
    """Only a phase whose definition allows it."""
    reason = None if body is None else body.reason
    return await _order(access, flow_id, lambda draft: control.skip_phase(draft, access.actor, phase, reason))


async def _order(
    access: Access, flow_id: UUID, order: Callable[[Draft], None], status: int = 200
) -> Response:
    async def effect(transaction: SqlTransaction) -> Answer:
        return await _changed(access, transaction, flow_id, order, status)

    return await access.change(effect)


async def _changed(
    access: Access,
    transaction: SqlTransaction,
    flow_id: UUID,
    order: Callable[[Draft], None],
    status: int = 200,
) -> Answer:
    decision, _ = await changes.change_flow(transaction, flow_id, access.on_flow(order))
    if decision.before.status not in RUNNING and decision.flow.status in RUNNING:
        await hold_flows_running(transaction)
    return await shown(transaction, flow_id, status)


async def _withdrawing(
    access: Access, flow_id: UUID, order: Callable[[Draft, frozenset[UUID]], None]
) -> Response:
    """An order that takes back what was not yet sent; refused, that is undone with it."""

    def checked(draft: Draft, withdrawn: frozenset[UUID]) -> None:
        access.on_flow(lambda own: order(own, withdrawn))(draft)

    async def effect(transaction: SqlTransaction) -> Answer:
        await changes.pause(transaction, flow_id, checked)
        return await shown(transaction, flow_id)

    return await access.change(effect)
