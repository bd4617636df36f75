"""What time alone changes: retries come due, dispatched attempts that nobody started are given out again."""

from uuid import UUID

from caravan_common.contracts import ErrorInfo, ErrorKind
from caravan_orchestrator.domain.attempts import EFFECTS, give_out, give_out_again
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.model import Attempt, Flow
from caravan_orchestrator.domain.phases import fail_phase
from caravan_orchestrator.domain.rolling_back import continue_undo
from caravan_orchestrator.domain.states import AttemptKind, AttemptStatus, FlowStatus
from caravan_orchestrator.domain.wakeup_times import NO_WORKER, SCHEDULE_TO_START, WORKER_CHECK, window_closes


def wake_flow(draft: Draft, unsent: frozenset[UUID] = frozenset(), *, served: bool = True) -> None:
    """`unsent`: attempts whose command still waits in the outbox for a free slot; those are not late.

    `served`: a replica of the flow's service has announced itself lately.
    """
    _tell_whether_served(draft, served=served)
    for attempt in draft.flow.open_attempts:
        beside = is_of_a_completed_flow(draft.flow, attempt) or attempt.kind is AttemptKind.EDIT
        if not (goes_forward(draft.flow) or beside):
            _settle(draft, attempt)
        elif attempt.status is AttemptStatus.DELAYED and attempt.not_before is not None:
            if attempt.not_before <= draft.now:
                give_out(draft, attempt)
        elif attempt.status is AttemptStatus.DISPATCHED and attempt.dispatched_at is not None:
            if attempt.dispatched_at + SCHEDULE_TO_START > draft.now:
                continue
            if attempt.id in unsent:
                draft.change_attempt(attempt, dispatched_at=draft.now)
            else:
                draft.event("attempt.not_started", {"phase": attempt.phase, "epoch": attempt.epoch})
                give_out_again(draft, attempt)
    _fail_missed_windows(draft)
    if draft.flow.status is FlowStatus.ROLLING_BACK and draft.flow.rollback is not None:
        continue_undo(draft)
        if draft.flow.rollback.status in ("queued", "restored", "proving"):
            draft.follow_up("rollback", draft.flow.rollback.whole_id)


def _fail_missed_windows(draft: Draft) -> None:
    """A unit that can no longer begin in its window stops its phase in words instead of waiting for ever."""
    if draft.flow.status is not FlowStatus.ACTIVE or draft.flow.paused_at is not None:
        return
    for attempt in draft.flow.open_attempts:
        closed = window_closes(attempt)
        if closed is not None and closed <= draft.now:
            message = (
                f"Unit {attempt.unit_key} did not get its turn before its window closed at {closed.isoformat()}; "
                f"change the window and run phase {attempt.phase} again."
            )
            fail_phase(
                draft, attempt, ErrorInfo(kind=ErrorKind.PERMANENT, code="window_closed", message=message)
            )
            return


def goes_forward(flow: Flow) -> bool:
    """A flow that only waits for a worker takes up by itself."""
    return flow.status in (FlowStatus.ACTIVE, FlowStatus.ROLLING_BACK) or flow.reason == NO_WORKER


def is_of_a_completed_flow(flow: Flow, attempt: Attempt) -> bool:
    """A handoff is built when all phases have ended."""
    return attempt.kind is AttemptKind.HANDOFF and flow.status is FlowStatus.COMPLETED


def _tell_whether_served(draft: Draft, *, served: bool) -> None:
    """Nothing is wrong with the flow, but nobody is there: `waiting: no worker` until somebody is."""
    late = any(
        attempt.status is AttemptStatus.DISPATCHED
        and attempt.dispatched_at is not None
        and attempt.dispatched_at + WORKER_CHECK <= draft.now
        for attempt in draft.flow.open_attempts
    )
    if draft.flow.reason == NO_WORKER and served:
        draft.move_flow(FlowStatus.ACTIVE)
    elif draft.flow.status is FlowStatus.ACTIVE and late and not served:
        draft.move_flow(FlowStatus.WAITING, NO_WORKER)


def _settle(draft: Draft, attempt: Attempt) -> None:
    """The flow no longer goes forward: what nobody started in time is over, what is held stays held.

    An effect is held as well: it may still begin, so no other may take its place before it is heard of.
    """
    if attempt.status is AttemptStatus.DELAYED:
        draft.change_attempt(attempt, status=AttemptStatus.HELD)
    elif (
        attempt.status is AttemptStatus.DISPATCHED
        and attempt.dispatched_at is not None
        and attempt.dispatched_at + SCHEDULE_TO_START <= draft.now
    ):
        over = attempt.kind not in EFFECTS or draft.flow.status is FlowStatus.CANCELLED
        if over:
            draft.end_attempt(attempt, AttemptStatus.FAILED)
        else:
            draft.change_attempt(attempt, status=AttemptStatus.HELD)
