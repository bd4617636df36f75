"""How an attempt is opened, given out, retried and lost. An epoch is never used twice."""

import hashlib
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from caravan_common.contracts import ErrorInfo, ErrorKind, ExecutePhase, RetryPolicy, UnitSpec
from caravan_orchestrator.domain.commands import build_command, recorded_inputs
from caravan_orchestrator.domain.decision import Lease
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.model import Attempt, Flow
from caravan_orchestrator.domain.states import AttemptKind, AttemptStatus, FlowStatus
from caravan_orchestrator.domain.wakeup_times import NO_WORKER

MAX_LEASE_LOSSES = 3
# An effect may be repeated only after its earlier run has surely ended: the worker kills itself at two
# thirds of the lease; half a lease more covers a clock that ran differently.
KILL_MARGIN = 0.5
EFFECTS = frozenset({AttemptKind.UNIT, AttemptKind.COMPENSATE})


def lease_seconds(flow: Flow, attempt: Attempt) -> float:
    """Seconds on the lease clock until a silent run is given up."""
    lease = float(flow.configuration.get("lease_seconds", 20.0))
    return lease * (1 + KILL_MARGIN) if attempt.kind in EFFECTS else lease


def open_attempt(draft: Draft, kind: AttemptKind, phase: str, **facts: Any) -> Attempt:
    """Adds an attempt in status held; give_out or the unit rules send it."""
    sequence = draft.flow.attempt_sequence + 1
    draft.change_flow(attempt_sequence=sequence)
    return draft.put_attempt(
        Attempt(
            id=draft.make_id(),
            kind=kind,
            phase=phase,
            sequence=sequence,
            decisions_upto=draft.flow.decision_sequence,
            **facts,
        )
    )


def open_unit(draft: Draft, phase: str, unit: UnitSpec) -> Attempt:
    """What an earlier computation of the phase may have done, and nobody undid, is looked for first."""
    return open_attempt(
        draft,
        AttemptKind.UNIT,
        phase,
        unit_key=unit.key,
        unit=unit,
        not_before=unit.not_before,
        outcome_unknown=any(
            a.phase == phase and a.unit_key == unit.key and may_have_an_effect(a)
            for a in draft.flow.attempts.values()
        ),
    )


def may_have_an_effect(attempt: Attempt) -> bool:
    """A unit that was ever given out and has not been undone."""
    return (
        attempt.kind is AttemptKind.UNIT
        and attempt.epoch > 0
        and attempt.status is not AttemptStatus.CANCELLED
    )


def give_out(draft: Draft, attempt: Attempt, not_before: datetime | None = None) -> Attempt:
    """Sends the attempt's command under a new epoch; held while the flow is paused, delayed until `not_before`.

    An effect nobody was heard of under keeps its epoch: whoever may still begin it meets the other's claim.
    """
    if draft.flow.paused_at is not None and attempt.kind is not AttemptKind.COMPENSATE:
        return draft.change_attempt(
            attempt, status=AttemptStatus.HELD, not_before=not_before, budget_tokens=0
        )
    if not_before is not None and not_before > draft.now:
        return draft.change_attempt(
            attempt, status=AttemptStatus.DELAYED, not_before=not_before, budget_tokens=0
        )
    before = draft.flow.attempts[attempt.id]
    is_effect = attempt.kind in EFFECTS
    given = draft.change_attempt(
        attempt,
        status=AttemptStatus.DISPATCHED,
        epoch=before.epoch if is_effect and may_still_begin(before) else before.epoch + 1,
        # An effect may have happened under any earlier epoch: the next run looks first.
        outcome_unknown=before.outcome_unknown or (is_effect and before.epoch > 0),
        dispatched_at=draft.now,
        run_id=None,
        worker=None,
        started_at=None,
        not_before=not_before,
    )
    draft.reopen(given.id)
    if given.kind is AttemptKind.EXECUTE:
        inputs = recorded_inputs(draft.flow, draft.definition, given.phase, given.decisions_upto)
        given = draft.change_attempt(given, inputs=inputs)
    command = build_command(draft.flow, draft.definition, given, draft.make_id(), spent=draft.spending)
    if isinstance(command, ExecutePhase):
        given = draft.change_attempt(given, budget_tokens=command.budget.tokens)
    draft.send(given, command)
    return given


def may_still_begin(attempt: Attempt) -> bool:
    """Given out, and nobody was heard of: its command may lie in a queue, or with a run that has said nothing."""
    return attempt.epoch > 0 and attempt.run_id is None and attempt.started_at is None


def bind_run(draft: Draft, attempt: Attempt, run_id: UUID, worker: str) -> Attempt:
    """The first run heard of is the one waited for from now on."""
    if attempt.run_id == run_id:
        return attempt
    if draft.flow.reason == NO_WORKER:
        draft.move_flow(FlowStatus.ACTIVE)
    return draft.change_attempt(
        attempt, status=AttemptStatus.RUNNING, run_id=run_id, worker=worker, started_at=draft.now
    )


def start_lease(draft: Draft, attempt: Attempt) -> None:
    draft.leases[attempt.id] = Lease(attempt.id, lease_seconds(draft.flow, attempt))


def give_out_again(
    draft: Draft, attempt: Attempt, not_before: datetime | None = None, **changes: Any
) -> Attempt:
    """After an end without result."""
    draft.drop_lease(attempt.id)
    return give_out(draft, draft.change_attempt(attempt, **changes), not_before)


def retry_delay(policy: RetryPolicy, attempt_id: UUID, retry: int) -> timedelta:
    """min(cap, base × 2^(retry-1)) seconds plus up to 20 % jitter, drawn from the attempt's id to stay pure."""
    plain = min(policy.cap_seconds, policy.base_seconds * 2 ** (retry - 1))
    draw = hashlib.sha256(attempt_id.bytes + retry.to_bytes(4, "big")).digest()[0] / 255
    return timedelta(seconds=plain * (1 + 0.2 * draw))


def may_retry(draft: Draft, attempt: Attempt, error: ErrorInfo) -> bool:
    policy = draft.definition.phase(attempt.phase).retry
    return error.kind is ErrorKind.RETRIABLE and attempt.retries < policy.max_retries


def retry_later(draft: Draft, attempt: Attempt, error: ErrorInfo) -> Attempt:
    """Counts a retry and waits for the phase's back-off. The policy is the definition's."""
    policy = draft.definition.phase(attempt.phase).retry
    retry = attempt.retries + 1
    draft.event("attempt.retried", {"phase": attempt.phase, "retry": retry, "code": error.code})
    return give_out_again(
        draft,
        attempt,
        draft.now + retry_delay(policy, attempt.id, retry),
        retries=retry,
        error=error,
        lease_losses=0,
    )


def lose_lease(draft: Draft, attempt: Attempt) -> ErrorInfo | None:
    """Gives a silent run up. After three in a row the error is returned: the attempt kills its workers."""
    losses = attempt.lease_losses + 1
    draft.event("attempt.lost", {"phase": attempt.phase, "losses": losses, "worker": attempt.worker})
    draft.cancel_run(attempt, attempt.run_id, "lease lost")
    if losses >= MAX_LEASE_LOSSES:
        draft.change_attempt(attempt, lease_losses=losses)
        return ErrorInfo(
            kind=ErrorKind.PERMANENT,
            code="workers_lost",
            message=f"{losses} workers in a row fell silent while running phase {attempt.phase}; "
            "look at their memory and logs, then retry the flow.",
        )
    give_out_again(draft, attempt, lease_losses=losses)
    return None
