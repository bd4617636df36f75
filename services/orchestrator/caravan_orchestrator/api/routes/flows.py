"""Flows: made, listed, read, marked deleted."""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from caravan_common.contracts import ArtifactRef, UploadRef
from caravan_orchestrator.api.access import Operator, Viewer
from caravan_orchestrator.api.answers import Answer, Json, etag, flow_answer
from caravan_orchestrator.api.pages import (
    DEFAULT_LIMIT,
    Cursor,
    Fields,
    Limit,
    Q,
    chosen,
    decode_cursor,
    page,
    words,
)
from caravan_orchestrator.api.problems import Problem
from caravan_orchestrator.api.routes._common import problems
from caravan_orchestrator.api.shapes.base import Page
from caravan_orchestrator.api.shapes.bodies import CreateFlow
from caravan_orchestrator.api.shapes.flows import FlowView
from caravan_orchestrator.domain import control
from caravan_orchestrator.domain.errors import DoesNotExist
from caravan_orchestrator.domain.states import FlowStatus
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.reads.flows import FLOW_FIELDS, flow_as_created, get_flow, list_flows
from caravan_orchestrator.store.reads.uploads import get_uploads
from caravan_orchestrator.usecases.changes import change_flow
from caravan_orchestrator.usecases.flows import NewFlow, create_flow

router = APIRouter(tags=["flows"])


@router.post(
    "/flows",
    status_code=201,
    summary="Create a flow",
    response_model=FlowView,
    responses=problems(400, 404, 409, 413, 422),
)
async def create(body: CreateFlow, access: Operator) -> Response:
    """It starts at once, by the newest definition of its type; what is given here is fixed for good."""

    async def effect(transaction: SqlTransaction) -> Answer:
        flow = await create_flow(
            transaction,
            NewFlow(
                flow_type=body.flow_type,
                name=body.name,
                description=body.description,
                configuration=body.configuration.stored(),
                uploads=await uploads_of(transaction, body.configuration.uploads, "/configuration/uploads"),
                auto_advance=body.auto_advance,
                auto_accept=body.auto_accept,
            ),
            access.actor,
        )
        view = flow_as_created(flow, transaction.now, description=body.description, created_by=access.actor)
        answer = flow_answer(view, 201)
        return Answer(answer.body, 201, {**answer.headers, "Location": f"/api/v1/flows/{flow.id}"})

    return await access.change(effect, tenant=access.tenant(body.engagement_id))


async def uploads_of(transaction: SqlTransaction, ids: Sequence[UUID], pointer: str) -> list[UploadRef]:
    """`pointer` leads to them in the body. Raises Problem."""
    known = await get_uploads(transaction.connection, transaction.tenant.engagement_id, ids)
    for position, id_ in enumerate(ids):
        if id_ not in known:
            detail = f"There is no upload {id_} in this engagement."
            raise Problem("unknown_upload", detail, status=422, pointer=f"{pointer}/{position}")
    return [
        UploadRef(
            upload_id=str(id_),
            name=row["name"],
            artifact=ArtifactRef(
                key=row["artifact_key"],
                sha256=row["sha256"],
                size=row["bytes"],
                media_type=row["media_type"] or "application/octet-stream",
            ),
        )
        for id_, row in ((id_, known[id_]) for id_ in ids)
    ]


async def shown(transaction: SqlTransaction, flow_id: UUID, status: int = 200) -> Answer:
    """The flow as this transaction sees it, with its ETag. Raises DoesNotExist."""
    flow = await get_flow(transaction.connection, transaction.tenant.engagement_id, flow_id)
    if flow is None:
        raise DoesNotExist("flow")
    return flow_answer(flow, status)


@router.get("/flows", summary="List flows", response_model=Page[FlowView], responses=problems(404, 422))
async def flows(
    access: Viewer,
    *,
    flow_type: Annotated[str | None, Query(max_length=100)] = None,
    status: Annotated[list[FlowStatus] | None, Query(description="one or several")] = None,
    q: Q = None,
    sort: Annotated[
        Literal["created_at", "-created_at"], Query(description="- is the newest first")
    ] = "-created_at",
    fields: Fields = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """Deleted flows are left out."""
    kind = f"flows {sort}"
    last = decode_cursor(kind, cursor, UUID)
    async with access.transaction() as transaction:
        found = await list_flows(
            transaction.connection,
            transaction.tenant.engagement_id,
            fields=chosen(fields, FLOW_FIELDS),
            flow_type=flow_type,
            status=tuple(status or ()),
            words=words(q),
            last=None if last is None else last[0],
            limit=limit,
            descending=sort.startswith("-"),
        )
    return Json(page(kind, found, limit, lambda flow: [flow["id"]]))


@router.get("/flows/{flow_id}", summary="Read a flow", response_model=FlowView, responses=problems(404, 422))
async def flow(flow_id: UUID, access: Viewer) -> Response:
    """With phases, progress and ETag; the ETag changes with decisions only, not with progress. While `folded` is false,
    assets of it are still on their way to `/assets`."""
    async with access.transaction() as transaction:
        answer = await shown(transaction, flow_id)
    return Json(answer.body, answer.status, dict(answer.headers))


@router.delete(
    "/flows/{flow_id}", status_code=204, summary="Mark a flow deleted", responses=problems(404, 409, 412, 422)
)
async def delete(flow_id: UUID, access: Operator) -> Response:
    """Refused while it runs. Its data stay until retention removes them."""

    async def effect(transaction: SqlTransaction) -> Answer:
        order = access.on_flow(lambda draft: control.delete_flow(draft, access.actor))
        decision, _ = await change_flow(transaction, flow_id, order)
        return Answer(None, 204, {"ETag": etag(decision.flow.lock_version)})

    return await access.change(effect)
