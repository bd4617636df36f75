"""Carrying a rollback out: stop what runs, undo effects newest first, move the pointers, ask for the proof."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from caravan_common.contracts import DecisionKind, ErrorInfo, UndoOutcome
from caravan_orchestrator.domain.attempts import EFFECTS, give_out, give_out_again, open_attempt, start_lease
from caravan_orchestrator.domain.commands import effect_of
from caravan_orchestrator.domain.draft import SYSTEM, Draft
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.model import Attempt, Rollback, RollbackStep
from caravan_orchestrator.domain.phases import next_phase, start_next
from caravan_orchestrator.domain.rollback_plan import RollbackPlan, Selection
from caravan_orchestrator.domain.staleness import note_other_edits
from caravan_orchestrator.domain.states import (
    AttemptKind,
    AttemptStatus,
    FlowStatus,
    HandoffStatus,
    PhaseStatus,
)

# The step of a selective rollback that builds the new version of the phase's datasets.
EFFECT, VERSION = "effect", "version"
_FINISHED = frozenset({"undone", "nothing_to_do", "irreversible", "done"})


@dataclass(frozen=True, slots=True)
class Ordered:
    """A rollback as it was ordered; `id` is what the flow that was named gets, the others are parts of it."""

    id: UUID
    kind: str
    digest: str
    actor: str
    reason: str
    accepted: tuple[str, ...]


def begin_part(
    draft: Draft, plan: RollbackPlan, described: Mapping[str, Any], ordered: Ordered, *, is_root: bool
) -> None:
    """Stops the flow and takes back what it has handed over. Its undo waits until `begin_undo`."""
    steps = tuple(
        RollbackStep(
            draft.make_id(), position, EFFECT, a.unit_key or "", attempt_id=a.id, status=_first_status(a)
        )
        for position, a in enumerate(plan.effects)
    )
    rollback = Rollback(
        ordered.id if is_root else draft.make_id(),
        ordered.kind,
        plan.phase,
        "queued",
        ordered.digest if is_root else described["digest"],
        described,
        ordered.actor,
        ordered.reason,
        ordered.accepted,
        steps,
        None if is_root else ordered.id,
    )
    draft.new_rollback = rollback
    draft.change_flow(rollback=rollback, current_phase=plan.phase, paused_at=None, refreshing=False)
    draft.move_flow(FlowStatus.ROLLING_BACK, "undoing", rollback=str(ordered.id))
    subject, part = plan.phase or str(draft.flow.id), {} if is_root else {"part_of": str(ordered.id)}
    details = {"kind": ordered.kind, "digest": rollback.digest, "reason": ordered.reason, **part}
    draft.audit(ordered.actor, "rollback.started", subject, details)
    _stop_attempts(draft)
    _revoke_handoffs(draft, plan)
    if plan.selection is not None:
        _open_version(draft, plan.selection)


def _open_version(draft: Draft, selection: Selection) -> None:
    """The attempt that will build it: what the phase goes back to is known from now on. It waits for the undo of the
    chosen effects, and goes back where the version it replaces would have gone."""
    rollback, replaced_ = under_way(draft), draft.flow.attempts[selection.replaced]
    assert rollback.phase is not None
    version = draft.change_attempt(
        open_attempt(
            draft,
            AttemptKind.SELECTIVE,
            rollback.phase,
            rollback_id=rollback.id,
            pointers_before=replaced_.pointers_before,
        ),
        decisions_upto=replaced_.decisions_upto,
    )
    step = RollbackStep(
        draft.make_id(),
        len(rollback.steps),
        VERSION,
        rollback.phase,
        attempt_id=selection.replaced,
        compensation_id=version.id,
    )
    plan = {**rollback.plan, "targets": {rollback.phase: str(version.id)}}
    draft.change_flow(rollback=replace(rollback, plan=plan, steps=(*rollback.steps, step)))


def _revoke_handoffs(draft: Draft, plan: RollbackPlan) -> None:
    """With the first decision, not the last: from now on nothing can begin with what was handed over. Those still open
    were withdrawn when the flow left `completed`."""
    planned = {handoff.id for handoff in plan.handoffs}
    for handoff in draft.flow.handoffs:
        if handoff.id not in planned or handoff.status is not HandoffStatus.ACCEPTED:
            continue
        draft.change_handoff(handoff, status=HandoffStatus.REVOKED, ended_at=draft.now)
        target = None if handoff.target_flow_id is None else str(handoff.target_flow_id)
        details = {"handoff": str(handoff.id), "target_flow_type": handoff.target_flow_type, "target": target}
        draft.event("handoff.revoked", details)
        draft.audit(SYSTEM, "handoff.revoked", str(handoff.id), details)


def begin_undo(draft: Draft) -> None:
    """What has grown from the flow is as it was before, so its own effects may go."""
    draft.change_flow(rollback=replace(under_way(draft), status="undoing"), reason="undoing")
    continue_undo(draft)


def wait_for_descendants(draft: Draft) -> None:
    draft.change_flow(reason="descendants")


def _first_status(attempt: Attempt) -> str:
    """What can't be undone may not have happened: unless it is known to have, an undo fences it and looks."""
    unit = attempt.unit
    reversible = unit is not None and unit.has_undo and unit.irreversible_name is None
    return "pending" if reversible or attempt.status is not AttemptStatus.SUCCEEDED else "irreversible"


