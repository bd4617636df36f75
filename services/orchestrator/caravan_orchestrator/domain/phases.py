"""How a phase starts, ends and hands over to the next. Phases are data: no name appears here."""

from collections.abc import Iterable
from typing import Any

from caravan_common.contracts import DatasetManifest, ErrorInfo, ErrorKind, PhaseCompleted
from caravan_orchestrator.domain.attempts import give_out, open_attempt, open_unit
from caravan_orchestrator.domain.commands import MissingInput
from caravan_orchestrator.domain.draft import SYSTEM, Draft
from caravan_orchestrator.domain.handoffs import request_following
from caravan_orchestrator.domain.model import ActiveDataset, Attempt, NewDataset, NewQuestion, Phase
from caravan_orchestrator.domain.staleness import given_tables_have_changed, next_to_refresh
from caravan_orchestrator.domain.states import (
    DONE_PHASES,
    AttemptKind,
    AttemptStatus,
    FlowStatus,
    PhaseStatus,
)
from caravan_orchestrator.domain.units import release_units, units_are_done


def next_phase(draft: Draft) -> Phase | None:
    """The first phase that is neither completed nor skipped."""
    return next((phase for phase in draft.flow.phases if phase.status not in DONE_PHASES), None)


def start_phase(draft: Draft, name: str) -> Attempt | None:
    """Opens an attempt for the phase, recording what a rollback of it restores. Waits where approval is needed."""
    definition, phase = draft.definition.phase(name), draft.flow.phase(name)
    if definition.needs_approval and not _approved(draft, name):
        draft.move_phase(name, PhaseStatus.WAITING, "approval")
        draft.ask_approval(name, name)
        draft.change_flow(current_phase=name)
        draft.move_flow(FlowStatus.WAITING, "approval")
        return None
    before = _pointers_before(draft, phase)
    draft.change_flow(current_phase=name)
    draft.move_flow(FlowStatus.ACTIVE)
    draft.move_phase(name, PhaseStatus.ACTIVE, started_at=draft.now, completed_at=None, error=None)
    attempt = open_attempt(draft, AttemptKind.EXECUTE, name, pointers_before=before)
    for later in draft.flow.later_phases(name):
        if later.status in DONE_PHASES and not later.stale and phase.active_attempt_id is not None:
            draft.change_phase(later.name, stale=True)
    try:
        return give_out(draft, attempt)
    except MissingInput as missing:
        error = ErrorInfo(kind=ErrorKind.PERMANENT, code="missing_input", message=str(missing))
        fail_phase(draft, attempt, error)
        return None


def _pointers_before(draft: Draft, phase: Phase) -> dict[str, str | None]:
    """What a rollback of the phase restores. Running again with answers is still the same start of the phase."""
    asked = draft.flow.attempts.get(phase.active_attempt_id) if phase.active_attempt_id is not None else None
    if phase.status is PhaseStatus.WAITING and asked is not None and asked.pointers_before is not None:
        return dict(asked.pointers_before)
    return {
        later.name: None if later.active_attempt_id is None else str(later.active_attempt_id)
        for later in draft.flow.later_phases(phase.name, including=True)
    }


def _approved(draft: Draft, name: str) -> bool:
    decision = next(
        (d for d in reversed(draft.flow.decisions) if d.phase == name and d.kind == "approval"), None
    )
    return decision is not None and decision.value == "approved"


def start_next(draft: Draft) -> None:
    """Starts the next phase, or completes the flow. Without auto_advance it waits to be told.

    In a refresh, a stale phase that has to be computed anew comes before those that come after it.
    """
    stale = next_to_refresh(draft) if draft.flow.refreshing else None
    following = next_phase(draft)
    if stale is not None:
        start_phase(draft, stale.name)
    elif following is None:
        draft.change_flow(current_phase=None, stale=any(phase.stale for phase in draft.flow.phases))
        ends = draft.flow.status is not FlowStatus.COMPLETED
        if ends:
            draft.audit(SYSTEM, "flow.completed", str(draft.flow.id))
        draft.move_flow(FlowStatus.COMPLETED)
        if ends:
            request_following(draft)
    elif _still_asks(draft, following):
        draft.change_flow(current_phase=following.name)
        draft.move_flow(FlowStatus.WAITING, "questions", questions=draft.flow.blocking.get(following.name, 0))
    elif draft.flow.auto_advance:
        start_phase(draft, following.name)
    else:
        draft.change_flow(current_phase=following.name)
        draft.move_flow(FlowStatus.WAITING, "execute")


def _still_asks(draft: Draft, phase: Phase) -> bool:
    """Its result is what its inputs give, and waits for answers."""
    asks = phase.status is PhaseStatus.WAITING and phase.reason == "questions"
    return asks and not phase.stale and draft.flow.blocking.get(phase.name, 0) > 0


