"""What planning has made: schedules by version; resources, targets and costs as lists."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from caravan_orchestrator.api.access import Access, Viewer
from caravan_orchestrator.api.answers import Json
from caravan_orchestrator.api.result_rows import (
    Asked,
    Flow,
    read_page,
    result_rows,
    shown_of,
    version_of,
)
from caravan_orchestrator.api.routes._common import problems
from caravan_orchestrator.api.shapes.plans import PlanRowsView, ResultRowsView
from caravan_orchestrator.store.reads.tables import datasets_of

router = APIRouter(tags=["planning"], responses=problems(404, 410, 422))
Listed = Annotated[Asked, Depends()]


@router.get("/schedules/{version}", summary="Read a version of the schedule", response_model=PlanRowsView)
async def schedule(version: UUID, access: Viewer, asked: Listed) -> Response:
    """`version` is the id of a dataset `tasks`. Tasks with precedence, dates, slack and team; `summary` holds the
    makespan, its lower bound and how the schedule was found, while it is the one in force."""
    dataset = await version_of(access, version, ("tasks",))
    async with access.transaction() as transaction:
        shown = await datasets_of(transaction.connection, dataset["flow_id"])
    in_force = shown.get("tasks", {}).get("id") == version
    return Json(
        {
            "version": version,
            "flow_id": dataset["flow_id"],
            "phase": dataset["phase"],
            "in_force": in_force,
            "created_at": dataset["created_at"],
            "rows": dataset["rows"],
            "summary": shown["tasks"]["summary"] if in_force else None,
            **await read_page(access, dataset, asked, {}),
        }
    )


@router.get("/resources", summary="List teams and their load", response_model=ResultRowsView)
async def resources(access: Viewer, asked: Listed, flow: Flow = None) -> Response:
    """Columns as in the export `resources`."""
    return await _listed(access, "resources", asked, flow)


@router.get("/targets", summary="List the target of each asset", response_model=ResultRowsView)
async def targets(access: Viewer, asked: Listed, flow: Flow = None) -> Response:
    """Columns as in the export `targets`; unknown is null, never 0."""
    return await _listed(access, "targets", asked, flow)


@router.get("/costs", summary="List what it costs, today and in each way", response_model=ResultRowsView)
async def costs(access: Viewer, asked: Listed, flow: Flow = None) -> Response:
    """With the date of every price; unknown is null, never 0."""
    return await _listed(access, "costs", asked, flow)


async def _listed(access: Access, name: str, asked: Asked, flow: UUID | None) -> Response:
    dataset = await shown_of(access, name, flow)
    shown = None if dataset is None else await read_page(access, dataset, asked, {})
    return Json(result_rows(dataset, shown))
