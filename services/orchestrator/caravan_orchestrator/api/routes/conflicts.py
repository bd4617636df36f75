"""What sources disagree about, and people who know which is right."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from caravan_orchestrator.api.access import Operator, Viewer
from caravan_orchestrator.api.answers import Answer, Json
from caravan_orchestrator.api.pages import DEFAULT_LIMIT, Cursor, Limit, decode_cursor, page
from caravan_orchestrator.api.privacy import veiled_conflict
from caravan_orchestrator.api.routes._common import problems, require_flow
from caravan_orchestrator.api.routes.flows import shown
from caravan_orchestrator.api.routes.mappings import decided
from caravan_orchestrator.api.routes.people import decision_view
from caravan_orchestrator.api.shapes.base import Page
from caravan_orchestrator.api.shapes.bodies import ResolveConflict
from caravan_orchestrator.api.shapes.discovery import ConflictView, ResolvedView
from caravan_orchestrator.domain.errors import DoesNotExist
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.reads import conflicts as reads
from caravan_orchestrator.store.reads.entities import get_entity
from caravan_orchestrator.store.reads.mappings import standing_decisions
from caravan_orchestrator.usecases.corrections import resolve_conflict

router = APIRouter(tags=["discovery"], responses=problems(404, 422))
Text = Annotated[str | None, Query(max_length=1000)]


@router.get(
    "/flows/{flow_id}/conflicts",
    summary="List what sources disagree about",
    response_model=Page[ConflictView],
    responses=problems(410),
)
async def conflicts(
    flow_id: UUID,
    access: Viewer,
    *,
    attribute: Text = None,
    asset_key: Annotated[str | None, Query(max_length=2000, description="natural key of the asset")] = None,
    decided_by: Annotated[str | None, Query(max_length=50, description="rule or person")] = None,
    reason: Annotated[
        str | None, Query(max_length=200, description="as `newer`, `more trusted source`")
    ] = None,
    winner_source: Text = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """By asset and attribute: winner, why it won, and what lost, each with its row. A cursor ends with the result it
    was made for: a phase that ran again has conflicts of its own."""
    async with access.transaction() as transaction:
        await require_flow(transaction, flow_id)
        dataset = await reads.conflict_dataset(transaction.connection, flow_id)
    if dataset is None:
        return Json({"items": [], "next_cursor": None})
    kind = f"conflicts {dataset['id']}"
    last = decode_cursor(kind, cursor, int)
    start = 0 if last is None else max(0, last[0])
    given = (attribute, asset_key, decided_by, reason, winner_source)
    wanted = reads.ConflictFilter(*(access.asked_for(each) for each in given))
    found = await reads.read_conflicts(access.services.store, dataset, wanted, start, limit)
    async with access.transaction() as transaction:
        keys = {row["natural_key"]: row["natural_key"] for row in found}
        said = await standing_decisions(
            transaction.connection, flow_id, keys, ("conflict",), taken_in=dataset["decisions_upto"]
        )
    rows = [{**row, "decision": said.get(row["natural_key"])} for row in found]
    await access.note_reading(transaction.tenant, "conflicts", flow_id, [row["id"] for row in rows], rows)
    if not access.sees_personal:
        rows = [veiled_conflict(row) for row in rows]
    return Json(page(kind, rows, limit, lambda _: [start + limit]))


@router.post(
    "/conflicts/{conflict_id}/resolve",
    summary="Choose the winner of a conflict",
    response_model=ResolvedView,
    responses=problems(400, 409, 412),
)
async def resolve(conflict_id: UUID, body: ResolveConflict, access: Operator) -> Response:
    """A human decision: one of the values found, or the value of one of its sources, wins over every rule. What
    depends on it becomes stale. A conflict has its id from the result it stands in, as soon as that is indexed."""

    async def effect(transaction: SqlTransaction) -> Answer:
        engagement = transaction.tenant.engagement_id
        entity = await get_entity(transaction.connection, engagement, conflict_id)
        if entity is None or entity["entity_type"] != "conflict":
            raise DoesNotExist("conflict")
        made = await resolve_conflict(
            transaction,
            entity,
            value=body.value,
            source=body.source,
            reason=body.reason,
            actor=access.actor,
            guard=access.on_flow,
        )
        flow = (await shown(transaction, entity["flow_id"])).body
        return decided(flow, {"decision": decision_view(made)})

    return await access.change(effect)
