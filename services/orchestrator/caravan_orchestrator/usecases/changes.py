"""One flow, one lock, one decision: the shape of every order a person gives."""

from collections.abc import Callable, Collection
from typing import TypeVar
from uuid import UUID

from caravan_orchestrator.domain.decision import Decision
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.errors import DoesNotExist, Refused
from caravan_orchestrator.domain.model import Flow
from caravan_orchestrator.usecases.drafts import open_draft
from caravan_orchestrator.usecases.handoffs import conclude_handoffs
from caravan_orchestrator.usecases.ports import Transaction

Result = TypeVar("Result")
Order = Callable[[Draft], Result]
# Puts the gateway's own checks (engagement, If-Match) before an order.
Guard = Callable[[Order[Result]], Order[Result]]


async def locked_flow(
    transaction: Transaction, flow_id: UUID, *, attempts: Collection[UUID] = (), everything: bool = False
) -> Flow:
    """Raises DoesNotExist, for another tenant's flow as well."""
    flows = await transaction.lock_flows([flow_id], attempts=attempts, everything=everything)
    if flow_id not in flows:
        raise DoesNotExist("flow")
    return flows[flow_id]


async def change_flow(
    transaction: Transaction,
    flow_id: UUID,
    order: Order[Result],
    *,
    attempts: Collection[UUID] = (),
    everything: bool = False,
    version: int | None = None,
) -> tuple[Decision, Result]:
    """`attempts`, `everything`: as `lock_flows` takes them. `version` is the lock version the client saw (If-Match).

    Raises Refused, DoesNotExist.
    """
    flow = await locked_flow(transaction, flow_id, attempts=attempts, everything=everything)
    if version is not None and version != flow.lock_version:
        raise Refused(
            "version_mismatch", "The flow has changed since you read it; read it again.", status=412
        )
    draft = await open_draft(transaction, flow)
    result = order(draft)
    drafts = {flow.id: draft}
    await conclude_handoffs(transaction, drafts)
    decisions = [each.decision() for each in drafts.values()]
    await transaction.write(decisions)
    return decisions[0], result


async def pause(
    transaction: Transaction, flow_id: UUID, order: Callable[[Draft, frozenset[UUID]], None]
) -> Decision:
    """Pause and cancel also take back what the relay has not sent yet."""
    await locked_flow(transaction, flow_id)
    withdrawn = await transaction.withdraw(flow_id)
    decision, _ = await change_flow(transaction, flow_id, lambda draft: order(draft, withdrawn))
    return decision
