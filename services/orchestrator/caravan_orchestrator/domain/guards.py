"""Which replies count. Each rule stands alone, so that the simulator can remove one and must notice."""

from caravan_common.contracts import Reply
from caravan_orchestrator.domain.model import Attempt, Flow
from caravan_orchestrator.domain.states import AttemptStatus, FlowStatus


def epoch_is_current(attempt: Attempt, reply: Reply) -> bool:
    """An older epoch was given up; its replies are never results."""
    return attempt.epoch == reply.epoch


def run_is_bound(attempt: Attempt, reply: Reply) -> bool:
    """The first run seen for (attempt, epoch) is bound; any other is a second copy."""
    return attempt.run_id is None or attempt.run_id == reply.run_id


def attempt_is_waited_for(attempt: Attempt) -> bool:
    """Held, delayed and ended attempts have nobody who could answer for them."""
    return attempt.status in (AttemptStatus.DISPATCHED, AttemptStatus.RUNNING)


def parent_is_completed(flow: Flow) -> bool:
    """A child grows out of a completed flow only, while that flow is locked."""
    return flow.status is FlowStatus.COMPLETED


def why_refused(attempt: Attempt, reply: Reply) -> str | None:
    """The first rule that a result does not meet, in a word of usecases.refusals.Refusal."""
    if not epoch_is_current(attempt, reply):
        return "old_epoch"
    if not run_is_bound(attempt, reply):
        return "other_run"
    return None if attempt_is_waited_for(attempt) else "not_awaited"


def reply_counts(attempt: Attempt, reply: Reply) -> bool:
    return (
        attempt_is_waited_for(attempt) and epoch_is_current(attempt, reply) and run_is_bound(attempt, reply)
    )
