"""Audit of what belongs to no flow: a chain of the engagement's own, its head locked while a row is added."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from caravan_common.contracts import new_id
from caravan_orchestrator.domain.audit import audit_hash
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.tables.between import audit_log
from caravan_orchestrator.store.tables.running import audit_heads


async def append_audit(
    transaction: SqlTransaction, actor: str, action: str, subject: str, details: Mapping[str, Any]
) -> None:
    """In the transaction of what it records. Others of the engagement wait until that ends."""
    connection, tenant = transaction.connection, transaction.tenant
    heads = audit_heads.c
    chain = {"chain_id": tenant.engagement_id, "client_account_id": tenant.client_account_id}
    first = upsert(audit_heads).values(**chain, sequence=0, head="")
    await connection.execute(first.on_conflict_do_nothing())
    mine = heads.chain_id == tenant.engagement_id
    row = (await connection.execute(select(heads.sequence, heads.head).where(mine).with_for_update())).one()
    sequence = row.sequence + 1
    hashed = audit_hash(row.head, sequence, actor, action, subject, details, transaction.now)
    await connection.execute(
        insert(audit_log).values(
            **tenant.model_dump(),
            id=new_id(),
            sequence=sequence,
            actor=actor,
            action=action,
            subject=subject,
            details=dict(details),
            at=transaction.now,
            previous=row.head,
            hash=hashed,
        )
    )
    await connection.execute(update(audit_heads).where(mine).values(sequence=sequence, head=hashed))
