"""Which units may be dispatched now: order, limit groups, windows, approvals."""

from collections import Counter
from uuid import UUID

from caravan_orchestrator.domain.attempts import give_out, may_still_begin
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.model import Attempt, Flow
from caravan_orchestrator.domain.states import AttemptKind, AttemptStatus

_OUT = (AttemptStatus.DISPATCHED, AttemptStatus.RUNNING, AttemptStatus.DELAYED)


def phase_units(flow: Flow, phase: str) -> tuple[Attempt, ...]:
    """The unit attempts of the phase's newest computation, in order of creation."""
    units = [a for a in flow.attempts.values() if a.phase == phase and a.kind is AttemptKind.UNIT]
    newest = max(
        (a.sequence for a in flow.attempts.values() if a.phase == phase and a.kind is AttemptKind.EXECUTE),
        default=0,
    )
    return tuple(sorted((a for a in units if a.sequence > newest), key=lambda a: a.sequence))


def units_of(flow: Flow, computation: UUID) -> tuple[Attempt, ...]:
    """The unit attempts that this computation of its phase has opened."""
    began = _computation_behind(flow, flow.attempts[computation])
    later = (
        a.sequence
        for a in flow.attempts.values()
        if a.phase == began.phase and a.kind is AttemptKind.EXECUTE and a.sequence > began.sequence
    )
    ended = min(later, default=flow.attempt_sequence + 1)
    return tuple(
        a
        for a in flow.attempts.values()
        if a.phase == began.phase and a.kind is AttemptKind.UNIT and began.sequence < a.sequence < ended
    )


def _computation_behind(flow: Flow, attempt: Attempt) -> Attempt:
    """A selective version opens no units: it keeps those of the computation that it was made from."""
    if attempt.kind is not AttemptKind.SELECTIVE:
        return attempt
    earlier = (
        a
        for a in flow.attempts.values()
        if a.phase == attempt.phase and a.kind is AttemptKind.EXECUTE and a.sequence < attempt.sequence
    )
    return max(earlier, key=lambda a: a.sequence)


def unsettled_units(flow: Flow, phase: str) -> list[str]:
    """Keys of units given up though their run may still begin, of which no effect is known to be there."""
    units = [a for a in flow.attempts.values() if a.phase == phase and a.kind is AttemptKind.UNIT]
    there = {a.unit_key for a in units if a.status is AttemptStatus.SUCCEEDED}
    given_up = (a.unit_key for a in units if a.status is AttemptStatus.FAILED and may_still_begin(a))
    return sorted({key for key in given_up if key is not None and key not in there})


def units_are_done(flow: Flow, phase: str) -> bool:
    return all(unit.status is AttemptStatus.SUCCEEDED for unit in phase_units(flow, phase))


def release_units(draft: Draft, phase: str) -> None:
    """Gives out every held unit whose order and limits allow it; a window in the future delays it."""
    units = phase_units(draft.flow, phase)
    done = {unit.unit_key for unit in units if unit.status is AttemptStatus.SUCCEEDED}
    approved = {d.subject for d in draft.flow.decisions if d.kind == "approval" and d.value == "approved"}
    out = Counter(unit.unit.limit_group for unit in units if unit.unit and unit.status in _OUT)
    for attempt in units:
        unit = attempt.unit
        if attempt.status is not AttemptStatus.HELD or unit is None or not done.issuperset(unit.depends_on):
            continue
        if unit.needs_approval and unit.key not in approved:
            draft.ask_approval(phase, unit.key)
            continue
        if unit.not_after is not None and unit.not_after < draft.now:
            continue  # the wake-up at the window's end fails the phase in words
        if unit.limit_group is not None and unit.limit is not None and out[unit.limit_group] >= unit.limit:
            continue
        out[unit.limit_group] += 1
        give_out(draft, attempt, unit.not_before)
