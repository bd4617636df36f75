"""A message that can't be handled however often it is tried: its attempt fails, in words, at once."""

from uuid import UUID

from caravan_common.contracts import ErrorInfo, ErrorKind, Tenant
from caravan_orchestrator.domain.replies import attempt_failed
from caravan_orchestrator.usecases.drafts import open_draft
from caravan_orchestrator.usecases.ports import Database

POISON = ErrorInfo(
    kind=ErrorKind.PERMANENT,
    code="poison",
    message="The command for this phase could not be handled by any worker and was parked; "
    "see the dead letters for its error, then retry the flow.",
)
POISON_REPLY = ErrorInfo(
    kind=ErrorKind.PERMANENT,
    code="poison_reply",
    message="The worker's answer for this phase could not be taken in and was parked; "
    "see the dead letters for its error. Once its cause is mended, retry the flow.",
)


async def fail_poisoned(
    database: Database,
    tenant: Tenant,
    flow_id: UUID,
    attempt_id: UUID,
    epoch: int,
    *,
    run_id: UUID | None = None,
    error: ErrorInfo = POISON,
) -> None:
    """Nothing happens when the attempt has ended, was given out again since, or waits for another run than `run_id`."""
    async with database.transaction(tenant) as transaction:
        flows = await transaction.lock_flows([flow_id], attempts=[attempt_id])
        flow = flows.get(flow_id)
        attempt = flow.attempts.get(attempt_id) if flow is not None else None
        if flow is None or attempt is None or not attempt.is_open or attempt.epoch != epoch:
            return
        if run_id is not None and attempt.run_id not in (None, run_id):
            return
        draft = await open_draft(transaction, flow)
        attempt_failed(draft, attempt, error)
        await transaction.write([draft.decision()])
