"""Audit of what belongs to no flow: a chain of each engagement's own, and one of the platform."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_common.contracts import new_id
from caravan_orchestrator.domain.audit import PLATFORM_CHAIN, AuditRow, audit_hash
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.tables.between import audit_log
from caravan_orchestrator.store.tables.running import audit_heads, platform_audit

_h = audit_heads.c


async def append_audit(
    transaction: SqlTransaction, actor: str, action: str, subject: str, details: Mapping[str, Any]
) -> None:
    """In the transaction of what it records. Others of the engagement wait until that ends."""
    connection, tenant = transaction.connection, transaction.tenant
    head = await _locked_head(connection, tenant.engagement_id, tenant.client_account_id)
    row = _next_row(head, actor, action, subject, details, transaction.now)
    await connection.execute(insert(audit_log).values(**tenant.model_dump(), **row._asdict(), id=new_id()))
    await _move_head(connection, tenant.engagement_id, row)


async def append_platform_audit(
    connection: AsyncConnection, actor: str, action: str, subject: str, details: Mapping[str, Any]
) -> None:
    """In the transaction of what it records. Others of the platform wait until that ends."""
    head = await _locked_head(connection, PLATFORM_CHAIN, PLATFORM_CHAIN)
    at: datetime = (await connection.exec_driver_sql("select clock_timestamp()")).scalar_one()
    row = _next_row(head, actor, action, subject, details, at)
    await connection.execute(insert(platform_audit).values(**row._asdict(), id=new_id()))
    await _move_head(connection, PLATFORM_CHAIN, row)


async def _locked_head(connection: AsyncConnection, chain: UUID, client: UUID) -> tuple[int, str]:
    """Number and hash of the chain's last row."""
    first = upsert(audit_heads).values(chain_id=chain, client_account_id=client, sequence=0, head="")
    await connection.execute(first.on_conflict_do_nothing())
    head = select(_h.sequence, _h.head).where(_h.chain_id == chain).with_for_update()
    sequence, hashed = (await connection.execute(head)).one()
    return sequence, hashed


def _next_row(
    head: tuple[int, str], actor: str, action: str, subject: str, details: Mapping[str, Any], at: datetime
) -> AuditRow:
    sequence, previous = head[0] + 1, head[1]
    hashed = audit_hash(previous, sequence, actor, action, subject, details, at)
    return AuditRow(sequence, actor, action, subject, dict(details), at, previous, hashed)


async def _move_head(connection: AsyncConnection, chain: UUID, last: AuditRow) -> None:
    moved = update(audit_heads).where(_h.chain_id == chain).values(sequence=last.sequence, head=last.hash)
    await connection.execute(moved)
