"""The estates of an engagement, and which of them is current."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from caravan_common.contracts import Tenant
from caravan_orchestrator.api.access import Operator, Viewer
from caravan_orchestrator.api.answers import Answer, Json, check_match, digest_tag, etag
from caravan_orchestrator.api.routes._common import problems
from caravan_orchestrator.api.shapes.bodies import ChooseEstate
from caravan_orchestrator.api.shapes.discovery import EstatesView
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.reads.estates import list_estates
from caravan_orchestrator.usecases.estates import lock_current_estate, make_estate_current

router = APIRouter(prefix="/engagements/{engagement_id}", tags=["assets"], responses=problems(404, 422))


@router.get("/estates", summary="List an engagement's estates", response_model=EstatesView)
async def estates(engagement_id: UUID, access: Viewer) -> Response:
    """Each discovery has an estate of its own. Without `?estate=`, assets are those of the current one: the one made
    current, else the first."""
    async with access.transaction(access.tenant(engagement_id)) as transaction:
        answer = await _shown(transaction)
    return Json(answer.body, headers=dict(answer.headers))


@router.post(
    "/current-estate",
    summary="Make an estate the current one",
    response_model=EstatesView,
    responses=problems(400, 409, 412),
)
async def choose(engagement_id: UUID, body: ChooseEstate, access: Operator) -> Response:
    """A second discovery changes nothing for those who look at the engagement until its estate is made current."""
    tenant: Tenant = access.tenant(engagement_id)

    async def effect(transaction: SqlTransaction) -> Answer:
        await lock_current_estate(transaction)
        before = await _shown(transaction)
        check_match(access.if_match, digest_tag(before.body))
        await make_estate_current(transaction, body.flow_id, access.actor)
        return await _shown(transaction)

    return await access.change(effect, tenant=tenant)


async def _shown(transaction: SqlTransaction) -> Answer:
    body: dict[str, Any] = {
        "items": await list_estates(transaction.connection, transaction.tenant.engagement_id)
    }
    return Answer(body, headers={"ETag": etag(digest_tag(body))})
