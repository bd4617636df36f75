"""What crews have spent: tokens and money by model, phase, flow, prompt and day."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from caravan_orchestrator.api.access import Viewer
from caravan_orchestrator.api.answers import Json
from caravan_orchestrator.api.pages import DEFAULT_LIMIT, Cursor, Limit, decode_cursor, page
from caravan_orchestrator.api.routes._common import problems, require_flow, with_offset
from caravan_orchestrator.api.shapes.usage import UsageView
from caravan_orchestrator.domain.budgets import TOKENS
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.reads import usage as reads

router = APIRouter(responses=problems(404, 422))
Group = Literal["flow", "phase", "model", "prompt_version", "day"]
Text = Annotated[str | None, Query(max_length=500)]


@router.get("/usage", tags=["running"], summary="Say what crews have spent", response_model=UsageView)
async def usage(
    access: Viewer,
    *,
    by: Annotated[Sequence[Group], Query(description="what to add up by; model when absent")] = ("model",),
    flow: Annotated[UUID | None, Query(description="of this flow only")] = None,
    phase: Text = None,
    model: Text = None,
    since: Annotated[
        datetime | None, Query(description="reported at or after; UTC without an offset")
    ] = None,
    until: Annotated[datetime | None, Query(description="reported before")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """Of every run, also of those whose result was not taken. The offline model makes calls and spends nothing."""
    groups = list(dict.fromkeys(by))
    kind = f"usage by {' '.join(groups)}"
    last = decode_cursor(kind, cursor, *([str] * len(groups)))
    async with access.transaction() as transaction:
        connection = transaction.connection
        if flow is not None:
            await require_flow(transaction, flow)
        asked = reads.Asked(
            transaction.tenant.engagement_id, flow, phase, model, with_offset(since), with_offset(until)
        )
        found = await reads.list_usage(connection, asked, groups, last=last, limit=limit)
        total = await reads.total_usage(connection, asked)
        budget = None if flow is None else await _budget(transaction, flow)
    listed = page(kind, found, limit, lambda row: [row[name] for name in groups])
    return Json(
        {**listed, "items": [_row(each) for each in listed["items"]], "total": total, "budget": budget}
    )


async def _budget(transaction: SqlTransaction, flow_id: UUID) -> dict[str, int] | None:
    """Over the whole life of the flow, whatever part of its usage was asked for."""
    configuration = await reads.flow_configuration(transaction.connection, flow_id)
    stated = configuration.get(TOKENS)
    if not isinstance(stated, int):
        return None
    asked = reads.Asked(transaction.tenant.engagement_id, flow_id)
    total = await reads.total_usage(transaction.connection, asked)
    spent = total["prompt_tokens"] + total["completion_tokens"] + total["reserved_tokens"]
    return {"budget_tokens": stated, "left_tokens": max(0, stated - spent)}


def _row(found: dict[str, Any]) -> dict[str, Any]:
    """Groups under their names in the answer; what it was not grouped by is null."""
    figures = {name: value for name, value in found.items() if name not in reads.GROUPS}
    shown = {name: found.get(name) or None for name in reads.GROUPS}
    return {"flow_id": shown.pop("flow"), **shown, **figures}
