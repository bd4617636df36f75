"""What came out of a flow and its chain, as one HTML page."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse, Response

from caravan_orchestrator.api.access import Viewer
from caravan_orchestrator.api.problems import Problem
from caravan_orchestrator.api.reporter import Reporter, ReportOrder
from caravan_orchestrator.api.routes._common import problems
from caravan_orchestrator.domain.errors import DoesNotExist
from caravan_orchestrator.domain.states import FlowStatus
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.reads.chains import flows_grown_from
from caravan_orchestrator.store.reads.flows import get_flow, get_flows
from caravan_orchestrator.store.reads.tables import datasets_of
from caravan_orchestrator.usecases.readings import Reading

router = APIRouter(tags=["flows"])
_PAGE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"text/html": {"schema": {"type": "string"}}},
        "description": "A page that refers to nothing outside of it.",
    }
}
# Text of clients is escaped in it; should some get through all the same, it runs nothing and reaches nobody.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
Flow = Mapping[str, Any]


@router.get(
    "/reports/{flow_id}",
    summary="Read the report of a flow",
    response_class=HTMLResponse,
    responses={**_PAGE, **problems(404, 409, 410, 422)},
)
async def report(
    flow_id: UUID,
    access: Viewer,
    *,
    chain: Annotated[
        bool,
        Query(description="with the flows before it and those grown from it, as far as they have completed"),
    ] = True,
    download: Annotated[bool, Query(description="as a file to be saved")] = False,
) -> Response:
    """As `caravan run --report` writes it. 409 `not_completed` until the flow has; `no_report` where no package beside
    the gateway reports on these flows. What tells of persons is shown to operators and admins, and that they read it
    is audited."""
    tenant = access.tenant()
    async with access.transaction(tenant) as transaction:
        flow = await get_flow(transaction.connection, tenant.engagement_id, flow_id)
        if flow is None:
            raise DoesNotExist("flow")
        if flow["status"] != FlowStatus.COMPLETED:
            detail = f"A report is made of what has completed; this flow is {flow['status']}."
            raise Problem("not_completed", detail, status=409)
        flows = await _line(transaction, flow) if chain else [flow]
        frames = await _frames(transaction, flows)
    order = ReportOrder(
        title=flows[0]["name"],
        as_of=flows[0]["configuration"]["as_of"],
        flow_types=[each["flow_type"] for each in flows],
        summaries={
            key: said for each in flows for phase in each["phases"] for key, said in phase["summary"].items()
        },
        frames=frames,
        masked=not access.sees_personal,
    )
    reporter: Reporter = access.request.app.state.reporter
    made = await reporter.render(order)
    if made.persons:
        reading = Reading(tenant, access.actor, "report", str(flow_id))
        await access.services.readings.note(reading, made.persons, [str(each["id"]) for each in flows])
    shown = f'{"attachment" if download else "inline"}; filename="{flow["flow_type"]}-{flow_id}.html"'
    return HTMLResponse(made.page, headers={**_HEADERS, "Content-Disposition": shown})


async def _line(transaction: SqlTransaction, flow: Flow) -> list[Flow]:
    """Those that it has grown from, itself, and those grown from it that have completed: of each type the newest."""
    ids = await flows_grown_from(transaction.connection, flow["estate_id"])
    known = {
        each["id"]: each
        for each in await get_flows(transaction.connection, transaction.tenant.engagement_id, ids)
    }
    mine = set(_ancestors(flow, known))
    for each in known.values():
        if flow["id"] in _ancestors(each, known):
            mine.add(each["id"])
    done = [known[id_] for id_ in ids if id_ in mine and known[id_]["status"] == FlowStatus.COMPLETED]
    newest = {each["flow_type"]: each for each in done} | {flow["flow_type"]: flow}
    return list(newest.values())


def _ancestors(flow: Flow, known: Mapping[UUID, Flow]) -> list[UUID]:
    """Its own id and those of all before it."""
    found, at = [], flow
    while True:
        found.append(at["id"])
        if at["parent_flow_id"] not in known:
            return found
        at = known[at["parent_flow_id"]]


async def _frames(transaction: SqlTransaction, flows: Sequence[Flow]) -> dict[str, str]:
    """The artifact of each dataset that has an export name, by that name."""
    found: dict[str, str] = {}
    for flow in flows:
        definition = await transaction.definition(flow["flow_type"], flow["definition_version"])
        names = {
            (phase.name, output.name): output.export
            for phase in definition.phases
            for output in phase.outputs
            if output.export
        }
        for each in (await datasets_of(transaction.connection, flow["id"])).values():
            if (export := names.get((each["phase"], each["name"]))) is not None:
                found[export] = each["artifact_key"]
    return found
