"""Rollbacks: planned over a flow and what has grown from it, started under all their locks, carried to the proof."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from caravan_orchestrator.domain.cascade import (
    RollbackOrder,
    carry_on,
    finish_closure,
    plan_closure,
    resume_closure,
    start_closure,
    waits_for_proof,
)
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.errors import DoesNotExist
from caravan_orchestrator.domain.model import Flow
from caravan_orchestrator.domain.rollback_plan import Closure
from caravan_orchestrator.domain.selective import Choice
from caravan_orchestrator.usecases.drafts import open_draft
from caravan_orchestrator.usecases.ports import Transaction

Prove = Callable[[UUID], Awaitable[Mapping[str, Any] | None]]


async def lock_closure(transaction: Transaction, flow_id: UUID) -> dict[UUID, Flow]:
    """The flow and all that has grown from it, rolled back or not. Raises DoesNotExist.

    A child is created only while its parent is locked: what was found before the locks is looked for again under
    them, until nothing has been added.
    """
    known: set[UUID] = set()
    flows: dict[UUID, Flow] = {}
    while not (found := set(await transaction.grown_from(flow_id))) <= known:
        known = found
        flows = await transaction.lock_flows(sorted(found), everything=True)
    if flow_id not in flows:
        raise DoesNotExist("flow")
    return flows


async def plan(
    transaction: Transaction,
    flow_id: UUID,
    kind: str,
    phase: str | None,
    keys: Sequence[str] = (),
    before: UUID | None = None,
) -> Closure:
    """Changes nothing. Raises Refused."""
    flows = await lock_closure(transaction, flow_id)
    return await plan_locked(transaction, flows, flow_id, kind, phase, keys, before)


async def plan_locked(
    transaction: Transaction,
    flows: Mapping[UUID, Flow],
    flow_id: UUID,
    kind: str,
    phase: str | None,
    keys: Sequence[str] = (),
    before: UUID | None = None,
) -> Closure:
    """`flows`: as `lock_closure` answers. Raises Refused."""
    flow = flows[flow_id]
    definition = await transaction.definition(flow.flow_type, flow.definition_version)
    return plan_closure(flows, flow_id, kind, phase, Choice(definition, tuple(keys), before))


async def start(
    transaction: Transaction,
    flow_id: UUID,
    order: RollbackOrder,
    check: Callable[[Draft], None] = lambda _: None,
) -> UUID:
    """`check` refuses what the flow that was named must not be. Raises Refused, DoesNotExist."""
    drafts = await _drafts(transaction, await lock_closure(transaction, flow_id))
    check(drafts[flow_id])
    rollback_id = start_closure(drafts, flow_id, order)
    await _write(transaction, drafts.values())
    return rollback_id


async def resume_parts(
    transaction: Transaction, flow: Flow, actor: str, check: Callable[[Draft], None] = lambda _: None
) -> bool:
    """A rollback that was asked for this locked flow goes on wherever it has stopped. False: there is none of others.

    Raises Refused when it has stopped nowhere.
    """
    rollback = flow.rollback
    if rollback is None or rollback.cascade_id is not None or rollback.status == "operator":
        return False
    ids = await transaction.flows_in_rollback(rollback.id)
    if len(ids) == 1:
        return False
    drafts = await _drafts(transaction, await transaction.lock_flows(ids))
    check(drafts[flow.id])
    resume_closure(drafts, rollback.id, actor)
    await _write(transaction, drafts.values())
    return True


async def carry_rollback_on(transaction: Transaction, rollback_id: UUID, prove: Prove) -> bool:
    """Begins the undo of flows whose turn has come; proves and ends it when all are restored.

    Repeatable at any time: what is due is read from what is stored. False: it has to be looked at again soon.
    `prove`, given the estate, answers null while index and fold have not caught up.
    """
    flows = await transaction.lock_flows(await transaction.flows_in_rollback(rollback_id))
    drafts = await _drafts(transaction, flows)
    carry_on(drafts, rollback_id)
    root = waits_for_proof(drafts, rollback_id)
    # Pointers moved in this very transaction are folded after it.
    moved = any(draft.followups for draft in drafts.values())
    proof = None if root is None or moved else await prove(root.flow.estate_id)
    if proof is not None:
        finish_closure(drafts, rollback_id, proof)
    await _write(transaction, drafts.values())
    return not moved and (root is None or proof is not None)


async def _drafts(transaction: Transaction, flows: Mapping[UUID, Flow]) -> dict[UUID, Draft]:
    return {id_: await open_draft(transaction, flow) for id_, flow in flows.items()}


async def _write(transaction: Transaction, drafts: Collection[Draft]) -> None:
    decisions = [draft.decision() for draft in drafts if draft.flow is not draft.before]
    if decisions:
        await transaction.write(decisions)
