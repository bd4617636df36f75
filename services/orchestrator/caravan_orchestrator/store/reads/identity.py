"""Clients, engagements, members and service accounts, as administration shows them and as requests are held to them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_orchestrator.store.reads._rows import after, one, rows
from caravan_orchestrator.store.tables.data import uploads
from caravan_orchestrator.store.tables.flow import migration_flows
from caravan_orchestrator.store.tables.identity import (
    client_accounts,
    engagements,
    memberships,
    service_accounts,
    users,
)

_c, _e, _m, _s, _u = client_accounts.c, engagements.c, memberships.c, service_accounts.c, users.c
QUOTAS = ("flows_running", "upload_bytes", "llm_tokens")
_RUNNING = ("active", "waiting", "rolling_back")
_CLIENT = (_c.client_account_id.label("id"), _c.name, _c.quotas, _c.created_at)
_MEMBER = (
    _m.id,
    _u.subject,
    _u.display_name,
    _m.roles,
    _m.expires_at,
    _m.created_at,
)
_ACCOUNT = (
    _s.id,
    _s.name,
    _s.roles,
    _s.expires_at,
    _s.revoked_at,
    _s.last_used_at,
    _s.created_by,
    _s.created_at,
)


async def list_clients(
    connection: AsyncConnection, *, last: str | None, limit: int
) -> Sequence[dict[str, Any]]:
    """Of the whole platform, by name: in a transaction of its own, which sees nothing else more than usual."""
    await connection.execute(text("select set_config('caravan.platform', 'on', true)"))
    statement = select(*_CLIENT).where(*after(_c.name, last)).order_by(_c.name).limit(limit + 1)
    return [_client(row) for row in await rows(connection, statement)]


async def get_client(connection: AsyncConnection, client: UUID) -> dict[str, Any] | None:
    """The transaction's own client, with its first engagement."""
    first = select(_e.id).where(_e.client_account_id == client).order_by(_e.created_at, _e.id).limit(1)
    columns = (*_CLIENT, first.scalar_subquery().label("engagement_id"))
    row = await one(connection, select(*columns).where(_c.client_account_id == client))
    return None if row is None else _client(row)


def _client(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "quotas": {name: row["quotas"].get(name) for name in QUOTAS}}


async def list_engagements(connection: AsyncConnection, ids: Sequence[UUID]) -> Sequence[dict[str, Any]]:
    columns = (_e.id, _e.name, _e.current_estate_id, _e.created_at)
    return await rows(connection, select(*columns).where(_e.id.in_(ids)).order_by(_e.name))


async def list_members(
    connection: AsyncConnection, engagement: UUID, *, last: str | None, limit: int
) -> Sequence[dict[str, Any]]:
    """By subject; those whose time is over too."""
    statement = select(*_MEMBER).join(users, _u.id == _m.user_id).where(_m.engagement_id == engagement)
    return await rows(
        connection, statement.where(*after(_u.subject, last)).order_by(_u.subject).limit(limit + 1)
    )


async def get_member(
    connection: AsyncConnection, engagement: UUID, membership: UUID
) -> dict[str, Any] | None:
    statement = select(*_MEMBER).join(users, _u.id == _m.user_id)
    return await one(connection, statement.where(_m.engagement_id == engagement, _m.id == membership))


async def list_accounts(
    connection: AsyncConnection, engagement: UUID, *, revoked: bool, last: UUID | None, limit: int
) -> Sequence[dict[str, Any]]:
    """The oldest first."""
    statement = select(*_ACCOUNT).where(_s.engagement_id == engagement, *after(_s.id, last))
    if not revoked:
        statement = statement.where(_s.revoked_at.is_(None))
    return await rows(connection, statement.order_by(_s.id).limit(limit + 1))


async def get_account(connection: AsyncConnection, engagement: UUID, account: UUID) -> dict[str, Any] | None:
    return await one(connection, select(*_ACCOUNT).where(_s.engagement_id == engagement, _s.id == account))


async def quotas_of(connection: AsyncConnection, client: UUID) -> dict[str, Any]:
    """Limits, and what is used of them: flows that run now, bytes delivered, tokens of this month of UTC."""
    month = text(
        "select coalesce(sum(prompt_tokens + completion_tokens + reserved_tokens), 0)::bigint from llm_usage"
        " where client_account_id = :client"
        " and updated_at >= date_trunc('month', now() at time zone 'UTC') at time zone 'UTC'"
    )
    found = await get_client(connection, client)
    used = {
        "flows_running": await flows_running(connection, client),
        "upload_bytes": await bytes_uploaded(connection, client),
        "llm_tokens": (await connection.execute(month, {"client": client})).scalar_one(),
    }
    return {"client_id": client, "quotas": found["quotas"] if found else dict.fromkeys(QUOTAS), "used": used}


async def flows_running(connection: AsyncConnection, client: UUID) -> int:
    flows = migration_flows.c
    mine = (flows.client_account_id == client, flows.status.in_(_RUNNING), flows.deleted_at.is_(None))
    return int((await connection.execute(select(func.count()).where(*mine))).scalar_one())


async def bytes_uploaded(connection: AsyncConnection, client: UUID) -> int:
    total = select(func.coalesce(func.sum(uploads.c.bytes), 0)).where(uploads.c.client_account_id == client)
    return int((await connection.execute(total)).scalar_one())


async def standing_of(
    connection: AsyncConnection, client: UUID, subject: str
) -> dict[UUID, frozenset[str]] | None:
    """Roles by engagement of one whom the client has enrolled, in those that have not ended; None: not enrolled."""
    living = (_m.user_id == _u.id) & (_m.expires_at.is_(None) | (_m.expires_at > func.now()))
    statement = (
        select(_m.engagement_id, _m.roles)
        .select_from(users.outerjoin(memberships, living))
        .where(_u.client_account_id == client, _u.subject == subject)
    )
    found = (await connection.execute(statement)).all()
    if not found:
        return None
    return {row.engagement_id: frozenset(row.roles) for row in found if row.engagement_id is not None}


async def living_account(connection: AsyncConnection, client: UUID, account: UUID) -> dict[str, Any] | None:
    """With the digest of its key; None when revoked or expired."""
    columns = (_s.id, _s.name, _s.engagement_id, _s.roles, _s.key_digest, _s.expires_at, _s.last_used_at)
    mine = (_s.client_account_id == client, _s.id == account)
    living = (_s.revoked_at.is_(None), _s.expires_at > func.now())
    return await one(connection, select(*columns).where(*mine, *living))