def _stop_attempts(draft: Draft) -> None:
    """Computations end at once, under a higher epoch. Effects under way are waited for, never abandoned."""
    for attempt in draft.flow.open_attempts:
        if attempt.kind in EFFECTS and attempt.epoch > 0:
            draft.cancel_run(attempt, attempt.run_id, "rollback")
            if attempt.status is AttemptStatus.DISPATCHED:
                start_lease(draft, attempt)
            elif attempt.status is not AttemptStatus.RUNNING:
                draft.end_attempt(attempt, AttemptStatus.FAILED)
        else:
            if attempt.epoch > 0:
                draft.cancel_run(attempt, None, "rollback")
            draft.end_attempt(attempt, AttemptStatus.CANCELLED, epoch=attempt.epoch + 1)


def change_step(draft: Draft, step: RollbackStep, **changes: Any) -> None:
    rollback = under_way(draft)
    new = replace(step, **changes)
    steps = tuple(new if s.id == step.id else s for s in rollback.steps)
    draft.change_flow(rollback=replace(rollback, steps=steps))


def under_way(draft: Draft) -> Rollback:
    rollback = draft.flow.rollback
    assert rollback is not None, "no rollback is under way"
    return rollback


def continue_undo(draft: Draft) -> None:
    """Gives out every undo whose turn has come; when all effects are settled, restores the pointers."""
    rollback = under_way(draft)
    if rollback.status != "undoing":
        return
    steps, _ = _kinds(rollback)
    for step in steps:
        if step.status == "pending" and _turn_has_come(draft, step, steps):
            _undo(draft, step)
    effects, version = _kinds(under_way(draft))
    if not all(step.status in _FINISHED for step in effects):
        return
    if version is None:
        _restore(draft)
    elif version.status == "pending":
        change_step(draft, version, status="undoing")
        give_out(draft, draft.flow.attempts[_compensation_of(version)])


def _kinds(rollback: Rollback) -> tuple[list[RollbackStep], RollbackStep | None]:
    """The undo of effects; and of a selective rollback the version that is built after it."""
    effects = [step for step in rollback.steps if step.kind == EFFECT]
    return effects, next((step for step in rollback.steps if step.kind == VERSION), None)


def _compensation_of(step: RollbackStep) -> UUID:
    assert step.compensation_id is not None
    return step.compensation_id


def _turn_has_come(draft: Draft, step: RollbackStep, steps: Sequence[RollbackStep]) -> bool:
    """Its own run has ended, and so has the undo of everything that was built on it: by order, not by time,
    because a phase carried out again builds new units on old ones."""
    attempt = draft.flow.attempts[_attempt_of(step)]
    if attempt.is_open:
        return False
    position = draft.flow.phase(attempt.phase).position
    for other in steps:
        if other.status in _FINISHED:
            continue
        above = draft.flow.attempts[_attempt_of(other)]
        if draft.flow.phase(above.phase).position > position:
            return False
        if (
            above.phase == attempt.phase
            and above.unit is not None
            and attempt.unit_key in above.unit.depends_on
        ):
            return False
    return True


