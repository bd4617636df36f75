"""How the work goes: how long phases take, how often they are tried, who decides, what it costs."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from caravan_orchestrator.api.access import Viewer
from caravan_orchestrator.api.answers import Json
from caravan_orchestrator.api.routes._common import problems, require_flow, with_offset
from caravan_orchestrator.api.shapes.usage import AnalyticsView
from caravan_orchestrator.store.reads import analytics as reads

router = APIRouter(tags=["running"], responses=problems(404, 422))
Days = Annotated[int, Query(ge=1, le=366, description="how many days of throughput at most")]


@router.get("/analytics", summary="Say how an engagement's flows go", response_model=AnalyticsView)
async def analytics(
    access: Viewer,
    *,
    flow_type: Annotated[str | None, Query(max_length=100)] = None,
    since: Annotated[
        datetime | None, Query(description="flows created at or after; UTC without an offset")
    ] = None,
    until: Annotated[datetime | None, Query(description="flows created before")] = None,
    days: Days = 30,
) -> Response:
    """By flow type and phase: attempts, retries, durations, who decided; by day: what was done; and what crews have
    spent. Deleted flows are left out."""
    async with access.transaction() as transaction:
        engagement = transaction.tenant.engagement_id
        span = reads.Span(engagement, None, flow_type, with_offset(since), with_offset(until))
        found = await reads.analytics(transaction.connection, span, days)
    return Json(found)


@router.get("/flows/{flow_id}/analytics", summary="Say how a flow goes", response_model=AnalyticsView)
async def flow_analytics(flow_id: UUID, access: Viewer, days: Days = 30) -> Response:
    """The same of one flow; its attempts one by one are at `/flows/{id}/attempts`."""
    async with access.transaction() as transaction:
        await require_flow(transaction, flow_id)
        span = reads.Span(transaction.tenant.engagement_id, flow_id)
        found = await reads.analytics(transaction.connection, span, days)
    return Json(found)
