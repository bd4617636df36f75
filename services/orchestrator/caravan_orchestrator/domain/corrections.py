"""What people correct of a result: the meaning of columns, the winner of a conflict. Each is a numbered decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from caravan_common.contracts import DecisionKind, FlowDefinition, HumanDecision
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.people import is_waited_for, record_decision
from caravan_orchestrator.domain.phases import start_phase


@dataclass(frozen=True)
class Correction:
    """`subject` is a natural key; `old` what the result says now."""

    subject: str
    value: Any
    old: Any = None


def phase_taking(definition: FlowDefinition, kind: DecisionKind) -> str:
    """The phase that takes decisions of this kind. Raises Refused when the flow type has none."""
    for phase in definition.phases:
        if kind in phase.decision_kinds:
            return phase.name
    raise Refused(
        "not_decided_here", f"No phase of a {definition.flow_type} flow takes decisions of kind {kind}."
    )


def correct_mappings(
    draft: Draft, corrections: Sequence[Correction], *, settled: int, actor: str, reason: str
) -> list[HumanDecision]:
    """One decision per column. `settled`: blocking questions that these corrections answer; when no other is left,
    the phase that waits for them runs."""
    phase = phase_taking(draft.definition, DecisionKind.MAPPING)
    made = [
        record_decision(
            draft,
            kind=DecisionKind.MAPPING,
            phase=phase,
            subject=each.subject,
            value=each.value,
            old=each.old,
            actor=actor,
            reason=reason,
        )
        for each in corrections
    ]
    if settled:
        left = max(0, draft.flow.blocking.get(phase, 0) - settled)
        draft.change_flow(blocking={**draft.flow.blocking, phase: left})
        if left == 0 and is_waited_for(draft, phase, "questions"):
            start_phase(draft, phase)
    return made


def resolve_conflict(
    draft: Draft, correction: Correction, *, phase: str, actor: str, reason: str | None
) -> HumanDecision:
    """`phase` is the one that made the conflict. Raises Refused when it takes no such decisions."""
    if DecisionKind.CONFLICT not in draft.definition.phase(phase).decision_kinds:
        raise Refused("not_decided_here", f"Phase {phase} takes no decisions about conflicts.")
    return record_decision(
        draft,
        kind=DecisionKind.CONFLICT,
        phase=phase,
        subject=correction.subject,
        value=correction.value,
        old=correction.old,
        actor=actor,
        reason=reason,
    )
