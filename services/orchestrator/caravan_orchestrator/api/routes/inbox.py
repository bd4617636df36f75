"""All that waits for a person, and an engagement on one screen."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from caravan_common.contracts import Tenant
from caravan_orchestrator.api.access import Access, Viewer
from caravan_orchestrator.api.answers import Json
from caravan_orchestrator.api.auth import Role
from caravan_orchestrator.api.pages import DEFAULT_LIMIT, Cursor, Limit, decode_cursor, page
from caravan_orchestrator.api.privacy import veiled
from caravan_orchestrator.api.routes._common import problems
from caravan_orchestrator.api.shapes.waiting import InboxView, Kind, OverviewView
from caravan_orchestrator.domain.errors import DoesNotExist
from caravan_orchestrator.store.reads import overview as reads
from caravan_orchestrator.store.reads.estates import current_estate
from caravan_orchestrator.store.reads.waiting import Wanted, count_waiting, list_waiting

router = APIRouter(responses=problems(404, 422))
_OLDEST, _NEWEST_EVENTS = 5, 10
_NO_ASSETS = {"total": 0, "by_type": {}, "migration_targets": 0, "not_targets": {}, "overridden": 0}
_WORDS = {
    "approval": "Approve it, or reject it.",
    "failed": "Mend what made it fail, then retry it from the phase that failed.",
    "rollback": "The rollback stopped; mend what stopped it, then retry.",
    "phase": "The next phase runs when somebody executes it.",
    "stale": "Something was decided, or handed over, that these do not show yet: {}. Refresh the flow.",
    "handoff": "The next flow of the chain was not made; mend what the error names, then hand over again.",
}


@router.get("/inbox", tags=["people"], summary="List all that waits for a person", response_model=InboxView)
async def inbox(
    access: Viewer,
    *,
    kind: Annotated[list[Kind] | None, Query(description="one or several")] = None,
    flow: Annotated[UUID | None, Query(description="of this flow only")] = None,
    flow_type: Annotated[str | None, Query(max_length=100)] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """The oldest first, in all engagements of the token, or in the one that `engagement` names. Each entry names the
    requests that settle it."""
    last = decode_cursor("inbox", cursor, _moment, UUID)
    engagements = access.engagements()
    wanted = Wanted(engagements, tuple(kind or ()), flow, flow_type)
    if not engagements:
        return Json({"items": [], "next_cursor": None, "counts": _counts({})})
    tenant = Tenant(client_account_id=access.principal.client_account_id, engagement_id=engagements[0])
    async with access.transaction(tenant) as transaction:
        position = None if last is None else (last[0], last[1])
        counted = await count_waiting(transaction.connection, wanted)
        wanted = replace(wanted, kinds=counted.kinds(wanted.kinds))
        found = await list_waiting(transaction.connection, wanted, last=position, limit=limit)
    listed = page("inbox", found, limit, lambda row: [row["since"].isoformat(), row["id"]])
    listed["items"] = [_entry(access, row) for row in listed["items"]]
    return Json({**listed, "counts": _counts(counted.waiting)})


@router.get(
    "/engagements/{engagement_id}/overview",
    tags=["people"],
    summary="See an engagement on one screen",
    response_model=OverviewView,
)
async def overview(engagement_id: UUID, access: Viewer) -> Response:
    """Flows by status, the current estate in figures, what waits for a person, the newest events. The number of
    statements does not depend on how much there is."""
    async with access.transaction(access.tenant(engagement_id)) as transaction:
        connection = transaction.connection
        engagement = await reads.get_engagement(connection, engagement_id)
        if engagement is None:
            raise DoesNotExist("engagement")
        estate = await current_estate(connection, engagement_id)
        wanted = Wanted([engagement_id])
        assets, results = _NO_ASSETS, {}
        if estate is not None:
            assets = await reads.count_assets(connection, engagement_id, estate)
            results = await reads.estate_results(connection, estate)
        counted = await count_waiting(connection, wanted)
        oldest = await list_waiting(connection, replace(wanted, kinds=counted.kinds()), limit=_OLDEST)
        answer = {
            "engagement": engagement,
            "estate_id": estate,
            "flows": reads.flows_by_state(counted.flows),
            "assets": assets,
            "results": results,
            "waiting": _counts(counted.waiting),
            "oldest": [_entry(access, row) for row in oldest[:_OLDEST]],
            "events": await reads.newest_events(connection, engagement_id, _NEWEST_EVENTS),
        }
    return Json(answer if access.sees_personal_of(engagement_id) else veiled(answer))


def _moment(written: str) -> datetime:
    """As our cursors have it; anything else in its place is refused before the database would."""
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None or not 2000 <= moment.year <= 9000:
        raise ValueError(written)
    return moment


def _counts(found: Mapping[str, int]) -> dict[str, int]:
    counts = {name: found.get(name, 0) for name in (*_WORDS, "question", "blocking")}
    return {**counts, "total": sum(count for name, count in counts.items() if name != "blocking")}


def _entry(access: Access, row: Mapping[str, Any]) -> dict[str, Any]:
    kind = row["kind"]
    text = row["text"] if kind == "question" else _WORDS[kind].format(row["text"])
    flow = {
        "id": row["flow_id"],
        "name": row["flow_name"],
        "flow_type": row["flow_type"],
        "status": row["flow_status"],
    }
    entry = {
        **{name: value for name, value in row.items() if not name.startswith("flow_")},
        "flow": flow,
        "text": text,
        "actions": [_action(access, row, *each) for each in _actions(row)],
    }
    return entry if access.sees_personal_of(row["engagement_id"]) else veiled(entry)


def _actions(row: Mapping[str, Any]) -> list[tuple[str, dict[str, Any] | None, Role]]:
    """Path, body to begin with, and role of each request that helps."""
    flow, about = f"/flows/{row['flow_id']}", row["id"]
    match row["kind"]:
        case "question":
            return [(f"/questions/{about}/answer", {"option": row["recommendation"]}, Role.OPERATOR)]
        case "approval":
            path = f"/approvals/{about}"
            return [(f"{path}/{verb}", {"comment": None}, Role.APPROVER) for verb in ("approve", "reject")]
        case "phase":
            return [(f"{flow}/phases/{row['phase']}/execute", None, Role.OPERATOR)]
        case "stale":
            return [(f"{flow}/refresh", None, Role.OPERATOR)]
        case "handoff":
            return [(f"{flow}/handoffs", {"target_flow_type": row["subject"]}, Role.OPERATOR)]
        case failed:
            give_up = [(f"{flow}/cancel", {"reason": None}, Role.OPERATOR)] if failed == "failed" else []
            return [(f"{flow}/retry", None, Role.OPERATOR), *give_up]


def _action(
    access: Access, row: Mapping[str, Any], path: str, body: dict[str, Any] | None, role: Role
) -> dict[str, Any]:
    allowed = access.principal.may(role, row["engagement_id"]) and row["requested_by"] != access.actor
    return {"method": "POST", "path": path, "body": body, "role": role, "allowed": allowed}
