"""Versions of a wave plan, and people who change it: each edit is answered with what it would cause."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends
from starlette.responses import Response

from caravan_common.contracts import HumanDecision
from caravan_orchestrator.api.access import Access, Operator, Viewer
from caravan_orchestrator.api.answers import Answer, Json
from caravan_orchestrator.api.privacy import veiled
from caravan_orchestrator.api.result_rows import Asked, read_page, version_of
from caravan_orchestrator.api.routes._common import problems
from caravan_orchestrator.api.routes.flows import shown
from caravan_orchestrator.api.routes.people import decision_view
from caravan_orchestrator.api.shapes.plan_bodies import (
    AcceptEdit,
    CheckEdits,
    ComparePlans,
    DiscardEdit,
    RestorePlan,
)
from caravan_orchestrator.api.shapes.plans import (
    ComparedView,
    EditAskedView,
    EditView,
    PlanDecidedView,
    WavePlanView,
)
from caravan_orchestrator.domain.errors import DoesNotExist
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.reads import plans as reads
from caravan_orchestrator.store.reads.chains import living_children
from caravan_orchestrator.store.reads.tables import Wanted, datasets_of, read_table
from caravan_orchestrator.usecases import plans

router = APIRouter(prefix="/wave-plans/{version}", tags=["assessment"], responses=problems(404, 422))
_MOST_WAVES = 1000
_ANSWERED = ("violations", "cut_before", "cut_after", "load", "dates")


@router.get(
    "", summary="Read a version of the wave plan", response_model=WavePlanView, responses=problems(410)
)
async def plan(version: UUID, access: Viewer, asked: Annotated[Asked, Depends()]) -> Response:
    """`version` is the id of a dataset `waves`, or `wave_assignments` before anybody edited. A page of its units, with
    calendar, load, dates and cut of the whole plan. Every version is kept."""
    dataset = await version_of(access, version, reads.PLANS)
    async with access.transaction() as transaction:
        others = await datasets_of(transaction.connection, dataset["flow_id"])
        own = await reads.calendar_key(transaction.connection, dataset["attempt_id"])
    in_force = _in_force(others) == version
    summary = others[dataset["name"]]["summary"] if in_force else None
    waves = (summary or {}).get("waves", {})
    body = {
        "version": version,
        "flow_id": dataset["flow_id"],
        "phase": dataset["phase"],
        "in_force": in_force,
        "created_at": dataset["created_at"],
        "rows": dataset["rows"],
        "summary": summary,
        "violations": waves.get("violations"),
        **await _figures(access, dataset, others),
        "calendar": await _rows(access, own or _key(others, "wave_calendar")),
        "findings": await _rows(access, _key(others, "wave_findings")),
        **await read_page(access, dataset, asked, {}),
    }
    return Json(body)


def _in_force(active: Mapping[str, Mapping[str, Any]]) -> UUID | None:
    """The plan that people edit: the one with edits, else the one it starts from."""
    return next((active[name]["id"] for name in reads.PLANS if name in active), None)


async def _figures(
    access: Access, dataset: Mapping[str, Any], others: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    store = access.services.store
    frame = await reads.read_plan(store, dataset["artifact_key"])
    edges = others.get(reads.EDGES)
    return reads.figures(
        frame, await reads.read_edges(store, None if edges is None else edges["artifact_key"])
    )


def _key(active: Mapping[str, Mapping[str, Any]], name: str) -> str | None:
    return active[name]["artifact_key"] if name in active else None


async def _rows(access: Access, key: str | None) -> list[dict[str, Any]]:
    if key is None:
        return []
    found = await read_table(access.services.store, key, Wanted(), limit=_MOST_WAVES)
    return found if access.sees_personal else veiled(found)


@router.post(
    "/edits:check",
    status_code=202,
    summary="Ask what edits would cause",
    response_model=EditAskedView,
    responses=problems(400, 409, 412),
)
async def check(version: UUID, body: CheckEdits, access: Operator) -> Response:
    """The service that made the plan answers, usually within a second: read the edit, or wait for the event
    `caravan.edit.answered`. Nothing changes. Only the version in force can be edited."""
    dataset = await version_of(access, version, reads.PLANS)

    async def effect(transaction: SqlTransaction) -> Answer:
        id_ = await plans.ask_edit(
            transaction,
            dataset,
            [each.asked() for each in body.edits],
            actor=access.actor,
            guard=access.on_flow,
        )
        place = f"/api/v1/wave-plans/{version}/edits/{id_}"
        return Answer({"edit_id": str(id_)}, 202, {"Location": place})

    return await access.change(effect)


@router.get("/edits/{edit_id}", summary="Read what edits would cause", response_model=EditView)
async def edit(version: UUID, edit_id: UUID, access: Viewer) -> Response:
    """`violations` by kind, weight of the edges cut before and after, load and dates by wave."""
    async with access.transaction() as transaction:
        found = await reads.get_edit(transaction.connection, transaction.tenant.engagement_id, edit_id)
    if found is None or found["plan"] != version:
        raise DoesNotExist("edit")
    said = found["result"] or {}
    body = {
        **{name: value for name, value in found.items() if name not in ("id", "plan", "phase")},
        "edit_id": found["id"],
        "version": found["plan"],
        **{name: said.get(name) for name in _ANSWERED},
    }
    return Json(body if access.sees_personal else veiled(body))


@router.post(
    "/edits:accept",
    status_code=202,
    summary="Let edits stand",
    response_model=PlanDecidedView,
    responses=problems(400, 409, 412),
)
async def accept(version: UUID, body: AcceptEdit, access: Operator) -> Response:
    """A human decision, with the violations it was told of. The phase runs at once: the next version holds the edits,
    and later runs keep them. `refresh` says what shows the plan as it was, the roadmap for one, and how it is taken in.
    Withdrawn when the phase is rolled back."""

    async def effect(transaction: SqlTransaction) -> Answer:
        made = await plans.accept_edit(
            transaction,
            version,
            body.edit_id,
            actor=access.actor,
            reason=body.reason,
            guard=access.on_flow,
        )
        flow_id = (await _edit(transaction, body.edit_id))["flow_id"]
        return await _decided(transaction, flow_id, made)

    return await access.change(effect)


@router.post("/edits:discard", status_code=204, summary="Drop edits", responses=problems(400, 409, 412))
async def discard(version: UUID, body: DiscardEdit, access: Operator) -> Response:
    """Nothing changes; what is still evaluated is cancelled."""

    async def effect(transaction: SqlTransaction) -> Answer:
        await plans.discard_edit(transaction, version, body.edit_id, actor=access.actor, guard=access.on_flow)
        return Answer(status=204)

    return await access.change(effect)


@router.post(
    "/edits:compare",
    summary="Compare two versions of the wave plan",
    response_model=ComparedView,
    responses=problems(400, 409, 410),
)
async def compare(version: UUID, body: ComparePlans, access: Viewer) -> Response:
    """By application what differs, and cut, load and dates of both, by the edges of today. Changes nothing."""
    old = await version_of(access, version, reads.PLANS)
    new = await version_of(access, body.with_, reads.PLANS)
    if old["flow_id"] != new["flow_id"]:
        raise DoesNotExist("version of this plan")
    async with access.transaction() as transaction:
        others = await datasets_of(transaction.connection, old["flow_id"])
    frames = [await reads.read_plan(access.services.store, each["artifact_key"]) for each in (old, new)]
    found = {
        "version": version,
        "with_version": body.with_,
        "differences": reads.differences(*frames),
        "before": await _figures(access, old, others),
        "after": await _figures(access, new, others),
    }
    return Json(found if access.sees_personal else veiled(found))


@router.post(
    "/edits:restore",
    status_code=202,
    summary="Bring an earlier version back",
    response_model=PlanDecidedView,
    responses=problems(400, 409, 412),
)
async def restore(
    version: UUID, access: Operator, body: Annotated[RestorePlan | None, Body()] = None
) -> Response:
    """A human decision: edits made after that version no longer count, and the phase runs at once. Only while the plan
    is made of what it was made of then; else roll the earlier phases back."""
    dataset = await version_of(access, version, reads.PLANS)

    async def effect(transaction: SqlTransaction) -> Answer:
        made = await plans.restore_plan(
            transaction,
            dataset,
            actor=access.actor,
            reason=None if body is None else body.reason,
            guard=access.on_flow,
        )
        return await _decided(transaction, dataset["flow_id"], made)

    return await access.change(effect)


async def _edit(transaction: SqlTransaction, id_: UUID) -> dict[str, Any]:
    found = await reads.get_edit(transaction.connection, transaction.tenant.engagement_id, id_)
    if found is None:
        raise DoesNotExist("edit")
    return found


async def _decided(transaction: SqlTransaction, flow_id: UUID, made: HumanDecision) -> Answer:
    """What is stale now but for the phase that runs, and how it is refreshed."""
    answer = await shown(transaction, flow_id)
    stale = [each["name"] for each in answer.body["phases"] if each["stale"] and each["status"] != "active"]
    grown = await living_children(transaction.connection, flow_id)
    body = {
        "decision": decision_view(made),
        "etag": answer.body["etag"],
        "stale": stale,
        "refresh": _refresh(flow_id, stale, grown),
    }
    return Answer(body, 202, answer.headers)


def _refresh(
    flow_id: UUID, stale: Sequence[str], grown: Sequence[Mapping[str, Any]]
) -> dict[str, Any] | None:
    if not stale and not grown:
        return None
    said = []
    if stale:
        verb = "shows" if len(stale) == 1 else "show"
        said.append(
            f"{', '.join(stale)} still {verb} the plan as it was before; refresh the flow once it has completed."
        )
    if grown:
        kinds = ", ".join(str(each["flow_type"]) for each in grown)
        said.append(
            f"What has grown from it ({kinds}) is stale once it is handed over anew; refresh that after it."
        )
    return {
        "text": " ".join(said),
        "method": "POST",
        "path": f"/flows/{flow_id}/refresh",
        "command": f"caravan flow refresh {flow_id}",
        "flows": grown,
    }
