"""Chains: started whole, seen whole; and the handoffs between their flows."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body
from starlette.responses import Response

from caravan_orchestrator.api.access import Operator, Viewer
from caravan_orchestrator.api.answers import Answer, Json
from caravan_orchestrator.api.routes._common import problems, require_flow
from caravan_orchestrator.api.routes.flows import uploads_of
from caravan_orchestrator.api.shapes.bodies import RequestHandoff, StartChain
from caravan_orchestrator.api.shapes.chains import ChainView, HandoffsView, HandoffView, StartedChainView
from caravan_orchestrator.domain.errors import DoesNotExist
from caravan_orchestrator.domain.handoffs import THROUGH, living_child, request_handoff
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.reads.chains import flows_grown_from, list_handoffs
from caravan_orchestrator.store.reads.flows import get_flow, get_flows
from caravan_orchestrator.usecases.chains import flow_types_from
from caravan_orchestrator.usecases.changes import change_flow
from caravan_orchestrator.usecases.flows import NewFlow, create_flow
from caravan_orchestrator.usecases.quotas import hold_flows_running

router = APIRouter(tags=["chains"])
# A child that was deleted is never found.
_MOST_READS = 3


@router.post(
    "/chains",
    status_code=202,
    summary="Start a whole journey",
    response_model=StartedChainView,
    responses=problems(400, 404, 409, 413, 422),
)
async def start(body: StartChain, access: Operator) -> Response:
    """A first flow whose result is handed over to the next by itself, and so on through the flow type named."""

    async def effect(transaction: SqlTransaction) -> Answer:
        flow = await create_flow(
            transaction,
            NewFlow(
                flow_type=body.flow_type,
                name=body.name,
                configuration=_configuration(body),
                uploads=await uploads_of(transaction, body.uploads, "/uploads"),
                auto_accept=body.auto_accept,
                through_pointer="/through",
            ),
            access.actor,
        )
        return Answer({"flow_id": flow.id}, 202, {"Location": f"/api/v1/flows/{flow.id}/chain"})

    return await access.change(effect, tenant=access.tenant(body.engagement_id))


def _configuration(body: StartChain) -> dict[str, Any]:
    scope = {} if body.scope is None else {k: v for k, v in body.scope.model_dump().items() if v}
    return {
        **body.configuration.stored(),
        "uploads": [str(id_) for id_ in body.uploads],
        THROUGH: body.through,
        **({"scope": scope} if scope else {}),
    }


@router.get(
    "/flows/{flow_id}/chain",
    summary="See the chain of a flow",
    response_model=ChainView,
    responses=problems(404, 422),
)
async def chain(flow_id: UUID, access: Viewer) -> Response:
    """All flows that grew out of the same root as this one, with phases and progress, and the handoffs between them."""
    async with access.transaction() as transaction:
        engagement = transaction.tenant.engagement_id
        flow = await get_flow(transaction.connection, engagement, flow_id)
        if flow is None:
            raise DoesNotExist("flow")
        flows, handoffs = await _nodes_and_edges(transaction, flow["estate_id"])
        expected = await _expected(transaction, flows[0])
    progress = sum(each["progress"] for each in flows) / max(len(flows), len(expected))
    return Json(
        {
            "root_flow_id": flow["estate_id"],
            "through": flows[0]["configuration"].get(THROUGH),
            "flow_types": expected,
            "progress": round(progress, 4),
            "flows": flows,
            "handoffs": handoffs,
        }
    )


async def _nodes_and_edges(
    transaction: SqlTransaction, root: UUID, reads: int = _MOST_READS
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Read one after the other: a child may be made in between, and is then looked for once more."""
    connection = transaction.connection
    ids = await flows_grown_from(connection, root)
    flows = await get_flows(connection, transaction.tenant.engagement_id, ids)
    handoffs = await list_handoffs(connection, ids)
    if reads > 1 and not {each["target_flow_id"] for each in handoffs} <= {None, *ids}:
        return await _nodes_and_edges(transaction, root, reads - 1)
    return flows, handoffs


async def _expected(transaction: SqlTransaction, root: Mapping[str, Any]) -> Sequence[str]:
    """Flow types from the root's on through the last that runs by itself."""
    through = root["configuration"].get(THROUGH)
    if through is None:
        return [root["flow_type"]]
    definition = await transaction.definition(root["flow_type"], root["definition_version"])
    way, _ = await flow_types_from(transaction, definition)
    return way[: way.index(through) + 1] if through in way else way


@router.get(
    "/flows/{flow_id}/handoffs",
    summary="List a flow's handoffs",
    response_model=HandoffsView,
    responses=problems(404, 422),
)
async def handoffs(flow_id: UUID, access: Viewer) -> Response:
    """From this flow, the oldest first: what was handed over, by which rules, to which child; or why it was not."""
    async with access.transaction() as transaction:
        await require_flow(transaction, flow_id)
        found = await list_handoffs(transaction.connection, [flow_id])
    return Json({"items": found})


@router.post(
    "/flows/{flow_id}/handoffs",
    status_code=202,
    summary="Hand a completed flow over",
    response_model=HandoffView,
    responses=problems(400, 404, 409, 412, 422),
)
async def request(
    flow_id: UUID, access: Operator, body: Annotated[RequestHandoff | None, Body()] = None
) -> Response:
    """Also to try one again that failed. A child that an earlier handoff made is handed the new result: it becomes
    stale where that differs, and is never run again unasked."""
    target = None if body is None else body.target_flow_type

    async def effect(transaction: SqlTransaction) -> Answer:
        order = access.on_flow(lambda draft: request_handoff(draft, access.actor, target))
        decision, id_ = await change_flow(transaction, flow_id, order)
        found = await list_handoffs(transaction.connection, [flow_id])
        asked = next(handoff for handoff in found if handoff["id"] == id_)
        if living_child(decision.flow, asked["target_flow_type"]) is None:
            await hold_flows_running(transaction, soon=1)
        return Answer(asked, 202, {"Location": f"/api/v1/flows/{flow_id}/handoffs"})

    return await access.change(effect)
