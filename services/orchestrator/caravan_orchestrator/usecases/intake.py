"""Taking replies in: inbox, guard, decision and outbox in one transaction for up to 64 replies of a tenant."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from caravan_common.contracts import (
    EditEvaluated,
    HandoffBuilt,
    PhaseCompleted,
    Reply,
    SelectiveVersionBuilt,
    Tenant,
    UnitCompensated,
    UnitCompleted,
)
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.guards import why_refused
from caravan_orchestrator.domain.model import Flow
from caravan_orchestrator.domain.replies import take_reply
from caravan_orchestrator.usecases.drafts import open_draft
from caravan_orchestrator.usecases.handoffs import conclude_handoffs
from caravan_orchestrator.usecases.ports import Database

BATCH = 64


_RESULTS = (
    PhaseCompleted,
    UnitCompleted,
    UnitCompensated,
    HandoffBuilt,
    EditEvaluated,
    SelectiveVersionBuilt,
)


class Taken(NamedTuple):
    """`kinds` of work that followed; by message id, why a reply had no effect that its sender may have wished."""

    kinds: set[str]
    refused: Mapping[UUID, str]


async def take_in(
    database: Database,
    tenant: Tenant,
    replies: Sequence[Reply],
    traces: Mapping[UUID, str | None] = MappingProxyType({}),
) -> Taken:
    """A repeat has no effect: its inbox row is in this transaction. `traces`: a span's traceparent by message id."""
    async with database.transaction(tenant, {reply.message_id for reply in replies}) as transaction:
        # A message may be in one batch twice; the inbox tells batches apart, not their members.
        todo = list(
            {reply.message_id: reply for reply in replies if reply.message_id in transaction.fresh}.values()
        )
        refused = {
            reply.message_id: "repeated" for reply in replies if reply.message_id not in transaction.fresh
        }
        if not todo:
            return Taken(set(), refused)
        flows = await transaction.lock_flows(
            {reply.flow_id for reply in todo}, attempts={reply.attempt_id for reply in todo}
        )
        drafts: dict[UUID, Draft] = {}
        for reply in todo:
            flow = flows.get(reply.flow_id)
            draft = None if flow is None else drafts.get(flow.id)
            if (reason := _why_refused(flow if draft is None else draft.flow, reply)) is not None:
                refused[reply.message_id] = reason
            if flow is None:
                continue
            if flow.id not in drafts:
                drafts[flow.id] = await open_draft(transaction, flow)
            take_reply(drafts[flow.id], reply)
        # Of several replies for one flow the last one decides what follows.
        causes = {reply.flow_id: traces.get(reply.message_id) for reply in todo}
        grown = await conclude_handoffs(transaction, drafts)
        causes |= {child: causes.get(parent) for child, parent in grown.items() if child not in causes}
        decisions = [replace(draft.decision(), traceparent=causes[id_]) for id_, draft in drafts.items()]
        await transaction.write(decisions)
        return Taken({followup.kind for decision in decisions for followup in decision.followups}, refused)


def _why_refused(flow: Flow | None, reply: Reply) -> str | None:
    """Signs of life of a run that was given up are no news to anyone; a result that is not taken is."""
    attempt = None if flow is None else flow.attempts.get(reply.attempt_id)
    if attempt is None:
        return "unknown_attempt"
    return why_refused(attempt, reply) if isinstance(reply, _RESULTS) else None
