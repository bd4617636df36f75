"""Accounts of machines: made with a key that is shown once, listed, revoked."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Query
from starlette.responses import Response

from caravan_common.contracts import new_id
from caravan_orchestrator.api.access import Admin
from caravan_orchestrator.api.answers import Answer, Json
from caravan_orchestrator.api.pages import DEFAULT_LIMIT, Cursor, Limit, decode_cursor, page
from caravan_orchestrator.api.problems import Problem
from caravan_orchestrator.api.routes._common import problems
from caravan_orchestrator.api.shapes.administration import (
    CreateServiceAccount,
    NewServiceAccountView,
    ServiceAccountView,
)
from caravan_orchestrator.api.shapes.base import Page
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.reads.identity import list_accounts
from caravan_orchestrator.usecases.service_accounts import Key, create_account, revoke_account

router = APIRouter(prefix="/service-accounts", tags=["administration"], responses=problems(404, 422))
_LONGEST = timedelta(days=366)


@router.get("", summary="List service accounts", response_model=Page[ServiceAccountView])
async def accounts(
    access: Admin,
    *,
    revoked: Annotated[bool, Query(description="also those that were revoked")] = False,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """Of the engagement, the oldest first, with when each was used last."""
    last = decode_cursor("service accounts", cursor, UUID)
    async with access.transaction() as transaction:
        found = await list_accounts(
            transaction.connection,
            transaction.tenant.engagement_id,
            revoked=revoked,
            last=last[0] if last else None,
            limit=limit,
        )
    return Json(page("service accounts", found, limit, lambda row: [row["id"]]))


@router.post("", status_code=201, summary="Create a service account", response_model=NewServiceAccountView)
async def create(body: CreateServiceAccount, access: Admin) -> Response:
    """`key` is its bearer token, shown this once. It views or operates in this engagement; it never approves."""
    now = datetime.now(UTC)
    if not now < body.expires_at <= now + _LONGEST:
        detail = "A service account ends in the future, within a year."
        raise Problem("invalid_value", detail, status=422, pointer="/expires_at")
    key = Key.new(access.tenant().client_account_id, new_id())

    async def effect(transaction: SqlTransaction) -> Answer:
        made = await create_account(transaction, key, body.name, body.roles, body.expires_at, access.actor)
        # Kept with an Idempotency-Key, the answer is without it.
        return Answer({**made, "key": None}, 201)

    answer = await access.change(effect)
    if "idempotent-replayed" in answer.headers:
        return answer
    return Json({**orjson.loads(answer.body), "key": str(key)}, 201)


@router.delete("/{service_account_id}", status_code=204, summary="Revoke a service account")
async def revoke(service_account_id: UUID, access: Admin) -> Response:
    """Its key opens nothing any more, at once."""

    async def effect(transaction: SqlTransaction) -> Answer:
        await revoke_account(transaction, service_account_id, access.actor)
        return Answer(None, 204)

    answer = await access.change(effect)
    access.request.app.state.standing.forget()
    return answer