def _attempt_of(step: RollbackStep) -> UUID:
    assert step.attempt_id is not None
    return step.attempt_id


def _undo(draft: Draft, step: RollbackStep) -> None:
    effect = draft.flow.attempts[_attempt_of(step)]
    compensation = open_attempt(
        draft,
        AttemptKind.COMPENSATE,
        effect.phase,
        unit_key=effect.unit_key,
        unit=effect.unit,
        receipts=effect.receipts,
        rollback_id=under_way(draft).id,
        outcome_unknown=effect.status is not AttemptStatus.SUCCEEDED,
    )
    change_step(draft, step, status="undoing", compensation_id=compensation.id)
    give_out(draft, compensation)


def wait_for_effect(draft: Draft, compensation: Attempt) -> None:
    """The unit had begun after all: its run is waited for like any other, then its undo is given out anew."""
    step, effect = step_of(draft, compensation), effect_of(draft.flow, compensation)
    draft.end_attempt(compensation, AttemptStatus.CANCELLED)
    change_step(draft, step, status="pending", compensation_id=None)
    reopened = draft.change_attempt(
        effect, status=AttemptStatus.RUNNING, started_at=effect.started_at or draft.now, ended_at=None
    )
    start_lease(draft, reopened)
    draft.cancel_run(reopened, None, "rollback")


def effect_was_undone(
    draft: Draft, attempt: Attempt, outcome: UndoOutcome, details: Mapping[str, Any]
) -> None:
    """An undo was acknowledged: the effect's own attempt is closed as cancelled, so it is never undone twice.

    What turned out to be there for good stays, so that a later computation looks for it first.
    """
    step = step_of(draft, attempt)
    change_step(draft, step, status=str(outcome), details=dict(details))
    effect = draft.flow.attempts[_attempt_of(step)]
    if outcome is not UndoOutcome.IRREVERSIBLE:
        draft.change_attempt(effect, status=AttemptStatus.CANCELLED)
    draft.event("effect.undone", {"unit": attempt.unit_key, "outcome": str(outcome)})
    draft.audit(SYSTEM, "effect.undone", attempt.unit_key or "", {"outcome": str(outcome)})
    continue_undo(draft)


def undo_failed(draft: Draft, attempt: Attempt, error: ErrorInfo) -> None:
    """Stays rolling_back for an operator, who resumes it by retry: nothing is left half undone unseen."""
    draft.end_attempt(attempt, AttemptStatus.FAILED, error=error)
    change_step(draft, step_of(draft, attempt), status="failed", details={"error": error.message})
    draft.change_flow(rollback=replace(under_way(draft), status="operator"), reason="operator")
    about = {"phase": attempt.phase} if attempt.unit_key is None else {"unit": attempt.unit_key}
    draft.event("rollback.stopped", {**about, "code": error.code, "message": error.message})
    draft.audit(SYSTEM, "rollback.stopped", attempt.unit_key or attempt.phase, {"code": error.code})


def resume_rollback(draft: Draft, actor: str) -> None:
    """Tries failed undos again, and the proof where only that failed."""
    rollback = under_way(draft)
    if rollback.status != "operator":
        raise Refused("rollback_running", "The rollback is under way; there is nothing to resume.")
    restored = all(step.status in _FINISHED for step in rollback.steps)
    draft.change_flow(
        rollback=replace(rollback, status="proving" if restored else "undoing"), reason="undoing"
    )
    draft.audit(actor, "rollback.resumed", str(rollback.id))
    draft.event("rollback.resumed", {"rollback": str(rollback.id)})
    if restored:
        draft.follow_up("fold", draft.flow.estate_id)
        draft.follow_up("rollback", rollback.id)
        return
    for step in rollback.steps:
        if step.status == "failed" and step.compensation_id is not None:
            change_step(draft, step, status="undoing", details={})
            give_out_again(draft, draft.flow.attempts[step.compensation_id], retries=0, ended_at=None)
    continue_undo(draft)


