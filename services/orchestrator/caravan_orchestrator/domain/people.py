"""Human decisions: numbered rows that later attempts take in. They never write into results."""

from typing import Any

from caravan_common.contracts import DecisionKind, HumanDecision
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.phases import start_phase
from caravan_orchestrator.domain.states import FlowStatus, PhaseStatus


def record_decision(
    draft: Draft,
    *,
    kind: DecisionKind,
    phase: str,
    subject: str,
    value: Any,
    old: Any,
    actor: str,
    reason: str | None = None,
) -> HumanDecision:
    """Numbers the decision and marks the phase, and what depends on it, stale: shown, never re-run unasked."""
    refuse_decisions(draft)
    number = draft.flow.decision_sequence + 1
    decision = HumanDecision(
        number=number,
        kind=kind,
        phase=phase,
        subject=subject,
        value=value,
        old=old,
        actor=actor,
        reason=reason,
        decided_at=draft.now,
    )
    draft.decisions.append((draft.make_id(), decision))
    draft.change_flow(decision_sequence=number, decisions=(*draft.flow.decisions, decision))
    draft.audit(
        actor, f"decision.{kind}", subject, {"number": number, "value": value, "old": old, "reason": reason}
    )
    draft.event(
        "decision.recorded", {"number": number, "kind": str(kind), "phase": phase, "subject": subject}
    )
    mark_stale(draft, phase)
    return decision


def refuse_decisions(draft: Draft) -> None:
    """Raises Refused where the flow takes none."""
    if draft.flow.status in (FlowStatus.ROLLING_BACK, FlowStatus.CANCELLED):
        raise Refused("not_running", f"A flow that is {draft.flow.status} takes no decisions.")


def mark_stale(draft: Draft, phase: str) -> None:
    """Every phase from the owner on that has a result the decision was not part of."""
    for later in draft.flow.later_phases(phase, including=True):
        if later.active_attempt_id is not None and not later.stale:
            draft.change_phase(later.name, stale=True)
    draft.change_flow(stale=any(p.stale for p in draft.flow.phases))


def is_waited_for(draft: Draft, phase: str, reason: str) -> bool:
    """Nothing else goes on: a phase that runs again, or failed, comes first and leads here by itself."""
    waiting, flow = draft.flow.phase(phase), draft.flow
    return (flow.status, flow.reason, flow.current_phase) == (FlowStatus.WAITING, reason, phase) and (
        waiting.status is PhaseStatus.WAITING and waiting.reason == reason
    )


def answer_question(
    draft: Draft,
    *,
    phase: str,
    key: str,
    blocking: bool,
    option: str,
    old: Any,
    actor: str,
    reason: str | None,
) -> HumanDecision:
    """The last blocking answer lets the waiting phase run again, with all answers as its input."""
    decision = record_decision(
        draft,
        kind=DecisionKind.ANSWER,
        phase=phase,
        subject=key,
        value=option,
        old=old,
        actor=actor,
        reason=reason,
    )
    if not blocking:
        return decision
    left = max(0, draft.flow.blocking.get(phase, 0) - 1)
    draft.change_flow(blocking={**draft.flow.blocking, phase: left})
    if left == 0 and is_waited_for(draft, phase, "questions"):
        start_phase(draft, phase)
    return decision