def take_result(draft: Draft, attempt: Attempt, reply: PhaseCompleted) -> None:
    """A phase has been computed. With units, the result is held back until they have ended."""
    ended = draft.end_attempt(
        attempt,
        AttemptStatus.SUCCEEDED,
        seconds=reply.seconds,
        lease_losses=0,
        error=None,
        transcript=reply.transcript,
    )
    if not reply.units:
        accept_result(draft, ended, reply)
        return
    draft.change_attempt(ended, result=reply.model_dump(mode="json"))
    for unit in reply.units:
        open_unit(draft, attempt.phase, unit)
    release_units(draft, attempt.phase)


def accept_result(draft: Draft, attempt: Attempt, reply: PhaseCompleted) -> None:
    """Moves the phase's pointer to the attempt's datasets, asks its questions, and goes on."""
    name = attempt.phase
    made = show_datasets(draft, attempt, reply.datasets)
    blocking = _ask(draft, attempt, reply)
    facts: dict[str, Any] = {
        "summary": dict(reply.summary),
        "decided_by": reply.decided_by.model_dump(),
        "stale": attempt.decisions_upto < _newest_decision(draft, name)
        or given_tables_have_changed(draft, name, attempt.inputs),
        "decisions_upto": attempt.decisions_upto,
    }
    mark_followers_stale(draft, name)
    datasets = {d.manifest.name: d.manifest.rows for d in made}
    draft.audit(SYSTEM, "phase.completed", name, {"attempt": str(attempt.id), "rows": datasets})
    if blocking:
        draft.move_phase(name, PhaseStatus.WAITING, "questions", **facts)
        draft.move_flow(FlowStatus.WAITING, "questions", questions=blocking)
        return
    draft.move_phase(name, PhaseStatus.COMPLETED, completed_at=draft.now, **facts)
    start_next(draft)


def show_datasets(
    draft: Draft, attempt: Attempt, manifests: Iterable[DatasetManifest]
) -> tuple[NewDataset, ...]:
    """The phase's pointer moves to the attempt, whose datasets these are; index and asset table follow."""
    name = attempt.phase
    made = tuple(NewDataset(draft.make_id(), attempt.id, name, manifest) for manifest in manifests)
    draft.datasets.extend(made)
    draft.point(name, attempt.id, tuple(ActiveDataset(d.id, name, attempt.id, d.manifest) for d in made))
    for dataset in made:
        if dataset.manifest.index == "rows":
            draft.follow_up("index", dataset.id)
    if any(dataset.manifest.assets for dataset in made):
        draft.follow_up("fold", draft.flow.estate_id)
    return made


def _newest_decision(draft: Draft, phase: str) -> int:
    return max((d.number for d in draft.flow.decisions if d.phase == phase), default=0)


def mark_followers_stale(draft: Draft, name: str) -> None:
    for later in draft.flow.later_phases(name):
        if later.active_attempt_id is not None and not later.stale:
            draft.change_phase(later.name, stale=True)


def _ask(draft: Draft, attempt: Attempt, reply: PhaseCompleted) -> int:
    """Records the questions of a result and returns how many hold the phase."""
    draft.close_questions.append((attempt.phase, "withdrawn"))
    status = "accepted" if draft.flow.auto_accept else "open"
    for question in reply.questions:
        draft.questions.append(NewQuestion(draft.make_id(), attempt.id, attempt.phase, question, status))
    blocking = 0 if draft.flow.auto_accept else sum(question.blocking for question in reply.questions)
    draft.change_flow(blocking={**draft.flow.blocking, attempt.phase: blocking})
    return blocking


def unit_has_ended(draft: Draft, phase: str) -> None:
    """Releases units that waited for it; when all are done, the phase's result is accepted."""
    if not units_are_done(draft.flow, phase):
        release_units(draft, phase)
        return
    computed = max(
        (a for a in draft.flow.attempts.values() if a.phase == phase and a.kind == "execute" and a.result),
        key=lambda a: a.sequence,
    )
    assert computed.result is not None
    draft.change_attempt(computed, result=None)
    accept_result(draft, computed, PhaseCompleted.model_validate(computed.result))


def fail_phase(draft: Draft, attempt: Attempt, error: ErrorInfo) -> None:
    """The flow stops here and can be resumed from here; what was done stays done."""
    if draft.flow.attempts[attempt.id].is_open:
        draft.end_attempt(attempt, AttemptStatus.FAILED, error=error)
    for other in draft.flow.open_attempts:
        if other.status is AttemptStatus.DELAYED and other.kind is not AttemptKind.EDIT:
            draft.change_attempt(other, status=AttemptStatus.HELD)
    draft.move_phase(attempt.phase, PhaseStatus.FAILED, error.message, error=error)
    draft.move_flow(FlowStatus.FAILED, error.code, phase=attempt.phase, message=error.message)
    draft.audit(SYSTEM, "phase.failed", attempt.phase, {"code": error.code, "message": error.message})
