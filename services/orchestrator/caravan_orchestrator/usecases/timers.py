"""What time changes: leases that run out and wake-ups that come due. Ids are claimed elsewhere."""

from collections.abc import Sequence
from uuid import UUID

from caravan_common.contracts import Tenant
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.replies import lease_ran_out
from caravan_orchestrator.domain.states import AttemptStatus
from caravan_orchestrator.domain.wakeups import wake_flow
from caravan_orchestrator.usecases.drafts import open_draft
from caravan_orchestrator.usecases.handoffs import conclude_handoffs
from caravan_orchestrator.usecases.ports import Database

LEASE_TICK = "LeaseTick"
"""The type of the message that moves the lease clock when it comes back through the heartbeat queue."""


async def expire_lease(database: Database, tenant: Tenant, flow_id: UUID, attempt_id: UUID) -> bool:
    """Gives the silent run up, unless it was heard of since the lease was seen to have run out. False when there is no
    such attempt, so that nobody will ever end its lease."""
    async with database.transaction(tenant) as transaction:
        flows = await transaction.lock_flows([flow_id], attempts=[attempt_id])
        flow = flows.get(flow_id)
        attempt = flow.attempts.get(attempt_id) if flow is not None else None
        if flow is None or attempt is None:
            return False
        if attempt_id not in await transaction.expired_leases([attempt_id]):
            return True
        draft = await open_draft(transaction, flow)
        if attempt.status in (AttemptStatus.RUNNING, AttemptStatus.DISPATCHED):
            lease_ran_out(draft, attempt)
        else:
            draft.drop_lease(attempt_id)
        await transaction.write([draft.decision()])
    return True


async def wake(database: Database, tenant: Tenant, flow_ids: Sequence[UUID]) -> None:
    """Looks at flows whose time has come. Harmless when repeated: the decision finds nothing due."""
    async with database.transaction(tenant) as transaction:
        flows = await transaction.lock_flows(flow_ids)
        unsent = await transaction.unsent(flow_ids)
        served = await transaction.served()
        drafts: dict[UUID, Draft] = {}
        for flow in flows.values():
            draft = await open_draft(transaction, flow)
            wake_flow(draft, unsent, served=(flow.flow_type, draft.definition.major) in served)
            draft.touch()
            drafts[flow.id] = draft
        await conclude_handoffs(transaction, drafts)
        await transaction.write([draft.decision() for draft in drafts.values()])
