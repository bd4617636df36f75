"""What is kept about the engagement itself: audit, learned patterns, dead letters, flow types."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_orchestrator.store.reads._rows import after, rows
from caravan_orchestrator.store.tables.between import audit_log
from caravan_orchestrator.store.tables.data import learned_patterns
from caravan_orchestrator.store.tables.flow import flow_types, migration_flows
from caravan_orchestrator.store.tables.running import dead_letters

# A worker announces itself every minute.
WORKERS = """
(select count(*) from jsonb_each(flow_types.replicas) as r(k, v)
 where (v->>'at')::timestamptz > now() - interval '3 minutes')
"""
_log, _l, _dead, _type = audit_log.c, learned_patterns.c, dead_letters.c, flow_types.c


async def list_audit(
    connection: AsyncConnection,
    engagement: UUID,
    *,
    flow_id: UUID | None = None,
    actor: str | None = None,
    action: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    last: UUID | None = None,
    limit: int,
) -> list[dict[str, Any]]:
    """The newest first, with the hashes that chain them. `until` is not included."""
    statement = select(
        _log.id,
        _log.flow_id,
        _log.sequence,
        _log.actor,
        _log.action,
        _log.subject,
        _log.details,
        _log.at,
        _log.previous,
        _log.hash,
    ).where(_log.engagement_id == engagement, *after(_log.id, last, descending=True))
    for column, wanted in ((_log.flow_id, flow_id), (_log.actor, actor), (_log.action, action)):
        if wanted is not None:
            statement = statement.where(column == wanted)
    if since is not None:
        statement = statement.where(_log.at >= since)
    if until is not None:
        statement = statement.where(_log.at < until)
    return await rows(connection, statement.order_by(_log.id.desc()).limit(limit + 1))


async def list_learned(
    connection: AsyncConnection,
    client: UUID,
    *,
    kind: str | None = None,
    unlearned: bool = False,
    last: UUID | None = None,
    limit: int,
) -> list[dict[str, Any]]:
    columns = (
        _l.id,
        _l.engagement_id,
        _l.kind,
        _l.pattern,
        _l.value,
        _l.decision_id,
        _l.created_by,
        _l.created_at,
        _l.unlearned_at,
    )
    statement = select(*columns).where(_l.client_account_id == client, *after(_l.id, last))
    if kind is not None:
        statement = statement.where(_l.kind == kind)
    if not unlearned:
        statement = statement.where(_l.unlearned_at.is_(None))
    return await rows(connection, statement.order_by(_l.id).limit(limit + 1))


async def list_dead_letters(
    connection: AsyncConnection,
    client: UUID,
    engagement: UUID,
    *,
    status: str | None = None,
    error_group: str | None = None,
    last: UUID | None = None,
    limit: int,
) -> list[dict[str, Any]]:
    """Those of this engagement's flows. The table is under no row-level security, so the client is a condition too."""
    mine = select(migration_flows.c.id).where(migration_flows.c.engagement_id == engagement)
    statement = select(
        _dead.id,
        _dead.queue,
        _dead.reason,
        _dead.error_group,
        _dead.error,
        _dead.type,
        _dead.message_id,
        _dead.attempt_id,
        _dead.flow_id,
        _dead.status,
        _dead.created_at,
        _dead.replayed_at,
    ).where(_dead.client_account_id == client, _dead.flow_id.in_(mine), *after(_dead.id, last))
    if status is not None:
        statement = statement.where(_dead.status == status)
    if error_group is not None:
        statement = statement.where(_dead.error_group == error_group)
    return await rows(connection, statement.order_by(_dead.id).limit(limit + 1))


async def parked_ids(
    connection: AsyncConnection,
    client: UUID,
    engagement: UUID,
    *,
    ids: Collection[UUID] | None,
    error_group: str | None,
) -> list[UUID]:
    """Of those asked for, the ones of this engagement that are still parked."""
    mine = select(migration_flows.c.id).where(migration_flows.c.engagement_id == engagement)
    statement = select(_dead.id).where(
        _dead.client_account_id == client, _dead.flow_id.in_(mine), _dead.status == "parked"
    )
    if ids is not None:
        statement = statement.where(_dead.id.in_(ids))
    if error_group is not None:
        statement = statement.where(_dead.error_group == error_group)
    return list((await connection.execute(statement.order_by(_dead.id))).scalars())


async def list_flow_types(connection: AsyncConnection) -> list[dict[str, Any]]:
    """Every announced version; few, and no tenant's, so there are no pages."""
    statement = select(
        _type.flow_type, _type.version, _type.digest, _type.owner, _type.slots, _type.announced_at
    )
    statement = statement.add_columns(_type.definition, literal_column(WORKERS).label("workers"))
    return await rows(connection, statement.order_by(_type.flow_type))
