"""One order about many assets: a numbered decision for each, recorded together, and one line in the audit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from caravan_common.contracts import DecisionKind, HumanDecision
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.people import mark_stale, refuse_decisions


@dataclass(frozen=True)
class Override:
    """What is set on one asset; `old` has the same keys."""

    subject: str
    value: Mapping[str, Any]
    old: Mapping[str, Any]


def override_together(
    draft: Draft, overrides: Sequence[Override], *, phase: str, digest: str, actor: str, reason: str
) -> list[HumanDecision]:
    """At least one, all of the same values. Each stands and is withdrawn like one made alone. Raises Refused."""
    refuse_decisions(draft)
    first = draft.flow.decision_sequence + 1
    made = [
        HumanDecision(
            number=number,
            kind=DecisionKind.OVERRIDE,
            phase=phase,
            subject=each.subject,
            value=dict(each.value),
            old=dict(each.old),
            actor=actor,
            reason=reason,
            decided_at=draft.now,
        )
        for number, each in enumerate(overrides, first)
    ]
    last = first + len(made) - 1
    draft.decisions.extend((draft.make_id(), decision) for decision in made)
    draft.change_flow(decision_sequence=last, decisions=(*draft.flow.decisions, *made))
    told = {"first": first, "last": last, "phase": phase, "count": len(made)}
    value = {name: set_ for each in overrides for name, set_ in each.value.items()}
    draft.audit(actor, "decision.batch", digest, {**told, "value": value, "reason": reason})
    draft.event("decisions.recorded", {**told, "kind": str(DecisionKind.OVERRIDE)})
    mark_stale(draft, phase)
    return made
