"""Sealing and verifying audit chains: a changed, missing or cut-off row shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from caravan_common.contracts import Tenant
from caravan_orchestrator.domain.audit import PLATFORM_CHAIN, AuditRow, chain_fault, seal_hash
from caravan_orchestrator.store.codec import to_json
from caravan_orchestrator.store.database import SqlDatabase, SqlTransaction
from caravan_orchestrator.store.durable import durable

SEALED_AT_ONCE = 5_000
_LOCK = 7_217_002
_GROWN = """
select chain_id::text, sequence, head from running.audit_heads where sealed < sequence order by chain_id limit $1
for update skip locked
"""
_LAST = "select number, hash from running.audit_seals order by number desc limit 1"
_COVER = """
update running.audit_heads h set sealed = (r.value->>0)::bigint from jsonb_each($1::jsonb) as r(key, value)
where h.chain_id = r.key::uuid
"""
_ROWS = """
select sequence, actor, action, subject, details, at, previous, hash from audit_log
where flow_id = $1 order by sequence
"""
_OWN_ROWS = """
select sequence, actor, action, subject, details, at, previous, hash from audit_log
where engagement_id = $1 and flow_id is null order by sequence
"""
_PLATFORM_ROWS = """
select sequence, actor, action, subject, details, at, previous, hash from running.platform_audit order by sequence
"""
# The newest seal that covers a chain knows the number and hash its head had then.
_SEALED = """
select (s.heads->$1->>0)::bigint, s.heads->$1->>1 from running.audit_seals s
where s.heads ? $1 order by s.number desc limit 1
"""


@dataclass(frozen=True)
class AuditFault:
    """What is wrong with which chain."""

    chain: str
    problem: str


async def seal_heads(dispatch: AsyncEngine) -> bool:
    """Chains the heads that grew since the last seal; one sealer at a time. True when there may be more."""
    async with durable(dispatch) as connection:
        run = connection.exec_driver_sql
        if not (await run("select pg_try_advisory_xact_lock($1)", (_LOCK,))).scalar_one():
            return False
        grown: Sequence[Any] = (await run(_GROWN, (SEALED_AT_ONCE,))).all()
        heads = {row[0]: [row[1], row[2]] for row in grown}
        if not heads:
            return False
        last: Any = (await run(_LAST)).first()
        number, previous = (last[0], last[1]) if last is not None else (0, "")
        await run(
            "insert into running.audit_seals (number, heads, previous, hash) values ($1, $2::text::jsonb, $3, $4)",
            (number + 1, to_json(heads), previous, seal_hash(previous, heads)),
        )
        await run(_COVER, (to_json(heads),))
        return len(heads) == SEALED_AT_ONCE


async def verify_seals(dispatch: AsyncEngine) -> AuditFault | None:
    """Whether the chain of seals itself is whole."""
    previous, expected = "", 1
    async with dispatch.connect() as connection:
        sql = "select number, heads, previous, hash from running.audit_seals order by number"
        rows: Sequence[Any] = (await connection.exec_driver_sql(sql)).all()
    for row in rows:
        number, heads, before, hashed = row[0], row[1], row[2], row[3]
        if number != expected or before != previous or hashed != seal_hash(previous, heads):
            return AuditFault("seals", f"seal {expected} is missing or was changed")
        previous, expected = hashed, expected + 1
    return None


async def verify_flow(transaction: SqlTransaction, flow_id: Any) -> AuditFault | None:
    """The chain of one flow, from its first row to the head that flow and seals know."""
    run = transaction.connection.exec_driver_sql
    rows = [AuditRow(**row) for row in (await run(_ROWS, (flow_id,))).mappings()]
    problem = chain_fault(rows)
    if problem is None:
        head = (
            await run("select audit_sequence, audit_head from migration_flows where id = $1", (flow_id,))
        ).one()
        sealed: Any = (await run(_SEALED, (str(flow_id),))).first()
        last = (len(rows), rows[-1].hash if rows else "")
        if tuple(head) != last:
            problem = f"the flow knows {head[0]} rows, {last[0]} are there"
        elif sealed is not None and (len(rows) < sealed[0] or rows[sealed[0] - 1].hash != sealed[1]):
            problem = f"a seal covers {sealed[0]} rows that are not those stored now"
    return None if problem is None else AuditFault(str(flow_id), problem)


async def verify_engagement(transaction: SqlTransaction) -> AuditFault | None:
    """The engagement's own chain: what belongs to no flow."""
    run, engagement = transaction.connection.exec_driver_sql, transaction.tenant.engagement_id
    rows = [AuditRow(**row) for row in (await run(_OWN_ROWS, (engagement,))).mappings()]
    problem = chain_fault(rows)
    if problem is None:
        sql = "select sequence, head from running.audit_heads where chain_id = $1"
        head: Any = (await run(sql, (engagement,))).first() or (0, "")
        if tuple(head) != (len(rows), rows[-1].hash if rows else ""):
            problem = f"the engagement knows {head[0]} rows, {len(rows)} are there"
    return None if problem is None else AuditFault(str(engagement), problem)


async def verify_platform(database: SqlDatabase) -> AuditFault | None:
    """The platform's own chain: what belongs to no tenant."""
    async with database.app.connect() as connection:
        # Rows and head as of one moment: entries may be added meanwhile.
        await connection.execution_options(isolation_level="REPEATABLE READ")
        run = connection.exec_driver_sql
        rows = [AuditRow(**row) for row in (await run(_PLATFORM_ROWS)).mappings()]
        sql = "select sequence, head from running.audit_heads where chain_id = $1"
        head: Any = (await run(sql, (PLATFORM_CHAIN,))).first() or (0, "")
    problem = chain_fault(rows)
    if problem is None and tuple(head) != (len(rows), rows[-1].hash if rows else ""):
        problem = f"the platform knows {head[0]} rows, {len(rows)} are there"
    return None if problem is None else AuditFault("platform", problem)


async def verify_audit(database: SqlDatabase, tenant: Tenant) -> list[AuditFault]:
    """Every flow of the tenant, its engagement, the platform's own chain, and the seals.

    Empty when nothing was changed, removed or cut off.
    """
    shared = await verify_seals(database.dispatch), await verify_platform(database)
    faults = [fault for fault in shared if fault is not None]
    async with database.transaction(tenant) as transaction:
        if (fault := await verify_engagement(transaction)) is not None:
            faults.append(fault)
    async with database.transaction(tenant) as transaction:
        ids = (
            await transaction.connection.exec_driver_sql("select id from migration_flows order by id")
        ).all()
        for (flow_id,) in ids:
            if (fault := await verify_flow(transaction, flow_id)) is not None:
                faults.append(fault)
    return faults
