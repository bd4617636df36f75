"""The lists that hang on a flow."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from caravan_orchestrator.api.access import Viewer
from caravan_orchestrator.api.answers import Json
from caravan_orchestrator.api.pages import DEFAULT_LIMIT, Cursor, Limit, decode_cursor, page
from caravan_orchestrator.api.privacy import veiled
from caravan_orchestrator.api.routes._common import problems, require_flow
from caravan_orchestrator.api.shapes.base import Page
from caravan_orchestrator.api.shapes.data import DatasetView
from caravan_orchestrator.api.shapes.decisions import ApprovalView, QuestionView
from caravan_orchestrator.api.shapes.flows import AttemptView, EventView, PhasesView
from caravan_orchestrator.api.shapes.rollbacks import RollbackSummaryView
from caravan_orchestrator.store.reads import flow_parts as reads
from caravan_orchestrator.store.reads.flows import phases_of

router = APIRouter(prefix="/flows/{flow_id}", responses=problems(404, 422))
PhaseFilter = Annotated[str | None, Query(max_length=100)]


@router.get("/phases", tags=["flows"], summary="List a flow's phases", response_model=PhasesView)
async def phases(flow_id: UUID, access: Viewer) -> Response:
    """In order, with progress and the summary of the result shown."""
    async with access.transaction() as transaction:
        await require_flow(transaction, flow_id)
        found = await phases_of(transaction.connection, [flow_id])
    return Json({"items": found.get(flow_id, [])})


@router.get("/attempts", tags=["flows"], summary="List a flow's attempts", response_model=Page[AttemptView])
async def attempts(
    flow_id: UUID,
    access: Viewer,
    *,
    phase: PhaseFilter = None,
    kind: Annotated[
        Literal["execute", "unit", "compensate", "handoff", "edit", "selective"] | None, Query()
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """Everything sent to workers, oldest first."""
    last = decode_cursor("attempts", cursor, int)
    async with access.transaction() as transaction:
        await require_flow(transaction, flow_id)
        found = await reads.list_attempts(
            transaction.connection, flow_id, phase=phase, kind=kind, last=_first(last), limit=limit
        )
    return Json(page("attempts", found, limit, lambda row: [row["sequence"]]))


@router.get(
    "/questions", tags=["people"], summary="List a flow's questions", response_model=Page[QuestionView]
)
async def questions(
    flow_id: UUID,
    access: Viewer,
    *,
    status: Annotated[Literal["open", "answered", "accepted", "withdrawn"] | None, Query()] = None,
    blocking: Annotated[bool | None, Query()] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """`accepted`: the recommendation stood without anybody being asked; it may still be answered."""
    last = decode_cursor("questions", cursor, UUID)
    async with access.transaction() as transaction:
        await require_flow(transaction, flow_id)
        found = await reads.list_questions(
            transaction.connection, flow_id, status=status, blocking=blocking, last=_first(last), limit=limit
        )
    shown = page("questions", found, limit, _id)
    return Json(shown if access.sees_personal else veiled(shown))


@router.get(
    "/approvals", tags=["people"], summary="List a flow's approvals", response_model=Page[ApprovalView]
)
async def approvals(
    flow_id: UUID,
    access: Viewer,
    *,
    status: Annotated[Literal["open", "approved", "rejected", "withdrawn"] | None, Query()] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """In the order they were asked for; `withdrawn`: the phase that asked was rolled back or ran again."""
    last = decode_cursor("approvals", cursor, UUID)
    async with access.transaction() as transaction:
        await require_flow(transaction, flow_id)
        found = await reads.list_approvals(
            transaction.connection, flow_id, status=status, last=_first(last), limit=limit
        )
    return Json(page("approvals", found, limit, _id))


@router.get("/datasets", tags=["data"], summary="List a flow's datasets", response_model=Page[DatasetView])
async def datasets(
    flow_id: UUID,
    access: Viewer,
    *,
    active: Annotated[
        bool | None, Query(description="those that phases point at now, or those they do not")
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """Superseded and rolled back ones too, until they are collected."""
    last = decode_cursor("datasets", cursor, UUID)
    async with access.transaction() as transaction:
        await require_flow(transaction, flow_id)
        found = await reads.list_datasets(
            transaction.connection, flow_id, active=active, last=_first(last), limit=limit
        )
    return Json(page("datasets", found, limit, _id))


@router.get("/events", tags=["events"], summary="List a flow's events", response_model=Page[EventView])
async def events(
    flow_id: UUID, access: Viewer, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Response:
    """From the first on, numbered without gaps. GET /events tells them as they happen."""
    last = decode_cursor("flow events", cursor, int)
    async with access.transaction() as transaction:
        await require_flow(transaction, flow_id)
        found = await reads.list_flow_events(transaction.connection, flow_id, last=_first(last), limit=limit)
    shown = page("flow events", found, limit, lambda row: [row["sequence"]])
    return Json(shown if access.sees_personal else veiled(shown))


@router.get(
    "/rollbacks",
    tags=["rollback"],
    summary="List a flow's rollbacks",
    response_model=Page[RollbackSummaryView],
)
async def rollbacks(
    flow_id: UUID, access: Viewer, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Response:
    """The newest first."""
    last = decode_cursor("rollbacks", cursor, UUID)
    async with access.transaction() as transaction:
        await require_flow(transaction, flow_id)
        found = await reads.list_rollbacks(transaction.connection, flow_id, last=_first(last), limit=limit)
    return Json(page("rollbacks", found, limit, _id))


def _first(values: list[Any] | None) -> Any:
    return None if values is None else values[0]


def _id(row: dict[str, Any]) -> list[Any]:
    return [row["id"]]
