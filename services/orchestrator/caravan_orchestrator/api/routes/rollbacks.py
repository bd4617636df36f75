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
from caravan_orchestrator.domain.errors import DoesNotExist
from caravan_orchestrator.domain.rollback_plan import plan_rollback
from caravan_orchestrator.domain.rolling_back import start_rollback
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.reads.flow_parts import get_rollback
from caravan_orchestrator.store.reads.impact import count_changed_assets
from caravan_orchestrator.usecases.changes import change_flow, locked_flow

router = APIRouter(tags=["rollback"])


@router.post(
    "/flows/{flow_id}/rollbacks:plan",
    summary="Show what a rollback would do",
    response_model=RollbackPlanView,
    responses=problems(400, 404, 409, 422),
)
async def plan(flow_id: UUID, body: PlanRollback, access: Viewer) -> Response:
    """The exact closure. Nothing changes; the digest is what POST …/rollbacks takes."""
    async with access.transaction() as transaction:
        described = await _plan(access, transaction, flow_id, body)
    return Json(described)


async def _plan(
    access: Access, transaction: SqlTransaction, flow_id: UUID, body: PlanRollback
) -> dict[str, Any]:
    flow = await locked_flow(transaction, flow_id, everything=True)
    if flow.tenant.engagement_id != access.tenant().engagement_id or flow.deleted_at is not None:
        raise DoesNotExist("flow")
    definition = await transaction.definition(flow.flow_type, flow.definition_version)
    planned = plan_rollback(flow, body.kind, body.phase)
    described = planned.describe(flow)
    moved = {UUID(dataset["dataset_id"]) for dataset in planned.datasets}
    assets = [d.id for d in flow.datasets if d.id in moved and d.manifest.assets]
    overridden = [d.subject for d in flow.decisions if d.number in planned.decisions and d.kind == "override"]
    rows = await count_changed_assets(transaction.connection, flow.estate_id, assets, overridden)
    columns = list(definition.asset_columns) if rows else []
    return {**described, "assets": {"estate_id": flow.estate_id, "rows": rows, "columns": columns}}


@router.post(
    "/flows/{flow_id}/rollbacks",
    status_code=202,
    summary="Roll back",
    response_model=StartedRollbackView,
    responses=problems(400, 404, 409, 412, 422),
)
async def start(flow_id: UUID, body: StartRollback, access: Operator) -> Response:
    """409 `stale_digest` when the flow has changed since the plan was made."""

    async def effect(transaction: SqlTransaction) -> Answer:
        order = access.on_flow(
            lambda draft: start_rollback(
                draft,
                kind=body.kind,
                phase=body.phase,
                digest=body.digest,
                actor=access.actor,
                reason=body.reason,
                accepted=body.accept_irreversible,
            )
        )
        _, rollback_id = await change_flow(transaction, flow_id, order, everything=True)
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
