"""What each reply of a worker means for its flow. One function a reply; late and repeated ones change nothing."""

from caravan_common.contracts import (
    AttemptAbandoned,
    AttemptHeartbeat,
    AttemptStarted,
    EditEvaluated,
    ErrorInfo,
    ErrorKind,
    HandoffBuilt,
    PhaseCompleted,
    PhaseFailed,
    Reply,
    SelectiveVersionBuilt,
    UndoOutcome,
    UnitCompensated,
    UnitCompleted,
    UnitOutcome,
)
from caravan_orchestrator.domain import guards
from caravan_orchestrator.domain.attempts import (
    bind_run,
    give_out_again,
    lose_lease,
    may_retry,
    retry_later,
    start_lease,
)
from caravan_orchestrator.domain.decision import UsageOut
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.edits import edit_has_failed, edit_was_evaluated
from caravan_orchestrator.domain.handoffs import handoff_failed, take_package
from caravan_orchestrator.domain.model import Attempt
from caravan_orchestrator.domain.phases import fail_phase, take_result, unit_has_ended
from caravan_orchestrator.domain.rolling_back import (
    continue_undo,
    effect_was_undone,
    undo_failed,
    wait_for_effect,
)
from caravan_orchestrator.domain.selective import take_version, version_failed
from caravan_orchestrator.domain.states import AttemptKind, AttemptStatus, FlowStatus
from caravan_orchestrator.domain.wakeup_times import NO_WORKER


class AnswersNothing(ValueError):
    """A result of another kind than its attempt asks for, by the very run that is waited for."""


def take_reply(draft: Draft, reply: Reply) -> None:
    """Guards first: only the bound run of the current epoch of a waited-for attempt counts. Raises AnswersNothing."""
    attempt = draft.flow.attempts.get(reply.attempt_id)
    if attempt is None:
        return
    _keep_usage(draft, attempt, reply)
    if (
        isinstance(reply, AttemptAbandoned)
        and reply.claimed_elsewhere
        and guards.reply_counts(attempt, reply)
    ):
        _wait_for_claimant(draft, attempt)
        return
    if not guards.reply_counts(attempt, reply):
        _keep_late_receipt(draft, attempt, reply)
        _cancel_stale_run(draft, attempt, reply)
        return
    take_up(draft)
    attempt = bind_run(draft, attempt, reply.run_id, reply.worker)
    match reply:
        case AttemptStarted() | AttemptHeartbeat():
            start_lease(draft, attempt)
        case AttemptAbandoned(effect_claimed=True) if attempt.kind is AttemptKind.COMPENSATE:
            wait_for_effect(draft, attempt)
        case AttemptAbandoned():
            if not _ended_for_good(draft, attempt):
                give_out_again(draft, attempt)
        case _:
            _take_answer(draft, attempt, reply)


def _take_answer(draft: Draft, attempt: Attempt, reply: Reply) -> None:
    """What ends the attempt. Raises AnswersNothing."""
    match reply:
        case PhaseFailed():
            attempt_failed(draft, attempt, reply.error)
        case PhaseCompleted() if attempt.kind is AttemptKind.EXECUTE:
            take_result(draft, attempt, reply)
        case UnitCompleted() if attempt.kind is AttemptKind.UNIT:
            _unit_completed(draft, attempt, reply)
        case UnitCompensated() if attempt.kind is AttemptKind.COMPENSATE:
            _unit_compensated(draft, attempt, reply)
        case HandoffBuilt() if attempt.kind is AttemptKind.HANDOFF:
            take_package(draft, attempt, reply)
        case EditEvaluated() if attempt.kind is AttemptKind.EDIT and reply.edit_id == attempt.id:
            edit_was_evaluated(draft, attempt, reply)
        case SelectiveVersionBuilt() if attempt.kind is AttemptKind.SELECTIVE:
            take_version(draft, attempt, reply)
        case _:
            raise AnswersNothing(f"nothing is waited for that {type(reply).__name__} could answer")


def take_up(draft: Draft) -> None:
    """What one of its attempts has come to is decided as for any active flow, though no worker was known of late."""
    if draft.flow.reason == NO_WORKER:
        draft.move_flow(FlowStatus.ACTIVE)


def lease_ran_out(draft: Draft, attempt: Attempt) -> None:
    """The bound run has been silent for a whole lease on the platform's own clock."""
    take_up(draft)
    if _ended_for_good(draft, attempt):
        return
    error = lose_lease(draft, attempt)
    if error is not None:
        attempt_failed(draft, draft.flow.attempts[attempt.id], error)


