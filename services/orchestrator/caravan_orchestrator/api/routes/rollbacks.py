"""Rollbacks: planned without changing anything, started by the plan's digest, followed to their proof."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from caravan_orchestrator.api.access import Access, Operator, Viewer
from caravan_orchestrator.api.answers import Answer, Json
from caravan_orchestrator.api.bodies import PlanRollback, StartRollback
from caravan_orchestrator.api.rollback_views import RollbackPlanView, RollbackView, StartedRollbackView
from caravan_orchestrator.api.routes._common import problems
from caravan_orchestrator.domain.cascade import plan_closure
from caravan_orchestrator.domain.errors import DoesNotExist
from caravan_orchestrator.domain.model import Flow
from caravan_orchestrator.domain.rollback_plan import Closure
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.reads.flow_parts import get_rollback
from caravan_orchestrator.store.reads.impact import count_changed_assets
from caravan_orchestrator.usecases import rollbacks

router = APIRouter(tags=["rollback"])


@router.post(
    "/flows/{flow_id}/rollbacks:plan",
    summary="Show what a rollback would do",
    response_model=RollbackPlanView,
    responses=problems(400, 404, 409, 422),
)
async def plan(flow_id: UUID, body: PlanRollback, access: Viewer) -> Response:
    """The exact closure. Nothing changes; the digest is what POST …/rollbacks takes.

    409 `has_children` when other flows have grown from this one: its `cascade` says which, and what to ask for."""
    async with access.transaction() as transaction:
        described = await _plan(access, transaction, flow_id, body)
    return Json(described)


async def _plan(
    access: Access, transaction: SqlTransaction, flow_id: UUID, body: PlanRollback
) -> dict[str, Any]:
    flows = await rollbacks.lock_closure(transaction, flow_id)
    _check_engagement(access, flows[flow_id])
    closure = plan_closure(flows, flow_id, body.kind, body.phase)
    return {**closure.describe(), "assets": await _changed_assets(transaction, closure)}


def _check_engagement(access: Access, flow: Flow) -> None:
    if flow.tenant.engagement_id != access.tenant().engagement_id or flow.deleted_at is not None:
        raise DoesNotExist("flow")


async def _changed_assets(transaction: SqlTransaction, closure: Closure) -> dict[str, Any]:
    """How many, and which of their columns: those of every flow type that had a say in them."""
    datasets: list[UUID] = []
    overridden: list[str] = []
    columns: dict[str, None] = {}
    for flow, planned in closure.parts:
        moved = {UUID(dataset["dataset_id"]) for dataset in planned.datasets}
        own = [d.id for d in flow.datasets if d.id in moved and d.manifest.assets]
        decided = [
            d.subject for d in flow.decisions if d.number in planned.decisions and d.kind == "override"
        ]
        if own or decided:
            definition = await transaction.definition(flow.flow_type, flow.definition_version)
            columns |= dict.fromkeys(definition.asset_columns)
        datasets += own
        overridden += decided
    estate = closure.parts[-1][0].estate_id
    rows = await count_changed_assets(transaction.connection, estate, datasets, overridden)
    return {"estate_id": estate, "rows": rows, "columns": list(columns) if rows else []}


@router.post(
    "/flows/{flow_id}/rollbacks",
    status_code=202,
    summary="Roll back",
    response_model=StartedRollbackView,
    responses=problems(400, 404, 409, 412, 422),
)
async def start(flow_id: UUID, body: StartRollback, access: Operator) -> Response:
    """409 `stale_digest` when a flow of the plan has changed since, or another has grown from it."""

    async def effect(transaction: SqlTransaction) -> Answer:
        rollback_id = await rollbacks.start(
            transaction,
            flow_id,
            kind=body.kind,
            phase=body.phase,
            digest=body.digest,
            actor=access.actor,
            reason=body.reason,
            accepted=body.accept_irreversible,
            check=access.on_flow(lambda _: None),
        )
        return Answer({"rollback_id": rollback_id}, 202, {"Location": f"/api/v1/rollbacks/{rollback_id}"})

    return await access.change(effect)


@router.get(
    "/rollbacks/{rollback_id}",
    summary="Follow a rollback",
    response_model=RollbackView,
    responses=problems(404, 422),
)
async def rollback(rollback_id: UUID, access: Viewer) -> Response:
    """Its steps, and in `data_integrity_check` the proof, when it has ended."""
    async with access.transaction() as transaction:
        found = await get_rollback(transaction.connection, transaction.tenant.engagement_id, rollback_id)
    if found is None:
        raise DoesNotExist("rollback")
    return Json(found)
