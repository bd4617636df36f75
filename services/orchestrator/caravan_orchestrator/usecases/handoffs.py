"""What follows from handoffs, in the transaction of whatever asked for or built them: the parent stays locked."""

from uuid import UUID

from caravan_orchestrator.domain.control import start_flow
from caravan_orchestrator.domain.draft import SYSTEM, Draft
from caravan_orchestrator.domain.handoffs import (
    accept_handoff,
    begin_handoff,
    grown_child,
    is_living,
    living_child,
    renew_child,
    resting_children,
)
from caravan_orchestrator.domain.model import Handoff
from caravan_orchestrator.domain.states import HandoffStatus
from caravan_orchestrator.usecases.drafts import open_draft
from caravan_orchestrator.usecases.ports import Transaction


async def conclude_handoffs(transaction: Transaction, drafts: dict[UUID, Draft]) -> dict[UUID, UUID]:
    """Gives out what was asked for and delivers what was built; the children's drafts are added to `drafts`.

    Answers the parent of each child met. Whoever forgets to call it leaves a wake-up that does.
    """
    met: dict[UUID, UUID] = {}
    for parent in list(drafts.values()):
        for handoff in parent.flow.handoffs:
            if handoff.status is HandoffStatus.REQUESTED:
                begin_handoff(parent, handoff, await transaction.newest_definition(handoff.target_flow_type))
            elif handoff.status is HandoffStatus.READY:
                met[await _deliver(transaction, drafts, parent, handoff)] = parent.flow.id
    return met


async def _deliver(
    transaction: Transaction, drafts: dict[UUID, Draft], parent: Draft, handoff: Handoff
) -> UUID:
    """To the child that lives, else to a new one: the parent's lock is held, so there is never a second."""
    known = await _find_child(transaction, parent, handoff.target_flow_type)
    child = known if known is not None else parent.make_id()
    accept_handoff(parent, handoff, child)
    if known is None:
        drafts[child] = await _grow(transaction, parent, handoff, child)
        return child
    if known not in drafts:
        flows = await transaction.lock_flows([known])
        drafts[known] = await open_draft(transaction, flows[known])
    renew_child(drafts[known], handoff)
    return child


async def _find_child(transaction: Transaction, parent: Draft, target: str) -> UUID | None:
    """One that was rolled back may have been carried on since the parent was read; under its lock it can't be."""
    known = living_child(parent.flow, target)
    resting = resting_children(parent.flow, target) if known is None else ()
    if not resting:
        return known
    flows = await transaction.lock_flows(sorted(set(resting)))
    return next((id_ for id_ in reversed(resting) if is_living(flows[id_])), None)


async def _grow(transaction: Transaction, parent: Draft, handoff: Handoff, id_: UUID) -> Draft:
    assert handoff.target_version is not None, "a package is built for a known definition"
    definition = await transaction.definition(handoff.target_flow_type, handoff.target_version)
    child = grown_child(parent.flow, handoff, definition, id_)
    child = await transaction.add_child(child, parent.flow.flow_type, handoff.requested_by)
    draft = Draft(child, definition, transaction.now)
    if child.auto_advance:
        start_flow(draft, handoff.requested_by or SYSTEM)
    return draft
