"""Clients, engagements, members and quotas."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from caravan_common.contracts import Tenant
from caravan_orchestrator.api.access import Access, Admin, Effect, Platform, Viewer
from caravan_orchestrator.api.answers import Answer, Json
from caravan_orchestrator.api.pages import DEFAULT_LIMIT, Cursor, Limit, decode_cursor, page
from caravan_orchestrator.api.problems import Problem
from caravan_orchestrator.api.routes._common import problems
from caravan_orchestrator.api.shapes.administration import (
    AddMember,
    ChangeMember,
    ClientQuotasView,
    ClientView,
    CreateClient,
    CreateEngagement,
    EngagementsView,
    EngagementView,
    MemberView,
    NewClientView,
    SetQuotas,
)
from caravan_orchestrator.api.shapes.base import Page
from caravan_orchestrator.domain.errors import DoesNotExist
from caravan_orchestrator.naming import client_id_of, engagement_id_of
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.reads import identity as reads
from caravan_orchestrator.usecases import administration as usecases
from caravan_orchestrator.usecases.service_accounts import SUBJECT

router = APIRouter(tags=["administration"], responses=problems(404, 422))


@router.get("/clients", summary="List clients", response_model=Page[ClientView])
async def clients(access: Platform, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Response:
    """All clients of the platform, by name, with their limits; nothing else of theirs."""
    last = decode_cursor("clients", cursor, str)
    client = access.principal.client_account_id
    async with access.transaction(Tenant(client_account_id=client, engagement_id=client)) as transaction:
        found = await reads.list_clients(transaction.connection, last=last[0] if last else None, limit=limit)
    return Json(page("clients", found, limit, lambda row: [row["name"]]))


@router.post("/clients", status_code=201, summary="Create a client", response_model=NewClientView)
async def create_client(body: CreateClient, access: Platform) -> Response:
    """With its first engagement. Ids follow from names: `caravan token --client` of the same names speaks for it."""
    client = client_id_of(body.name)
    tenant = Tenant(client_account_id=client, engagement_id=engagement_id_of(client, body.engagement))

    async def effect(transaction: SqlTransaction) -> Answer:
        made = await usecases.create_client(transaction, body.name, body.engagement, access.actor)
        return Answer(made, 201)

    return await access.change(effect, tenant=tenant)


@router.get("/engagements", summary="List engagements", response_model=EngagementsView)
async def engagements(access: Viewer) -> Response:
    """Those that the token names and the membership allows."""
    principal = access.principal
    wanted = [each for each in principal.engagement_ids if principal.may(access.role, each)]
    client = principal.client_account_id
    async with access.transaction(Tenant(client_account_id=client, engagement_id=client)) as transaction:
        return Json({"items": await reads.list_engagements(transaction.connection, wanted)})


@router.post("/engagements", status_code=201, summary="Create an engagement", response_model=EngagementView)
async def create_engagement(body: CreateEngagement, access: Admin) -> Response:
    """Of one's own client. To work in it a token must name it."""
    id_ = engagement_id_of(access.principal.client_account_id, body.name)

    async def effect(transaction: SqlTransaction) -> Answer:
        await usecases.create_engagement(transaction, id_, body.name, access.actor)
        return Answer((await reads.list_engagements(transaction.connection, [id_]))[0], 201)

    return await access.change(effect)


@router.get("/memberships", summary="List members", response_model=Page[MemberView])
async def members(access: Admin, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Response:
    """Of the engagement, by subject; those whose time is over too."""
    last = decode_cursor("members", cursor, str)
    async with access.transaction() as transaction:
        found = await reads.list_members(
            transaction.connection,
            transaction.tenant.engagement_id,
            last=last[0] if last else None,
            limit=limit,
        )
    return Json(page("members", found, limit, lambda row: [row["subject"]]))


@router.post("/memberships", status_code=201, summary="Add a member", response_model=MemberView)
async def add_member(body: AddMember, access: Admin) -> Response:
    """Enrols the subject with the client: from now on its tokens give it in each engagement no more than its membership
    there does, and nothing where it has none."""
    if body.subject.startswith(SUBJECT):
        detail = "Service accounts have roles of their own; see POST /service-accounts."
        raise Problem("invalid_value", detail, status=422, pointer="/subject")
    _check_future(body.expires_at)

    async def effect(transaction: SqlTransaction) -> Answer:
        made = await usecases.add_member(
            transaction,
            body.subject,
            display_name=body.display_name,
            roles=body.roles,
            expires_at=body.expires_at,
            actor=access.actor,
        )
        return Answer(made, 201)

    return await _changed(access, effect)


@router.patch("/memberships/{membership_id}", summary="Change a membership", response_model=MemberView)
async def change_member(membership_id: UUID, body: ChangeMember, access: Admin) -> Response:
    """It counts at once."""
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    if "roles" in changes:
        changes["roles"] = sorted(set(changes["roles"]))

    async def effect(transaction: SqlTransaction) -> Answer:
        return Answer(await usecases.change_member(transaction, membership_id, changes, access.actor))

    return await _changed(access, effect)


@router.delete("/memberships/{membership_id}", status_code=204, summary="Remove a member")
async def remove_member(membership_id: UUID, access: Admin) -> Response:
    """It counts at once: the subject may do nothing in the engagement any more, whatever its token says."""

    async def effect(transaction: SqlTransaction) -> Answer:
        await usecases.remove_member(transaction, membership_id, access.actor)
        return Answer(None, 204)

    return await _changed(access, effect)


@router.get("/quotas", summary="Show the client's quotas", response_model=ClientQuotasView)
async def quotas(access: Viewer) -> Response:
    """What the client may use, and what it uses now; null: no limit."""
    async with access.transaction() as transaction:
        client = transaction.tenant.client_account_id
        return Json(await reads.quotas_of(transaction.connection, client))


@router.put("/quotas/{client_id}", summary="Set a client's quotas", response_model=ClientQuotasView)
async def set_quotas(client_id: UUID, body: SetQuotas, access: Platform) -> Response:
    """By who runs the platform: a limit that one may raise oneself is none. Audited where the client sees it."""
    wanted = {name: getattr(body, name) for name in body.model_fields_set}
    async with access.transaction(
        Tenant(client_account_id=client_id, engagement_id=client_id)
    ) as transaction:
        found = await reads.get_client(transaction.connection, client_id)
    if found is None or found["engagement_id"] is None:
        raise DoesNotExist("client")

    async def effect(transaction: SqlTransaction) -> Answer:
        await usecases.set_quotas(transaction, wanted, access.actor)
        return Answer(await reads.quotas_of(transaction.connection, client_id))

    tenant = Tenant(client_account_id=client_id, engagement_id=found["engagement_id"])
    return await access.change(effect, tenant=tenant)


async def _changed(access: Access, effect: Effect) -> Response:
    answer = await access.change(effect)
    access.request.app.state.standing.forget()
    return answer


def _check_future(moment: datetime | None) -> None:
    if moment is not None and moment <= datetime.now(moment.tzinfo):
        raise Problem("invalid_value", "That is over already.", status=422, pointer="/expires_at")
