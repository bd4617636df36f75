"""Tables of facts in force for a client, such as end-of-life dates: an input of the phases that declare them."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from caravan_orchestrator.api.access import Access, Admin, Viewer
from caravan_orchestrator.api.answers import Answer, Json, check_match, etag
from caravan_orchestrator.api.routes._common import problems
from caravan_orchestrator.api.shapes.bodies import ReplaceReferenceTable
from caravan_orchestrator.api.shapes.records import ReferenceTableReplacedView, ReferenceTableView
from caravan_orchestrator.domain.errors import DoesNotExist
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.reference_tables import in_force, read_reference_table
from caravan_orchestrator.usecases.reference_tables import replace_reference_table

router = APIRouter(prefix="/reference-tables/{name}", tags=["data"], responses=problems(404, 422))
Name = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{1,39}$", description="as a flow type declares it")]


@router.get(
    "",
    summary="Show the reference table in force",
    response_model=ReferenceTableView,
    responses=problems(410),
)
async def shown(name: Name, access: Viewer) -> Response:
    """404 where the client has none: the services then judge by what they ship."""
    async with access.transaction() as transaction:
        found = (await in_force(transaction)).get(name)
    if found is None:
        raise DoesNotExist("reference table in force")
    rows = await read_reference_table(access.services.store, found)
    digest = found.artifact.sha256
    return Json({"name": name, "digest": digest, "rows": rows}, headers={"ETag": etag(digest)})


@router.put(
    "",
    summary="Put a reference table in force",
    response_model=ReferenceTableReplacedView,
    responses=problems(409, 412),
)
async def replaced(name: Name, body: ReplaceReferenceTable, access: Admin) -> Response:
    """For all engagements of the client. Phases that were computed with another one are shown as stale, and computed
    anew by a refresh of their flow; nothing else is."""

    return await _replace(name, body.rows, access)


@router.delete(
    "",
    summary="Go back to what the services ship",
    response_model=ReferenceTableReplacedView,
    responses=problems(409, 412),
)
async def withdrawn(name: Name, access: Admin) -> Response:
    """As putting one in force: what was computed with it is shown as stale."""

    return await _replace(name, None, access)


async def _replace(name: str, rows: Mapping[str, str] | None, access: Access) -> Response:
    async def effect(transaction: SqlTransaction) -> Answer:
        before = (await in_force(transaction, locked=True)).get(name)
        check_match(access.if_match, None if before is None else before.artifact.sha256)
        told = await replace_reference_table(transaction, access.services.store, name, rows, access.actor)
        return Answer(told, headers={"ETag": etag(told["digest"])} if told["digest"] else {})

    return await access.change(effect)
