"""Rollbacks: planned without changing anything, started by the plan's digest, followed to their proof."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from caravan_orchestrator.api.access import Access, Operator, Viewer
from caravan_orchestrator.api.answers import Answer, Json
from caravan_orchestrator.api.privacy import veiled
from caravan_orchestrator.api.routes._common import problems
from caravan_orchestrator.api.shapes.bodies import PlanRollback, StartRollback
from caravan_orchestrator.api.shapes.rollbacks import RollbackPlanView, RollbackView, StartedRollbackView
from caravan_orchestrator.domain.cascade import SELECTIVE, RollbackOrder
from caravan_orchestrator.domain.errors import DoesNotExist, Refused
from caravan_orchestrator.domain.model import Flow
from caravan_orchestrator.domain.rollback_plan import Closure
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.reads.flow_parts import get_rollback
from caravan_orchestrator.store.reads.impact import count_changed_assets
from caravan_orchestrator.store.reads.selected import read_reverted
from caravan_orchestrator.usecases import rollbacks

router = APIRouter(tags=["rollback"])
# Rows that a plan shows one by one; and keys that an error names in words.
MOST_ROWS, _NAMED = 1000, 20


@router.post(
    "/flows/{flow_id}/rollbacks:plan",
    summary="Show what a rollback would do",
    response_model=RollbackPlanView,
    responses=problems(400, 404, 409, 410, 422),
)
async def plan(flow_id: UUID, body: PlanRollback, access: Viewer) -> Response:
    """The exact closure. Nothing changes; the digest is what POST …/rollbacks takes.

    409 `has_children` when other flows have grown from this one: its `cascade` says which, and what to ask for.
    A selective one says row by row what goes back; what tells of persons is shown to operators and admins."""
    async with access.transaction() as transaction:
        closure, described = await _plan(access, transaction, flow_id, body)
    if closure.kind == SELECTIVE:
        described = await _with_rows(access, closure, described)
    return Json(described)


async def _plan(
    access: Access, transaction: SqlTransaction, flow_id: UUID, body: PlanRollback
) -> tuple[Closure, dict[str, Any]]:
    flows = await rollbacks.lock_closure(transaction, flow_id)
    _check_engagement(access, flows[flow_id])
    closure = await rollbacks.plan_locked(
        transaction, flows, flow_id, body.kind, body.phase, body.keys or (), body.before
    )
    return closure, {**closure.describe(), "assets": await _changed_assets(transaction, closure)}


async def _with_rows(access: Access, closure: Closure, described: Mapping[str, Any]) -> dict[str, Any]:
    """Raises Refused for keys that nothing is known by, and where nothing would change."""
    ((flow, planned),) = closure.parts
    selection = planned.selection
    assert selection is not None
    found = await read_reverted(
        access.services.store,
        [d.manifest for d in flow.datasets if d.phase == closure.phase],
        [d.manifest for d in flow.earlier if d.attempt_id == selection.before],
        selection.key_column,
        selection.keys,
    )
    _refuse_unknown(selection.keys, found.known)
    if not (found.rows or planned.decisions or planned.effects):
        raise Refused(
            "nothing_to_roll_back",
            "The rows of these keys are as in that version already; `before` names an earlier one.",
            pointer="/keys",
        )
    rows = list(found.rows[:MOST_ROWS])
    shown = rows if access.sees_personal else veiled(rows)
    await access.note_reading(
        flow.tenant, "rollback plan", flow.id, [row["natural_key"] for row in rows], shown
    )
    assets = described["assets"]
    columns = {name for row in found.rows for name in (*row["now"], *row["then"])}
    return {
        **described,
        "assets": {
            **assets,
            "rows": len(found.assets),
            "columns": [name for name in assets["columns"] if name in columns],
        },
        "selection": {
            **described["selection"],
            "reverted_rows": len(found.rows),
            "reverted": shown,
        },
    }


def _refuse_unknown(keys: Sequence[str], known: Collection[str]) -> None:
    unknown = [key for key in keys if key not in known]
    if unknown:
        named = ", ".join(repr(key) for key in unknown[:_NAMED])
        more = f" and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else ""
        raise Refused(
            "unknown_keys",
            f"Neither version of the phase has rows of {named}{more}.",
            status=422,
            pointer="/keys",
            offer={"unknown": unknown[:MOST_ROWS]},
        )


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
        order = RollbackOrder(
            kind=body.kind,
            phase=body.phase,
            digest=body.digest,
            actor=access.actor,
            reason=body.reason,
            accepted=body.accept_irreversible,
            keys=body.keys or (),
            before=body.before,
        )
        rollback_id = await rollbacks.start(transaction, flow_id, order, access.on_flow(lambda _: None))
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
