"""When a flow must be looked at though nobody says anything. None may ever be silently stuck."""

from datetime import datetime, timedelta

from caravan_orchestrator.domain.model import Attempt, Flow
from caravan_orchestrator.domain.states import AT_REST, AttemptStatus, FlowStatus, HandoffStatus

# A dispatched attempt that nobody starts is looked at after this; being given out again is no retry.
SCHEDULE_TO_START = timedelta(minutes=10)
# By then somebody should have started it: if no replica of the service is known, the flow says so.
WORKER_CHECK = timedelta(minutes=1)
NO_WORKER = "no_worker"
# A running attempt is guarded by its lease. This only catches a lease that was never recorded.
RUNNING_CHECK = timedelta(minutes=5)
# A flow that waits for a loop (rollback) or for resume is looked at again after this.
IDLE_CHECK = timedelta(minutes=1)
# A handoff waits for a service that has not announced itself; by then it may have.
TARGET_CHECK = timedelta(seconds=20)


def attempt_wakeup(attempt: Attempt, now: datetime) -> datetime | None:
    match attempt.status:
        case AttemptStatus.DELAYED:
            return attempt.not_before
        case AttemptStatus.DISPATCHED:
            dispatched = attempt.dispatched_at or now
            check = dispatched + WORKER_CHECK
            return check if check > now else dispatched + SCHEDULE_TO_START
        case AttemptStatus.RUNNING:
            return now + RUNNING_CHECK
        case _:
            return None


def window_closes(attempt: Attempt) -> datetime | None:
    """When a unit that still waits for its turn has missed its window."""
    waits = attempt.status is AttemptStatus.HELD and attempt.unit is not None
    return attempt.unit.not_after if waits and attempt.unit is not None else None


def next_wakeup(flow: Flow, now: datetime) -> datetime | None:
    """The earliest moment any open attempt needs a look; null only for a flow at rest without attempts."""
    times = [time for attempt in flow.open_attempts if (time := attempt_wakeup(attempt, now)) is not None]
    # Whoever asked for a handoff gives it out in the same transaction; what was missed is looked at at once.
    times += [
        now + TARGET_CHECK if handoff.error is not None else now
        for handoff in flow.handoffs
        if handoff.status is HandoffStatus.REQUESTED
    ]
    if flow.status is FlowStatus.ACTIVE and flow.paused_at is None:
        times += [
            closing for attempt in flow.open_attempts if (closing := window_closes(attempt)) is not None
        ]
    if times and flow.reason == NO_WORKER:
        return min(*times, now + WORKER_CHECK)
    if times:
        return min(times)
    return None if flow.status in AT_REST else now + IDLE_CHECK
