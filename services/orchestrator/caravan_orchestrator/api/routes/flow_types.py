"""Flow types as their services announced them."""

import asyncio
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from caravan_orchestrator.api.access import Access, Viewer
from caravan_orchestrator.api.answers import Json
from caravan_orchestrator.api.routes._common import problems
from caravan_orchestrator.api.shapes.flows import FlowTypesView
from caravan_orchestrator.store.reads.records import list_flow_types

router = APIRouter(tags=["flow types"])


@router.get(
    "/flow-types",
    summary="List flow types with versions",
    response_model=FlowTypesView,
    responses=problems(404, 422),
)
async def flow_types(access: Viewer) -> Response:
    """The latest version is the one new flows run by; older ones carry flows that began with them."""
    async with access.transaction() as transaction:
        rows = await list_flow_types(transaction.connection)
    queues = sorted({(row["flow_type"], _major(row)) for row in rows})
    counts = await asyncio.gather(*(_consumers(access, *queue) for queue in queues))
    consumers = dict(zip(queues, counts, strict=True))
    by_type: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_type.setdefault(row["flow_type"], []).append(
            {**row, "consumers": consumers[row["flow_type"], _major(row)]}
        )
    return Json({"items": [_flow_type(name, versions) for name, versions in sorted(by_type.items())]})


def _number(row: dict[str, Any]) -> tuple[int, ...]:
    return tuple(int(part) for part in row["version"].split("."))


def _major(row: dict[str, Any]) -> int:
    return _number(row)[0]


async def _consumers(access: Access, flow_type: str, major: int) -> int | None:
    """A broker that can't be asked hides no definition."""
    try:
        return await access.services.consumers(flow_type, major)
    except Exception:  # noqa: BLE001 - whatever the broker's client raises means the same: not known
        return None


def _flow_type(name: str, versions: list[dict[str, Any]]) -> dict[str, Any]:
    versions.sort(key=_number, reverse=True)
    definition = versions[0]["definition"]
    return {
        "flow_type": name,
        "title": definition.get("title", ""),
        "description": definition.get("description", ""),
        "latest": versions[0]["version"],
        "phases": [phase["name"] for phase in definition["phases"]],
        "versions": [{key: row[key] for key in row if key != "flow_type"} for row in versions],
    }
