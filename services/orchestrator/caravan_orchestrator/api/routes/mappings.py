"""What the columns of delivered files mean, and people who know better."""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from caravan_common.contracts.attributes import MAPPABLE
from caravan_orchestrator.api.access import Access, Operator, Viewer
from caravan_orchestrator.api.answers import Answer, Json, etag
from caravan_orchestrator.api.pages import DEFAULT_LIMIT, Cursor, Limit, decode_cursor, page
from caravan_orchestrator.api.privacy import veiled_mapping
from caravan_orchestrator.api.problems import Problem
from caravan_orchestrator.api.routes._common import problems, require_flow
from caravan_orchestrator.api.routes.flows import shown
from caravan_orchestrator.api.routes.people import decision_view
from caravan_orchestrator.api.shapes.base import Page
from caravan_orchestrator.api.shapes.bodies import CorrectMapping, CorrectMappings
from caravan_orchestrator.api.shapes.discovery import CorrectedView, MappingView
from caravan_orchestrator.api.values import checked_unit
from caravan_orchestrator.domain.corrections import Correction
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.reads import mappings as reads
from caravan_orchestrator.usecases.corrections import correct_mappings

router = APIRouter(prefix="/flows/{flow_id}/mappings", tags=["discovery"], responses=problems(404, 410, 422))
Text = Annotated[str | None, Query(max_length=1000)]
_RELATION = re.compile(r"relation:[a-z_]{1,60}\Z")
_DECIDED = ("mapping", "answer")


@router.get("", summary="List what columns mean", response_model=Page[MappingView])
async def mappings(
    flow_id: UUID,
    access: Viewer,
    *,
    file: Text = None,
    sheet: Text = None,
    attribute: Text = None,
    method: Text = None,
    below: Annotated[float | None, Query(ge=0, le=1, description="only those less sure than this")] = None,
    custom: Annotated[
        bool | None, Query(description="columns without an attribute, or those with one")
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """One per source column, with confidence, method and evidence; before the phase has run, without a meaning.
    `decision` is what a person said last, `pending` until a run has taken it in."""
    last = decode_cursor("mappings", cursor, int)
    start = 0 if last is None else max(0, last[0])
    file, sheet = access.asked_for(file), access.asked_for(sheet)
    wanted = reads.MappingFilter(file, sheet, attribute, method, below, custom)
    datasets = await _datasets(access, flow_id)
    mapped = datasets.get(reads.MAPPED)
    found = (await reads.read_mappings(access.services.store, datasets, wanted))[start : start + limit + 1]
    async with access.transaction() as transaction:
        subjects = reads.question_subjects([row["key"] for row in found])
        said = await reads.standing_decisions(
            transaction.connection,
            flow_id,
            subjects,
            _DECIDED,
            taken_in=0 if mapped is None else mapped["decisions_upto"],
        )
    rows = [{**row, "decision": said.get(row["key"])} for row in found]
    await access.note_reading(transaction.tenant, "mappings", flow_id, [row["key"] for row in rows], rows)
    if not access.sees_personal:
        rows = [veiled_mapping(row) for row in rows]
    return Json(page("mappings", rows, limit, lambda _: [start + limit]))


@router.patch(
    "", summary="Correct what columns mean", response_model=CorrectedView, responses=problems(400, 409, 412)
)
async def correct(flow_id: UUID, body: CorrectMappings, access: Operator) -> Response:
    """A human decision per column, before the phase has run as well as after: it stands above every rule. What
    depends on it becomes stale, an open question about the column is answered, and the client has taught its header
    (`GET /learned-patterns`) unless `learn` is false."""
    datasets = await _datasets(access, flow_id)
    columns = await reads.read_mappings(access.services.store, datasets, reads.MappingFilter())
    wanted = _corrections(body.mappings, columns)

    async def effect(transaction: SqlTransaction) -> Answer:
        made = await correct_mappings(
            transaction,
            access.services.store,
            flow_id,
            wanted,
            reason=body.reason,
            actor=access.actor,
            teaches=body.learn,
            guard=access.on_flow,
        )
        flow = (await shown(transaction, flow_id)).body
        return decided(flow, {"decisions": [decision_view(each) for each in made]})

    return await access.change(effect)


def decided(flow: Mapping[str, Any], body: Mapping[str, Any]) -> Answer:
    """With what is stale now, and the flow's new ETag."""
    stale = [phase["name"] for phase in flow["phases"] if phase["stale"]]
    return Answer({**body, "etag": flow["etag"], "stale": stale}, headers={"ETag": etag(flow["etag"])})


async def _datasets(access: Access, flow_id: UUID) -> dict[str, dict[str, Any]]:
    """In a transaction of its own: no connection is held while the files are read."""
    async with access.transaction() as transaction:
        await require_flow(transaction, flow_id)
        return await reads.column_datasets(transaction.connection, flow_id)


def _corrections(wanted: Sequence[CorrectMapping], columns: Sequence[Mapping[str, Any]]) -> list[Correction]:
    """Raises Problem, with a pointer, for a column there is not, an attribute no column can have, a unit not
    of the attribute."""
    found: dict[str, Correction] = {}
    for position, each in enumerate(wanted):
        pointer = f"/mappings/{position}"
        column = _column(each, columns, pointer)
        if each.attribute is not None and not _can_be_mapped_to(each.attribute):
            near = get_close_matches(each.attribute, sorted(MAPPABLE), 3)
            meant = f" ({' or '.join(near)}?)" if near else ""
            detail = (
                f"No column can be mapped to {each.attribute!r}{meant}; docs/exports.md lists the attributes."
            )
            raise Problem("unknown_attribute", detail, status=422, pointer=f"{pointer}/attribute")
        if column["key"] in found:
            detail = f"{each.column or each.key!r} is corrected twice; say it once."
            raise Problem("invalid_request", detail, status=422, pointer=pointer)
        unit = None if each.unit is None else checked_unit(each.attribute, each.unit, f"{pointer}/unit")
        value = {"attribute": each.attribute} | ({} if unit is None else {"unit": unit})
        old = {name: column[name] for name in ("attribute", "unit", "method", "confidence")}
        found[column["key"]] = Correction(column["key"], value, old if column["method"] else None)
    return list(found.values())


def _can_be_mapped_to(attribute: str) -> bool:
    return attribute in MAPPABLE or _RELATION.match(attribute) is not None


def _column(wanted: CorrectMapping, columns: Sequence[Mapping[str, Any]], pointer: str) -> Mapping[str, Any]:
    found = [
        column
        for column in columns
        if column["key"] == wanted.key
        or (
            wanted.key is None
            and (column["file"], column["sheet"] or "", column["column"])
            == (wanted.file, wanted.sheet, wanted.column)
        )
    ]
    if len(found) == 1:
        return found[0]
    if not columns:
        detail = "No column of this flow is known yet: its files have not been read."
    elif not found:
        detail = f"No such column was delivered: {wanted.key or [wanted.file, wanted.sheet, wanted.column]}."
    else:
        detail = f"The sheet has {len(found)} columns of this header; name it by key."
    raise Problem("unknown_column", detail, status=422, pointer=pointer)
