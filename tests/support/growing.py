"""Flows that grow from others in a test, beside whatever hands over in production: same rows, same locks, same rule."""

from typing import Any
from uuid import UUID

from caravan_common.contracts import new_id
from caravan_orchestrator.domain.control import start_flow
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.states import FlowStatus
from caravan_orchestrator.usecases.changes import change_flow, locked_flow
from caravan_orchestrator.usecases.flows import NewFlow, create_flow
from tests.support.flows import Flows

_PARENT = """
update migration_flows set parent_flow_id = $2, source_flow_type = $3, estate_id = $4 where id = $1
"""
_HANDOFF = """
insert into flow_handoffs
  (id, client_account_id, engagement_id, source_flow_id, target_flow_id, target_flow_type, status, package)
values ($1, $2, $3, $4, $5, $6, 'accepted', '{}')
"""


async def grow(flows: Flows, parent_id: UUID, flow_type: str, *, start: bool = True, **new: Any) -> UUID:
    """Only while the parent is locked and completed. Raises Refused."""
    async with flows.database.transaction(flows.tenant) as transaction:
        parent = await locked_flow(transaction, parent_id)
        if parent.status is not FlowStatus.COMPLETED:
            raise Refused("not_completed", f"A flow that is {parent.status} hands nothing over.")
        child = await create_flow(transaction, NewFlow(flow_type, "grown", start=False, **new), "ann")
        run = transaction.connection.exec_driver_sql
        await run(_PARENT, (child.id, parent.id, parent.flow_type, parent.estate_id))
        tenant = (transaction.tenant.client_account_id, transaction.tenant.engagement_id)
        await run(_HANDOFF, (new_id(), *tenant, parent.id, child.id, child.flow_type))
        if start:
            await change_flow(transaction, child.id, lambda draft: start_flow(draft, "ann"))
    flows.kick()
    return child.id
