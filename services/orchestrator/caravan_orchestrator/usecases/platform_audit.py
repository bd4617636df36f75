"""Audit of what belongs to no tenant: one chain, its head locked while a row is added."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_common.contracts import new_id
from caravan_orchestrator.domain.audit import PLATFORM_CHAIN, audit_hash
from caravan_orchestrator.store.tables.running import audit_heads, platform_audit


async def append_platform_audit(
    connection: AsyncConnection, actor: str, action: str, subject: str, details: Mapping[str, Any]
) -> None:
    """In the transaction of what it records. Others of the platform wait until that ends."""
    heads = audit_heads.c
    mine = heads.chain_id == PLATFORM_CHAIN
    first = upsert(audit_heads).values(
        chain_id=PLATFORM_CHAIN, client_account_id=PLATFORM_CHAIN, sequence=0, head=""
    )
    await connection.execute(first.on_conflict_do_nothing())
    row = (await connection.execute(select(heads.sequence, heads.head).where(mine).with_for_update())).one()
    at: Any = (await connection.exec_driver_sql("select clock_timestamp()")).scalar_one()
    sequence = row.sequence + 1
    hashed = audit_hash(row.head, sequence, actor, action, subject, details, at)
    await connection.execute(
        insert(platform_audit).values(
            id=new_id(),
            sequence=sequence,
            actor=actor,
            action=action,
            subject=subject,
            details=dict(details),
            at=at,
            previous=row.head,
            hash=hashed,
        )
    )
    await connection.execute(update(audit_heads).where(mine).values(sequence=sequence, head=hashed))