def step_of(draft: Draft, attempt: Attempt) -> RollbackStep:
    return next(step for step in under_way(draft).steps if step.compensation_id == attempt.id)


def _restore(draft: Draft) -> None:
    """Moves every pointer back and withdraws the decisions those phases owned."""
    rollback = under_way(draft)
    targets: Mapping[str, str | None] = rollback.plan["targets"]
    for name, target in targets.items():
        draft.point(name, None if target is None else UUID(target))
        draft.close_questions.append((name, "withdrawn"))
        if draft.flow.phase(name).status is not PhaseStatus.PENDING or rollback.phase is None:
            cleared: dict[str, Any] = {} if target else {"summary": {}, "decided_by": {}, "decisions_upto": 0}
            draft.move_phase(
                name,
                PhaseStatus.ROLLED_BACK,
                stale=False,
                error=None,
                completed_at=None,
                started_at=None,
                **cleared,
            )
    withdrawn = set(rollback.plan["decisions"])
    draft.withdrawn.extend(sorted(withdrawn))
    kept = tuple(d for d in draft.flow.decisions if d.number not in withdrawn)
    edited = {d.phase for d in draft.flow.decisions if d.number in withdrawn and d.kind is DecisionKind.EDIT}
    blocking = {name: n for name, n in draft.flow.blocking.items() if name not in targets}
    status = "proving" if rollback.cascade_id is None else "restored"
    draft.change_flow(
        decisions=kept, blocking=blocking, reason="proving", rollback=replace(rollback, status=status)
    )
    for editing in edited:
        note_other_edits(draft, editing)
    draft.event("rollback.restored", {"rollback": str(rollback.id), "phases": list(targets)})
    draft.audit(SYSTEM, "rollback.restored", str(rollback.id), {"targets": dict(targets)})
    draft.follow_up("fold", draft.flow.estate_id)
    draft.follow_up("rollback", rollback.whole_id)


def finish_rollback(draft: Draft, proof: Mapping[str, Any]) -> None:
    """The proof has been computed elsewhere. Holds: the flow is usable again. Fails: an operator must look."""
    rollback = under_way(draft)
    if rollback.status not in ("proving", "restored"):
        return
    draft.rollback_proof = dict(proof)
    holds = bool(proof.get("holds"))
    draft.audit(
        SYSTEM, "rollback.proved" if holds else "rollback.proof_failed", str(rollback.id), dict(proof)
    )
    if not holds:
        draft.change_flow(rollback=replace(rollback, status="operator"), reason="operator")
        draft.event("rollback.stopped", {"rollback": str(rollback.id), "message": "the proof does not hold"})
        return
    draft.change_flow(rollback=replace(rollback, status="completed"))
    draft.event("rollback.completed", {"rollback": str(rollback.id), "kind": rollback.kind})
    if _kinds(rollback)[1] is not None:
        rest_after_selection(draft, rollback)
    elif rollback.phase is not None:
        draft.change_flow(current_phase=rollback.phase)
        draft.move_flow(FlowStatus.WAITING, "rolled_back")
    else:
        draft.change_flow(current_phase=None)
        draft.move_flow(FlowStatus.ROLLED_BACK)


def rest_after_selection(draft: Draft, rollback: Rollback) -> None:
    """The phase shows a whole result, so nothing has to be executed: what came after it is stale and waits for a
    refresh. Where nothing has become stale the flow is what it was, or completed."""
    stale, following = next((p for p in draft.flow.phases if p.stale), None), next_phase(draft)
    at = stale or following
    draft.change_flow(current_phase=rollback.phase if at is None else at.name)
    draft.move_flow(FlowStatus.WAITING, "rolled_back" if stale is None else "stale")
    if stale is None and (following is None or following.status is PhaseStatus.WAITING):
        start_next(draft)