def attempt_failed(draft: Draft, attempt: Attempt, error: ErrorInfo) -> None:
    """Retries what may be retried; otherwise the phase, or the rollback, stops with words for a person."""
    take_up(draft)
    if _ended_for_good(draft, attempt, error):
        return
    if error.kind is ErrorKind.CANCELLED:
        give_out_again(draft, attempt)
    elif may_retry(draft, attempt, error):
        retry_later(draft, attempt, error)
    elif attempt.kind is AttemptKind.COMPENSATE:
        undo_failed(draft, attempt, error)
    elif attempt.kind is AttemptKind.SELECTIVE:
        version_failed(draft, attempt, error)
    elif attempt.kind is AttemptKind.HANDOFF:
        handoff_failed(draft, attempt, error)
    elif attempt.kind is AttemptKind.EDIT:
        edit_has_failed(draft, attempt, error)
    else:
        fail_phase(draft, attempt, error)


def _ended_for_good(draft: Draft, attempt: Attempt, error: ErrorInfo | None = None) -> bool:
    """An effect's run has ended while its flow no longer goes forward: it is settled, not given out again."""
    if attempt.kind is not AttemptKind.UNIT or draft.flow.status is FlowStatus.ACTIVE:
        return False
    draft.end_attempt(attempt, AttemptStatus.FAILED, error=error)
    if draft.flow.status is FlowStatus.ROLLING_BACK:
        continue_undo(draft)
    return True


def _keep_usage(draft: Draft, attempt: Attempt, reply: Reply) -> None:
    if reply.usage:
        draft.report_usage(UsageOut(attempt.id, reply.epoch, reply.run_id, attempt.phase, reply.usage))


def _keep_late_receipt(draft: Draft, attempt: Attempt, reply: Reply) -> None:
    """An effect that happened in a run given up must still be undone one day."""
    if attempt.kind is not AttemptKind.UNIT:
        return
    receipt = reply.receipt if isinstance(reply, UnitCompleted) else None
    if receipt is not None and receipt not in attempt.receipts:
        draft.change_attempt(attempt, receipts=(*attempt.receipts, receipt))


def _cancel_stale_run(draft: Draft, attempt: Attempt, reply: Reply) -> None:
    """Tells a run that nobody waits for to stop; repeated as long as it shows signs of life."""
    if isinstance(reply, AttemptStarted | AttemptHeartbeat):
        draft.cancel_run(attempt, reply.run_id, "stale run")


def _wait_for_claimant(draft: Draft, attempt: Attempt) -> None:
    """Another run claimed this epoch of the unit first. It answers, or its silence ends with a lease."""
    draft.change_attempt(
        attempt, status=AttemptStatus.RUNNING, run_id=None, worker=None, started_at=draft.now
    )
    start_lease(draft, attempt)


def _unit_completed(draft: Draft, attempt: Attempt, reply: UnitCompleted) -> None:
    if reply.outcome is UnitOutcome.FAILED:
        fallback = ErrorInfo(
            kind=ErrorKind.PERMANENT, code="unit_failed", message=f"Unit {attempt.unit_key} failed."
        )
        _keep_late_receipt(draft, attempt, reply)
        attempt_failed(draft, draft.flow.attempts[attempt.id], reply.error or fallback)
        return
    _keep_late_receipt(draft, attempt, reply)
    draft.end_attempt(attempt, AttemptStatus.SUCCEEDED, error=None)
    draft.event(
        "unit.completed", {"phase": attempt.phase, "unit": attempt.unit_key, "outcome": reply.outcome}
    )
    if draft.flow.status is FlowStatus.ACTIVE:
        unit_has_ended(draft, attempt.phase)
    elif draft.flow.status is FlowStatus.ROLLING_BACK:
        continue_undo(draft)


def _unit_compensated(draft: Draft, attempt: Attempt, reply: UnitCompensated) -> None:
    if reply.outcome is UndoOutcome.FAILED:
        fallback = ErrorInfo(
            kind=ErrorKind.PERMANENT, code="undo_failed", message=f"Undoing unit {attempt.unit_key} failed."
        )
        attempt_failed(draft, attempt, reply.error or fallback)
        return
    draft.end_attempt(attempt, AttemptStatus.SUCCEEDED, error=None)
    effect_was_undone(draft, attempt, reply.outcome, reply.details)
