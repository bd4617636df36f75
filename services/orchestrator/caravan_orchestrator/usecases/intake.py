"""Taking replies in: inbox, guard, decision and outbox in one transaction for up to 64 replies of a tenant."""

from collections.abc import Sequence
from uuid import UUID

from caravan_common.contracts import Reply, Tenant
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.replies import take_reply
from caravan_orchestrator.usecases.ports import Database

BATCH = 64


async def take_in(database: Database, tenant: Tenant, replies: Sequence[Reply]) -> set[str]:
    """Returns the kinds of work that followed. A repeat has no effect: its inbox row is in this transaction."""
    async with database.transaction(tenant, {reply.message_id for reply in replies}) as transaction:
        # A message may be in one batch twice; the inbox tells batches apart, not their members.
        todo = list(
            {reply.message_id: reply for reply in replies if reply.message_id in transaction.fresh}.values()
        )
        if not todo:
            return set()
        flows = await transaction.lock_flows(
            {reply.flow_id for reply in todo}, attempts={reply.attempt_id for reply in todo}
        )
        drafts: dict[UUID, Draft] = {}
        for reply in todo:
            flow = flows.get(reply.flow_id)
            if flow is None:
                continue
            if flow.id not in drafts:
                definition = await transaction.definition(flow.flow_type, flow.definition_version)
                drafts[flow.id] = Draft(flow, definition, transaction.now)
            take_reply(drafts[flow.id], reply)
        decisions = [draft.decision() for draft in drafts.values()]
        await transaction.write(decisions)
        return {followup.kind for decision in decisions for followup in decision.followups}
