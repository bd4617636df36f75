"""Events as they happen: a stream that goes on where Last-Event-ID says."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query
from starlette.responses import Response, StreamingResponse

from caravan_orchestrator.api.access import Viewer
from caravan_orchestrator.api.problems import Problem
from caravan_orchestrator.api.routes._common import problems, require_flow
from caravan_orchestrator.api.sse import Stream
from caravan_orchestrator.store.reads.events import Position, here

router = APIRouter(tags=["events"], responses=problems(404, 422))
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {}}, "description": "id, event (its type), data (a CloudEvent)"}
}


@router.get("/events", summary="Follow events", response_class=StreamingResponse, responses=_STREAM)
async def events(
    access: Viewer,
    flow: Annotated[UUID | None, Query(description="of this flow only")] = None,
    types: Annotated[str | None, Query(description="caravan.flow.completed,…", max_length=2000)] = None,
    last_event_id: Annotated[
        str | None, Header(description="of the event seen last", max_length=4000)
    ] = None,
) -> Response:
    """From now on, or after Last-Event-ID; none is missed and none comes twice. It ends with the token, the membership
    or the gateway. What tells of persons is shown to operators and admins."""
    tenant = access.tenant()
    async with access.transaction(tenant) as transaction:
        if flow is not None:
            await require_flow(transaction, flow)
        position = await here(transaction.connection, transaction.now)
    if last_event_id:
        given = Position.parse(last_event_id)
        if given is None:
            raise Problem("invalid_event_id", "Last-Event-ID is not an id of this stream.", status=422)
        position = given
    wanted = None if types is None else [name.strip() for name in types.split(",") if name.strip()]
    stream = Stream(access.services, tenant, position, access, flow_id=flow, types=wanted)
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream.chunks(), media_type="text/event-stream", headers=headers)
