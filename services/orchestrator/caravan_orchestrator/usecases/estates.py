"""Which estate of an engagement is the current one."""

from uuid import UUID

from sqlalchemy import select, update

from caravan_orchestrator.domain.errors import DoesNotExist, Refused
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.tables.assets import assets
from caravan_orchestrator.store.tables.flow import migration_flows
from caravan_orchestrator.store.tables.identity import engagements
from caravan_orchestrator.usecases.audit import append_audit

_f = migration_flows.c


async def lock_current_estate(transaction: SqlTransaction) -> UUID | None:
    """The one that was made current, which stays so until the transaction ends; None where none was."""
    row = engagements.c.id == transaction.tenant.engagement_id
    statement = select(engagements.c.current_estate_id).where(row).with_for_update(key_share=True)
    found: UUID | None = (await transaction.connection.execute(statement)).scalar()
    return found


async def make_estate_current(transaction: SqlTransaction, flow_id: UUID, actor: str) -> None:
    """Of the transaction's engagement. Repeating it changes nothing. Raises DoesNotExist, Refused."""
    connection, engagement = transaction.connection, transaction.tenant.engagement_id
    mine = (_f.id == flow_id, _f.engagement_id == engagement, _f.deleted_at.is_(None))
    # The lock keeps the flow from being deleted meanwhile.
    estate = (await connection.execute(select(_f.estate_id).where(*mine).with_for_update(read=True))).scalar()
    if estate is None:
        raise DoesNotExist("flow")
    if estate != flow_id:
        raise Refused(
            "not_an_estate", f"The flow belongs to the estate of its root flow {estate}; name that one."
        )
    if (
        await connection.execute(select(assets.c.id).where(assets.c.estate_id == flow_id).limit(1))
    ).first() is None:
        raise Refused("no_assets", "The flow shows no assets yet; wait for its inventory.")
    before = await lock_current_estate(transaction)
    if before == flow_id:
        return
    row = engagements.c.id == engagement
    await connection.execute(update(engagements).where(row).values(current_estate_id=flow_id))
    details = {"before": None if before is None else str(before)}
    await append_audit(transaction, actor, "estate.made_current", str(flow_id), details)
