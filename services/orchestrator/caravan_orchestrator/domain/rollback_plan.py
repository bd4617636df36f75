"""What a rollback would do, exactly: the closure and its digest. Pure; changes nothing."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from caravan_orchestrator.domain.attempts import may_have_an_effect
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.model import Attempt, Flow, Handoff, Phase
from caravan_orchestrator.domain.states import AttemptKind, AttemptStatus, FlowStatus, PhaseStatus
from caravan_orchestrator.domain.units import units_of


@dataclass(frozen=True, slots=True)
class Selection:
    """The chosen keys of a phase: their rows go back to those of the attempt `before`, all others stay as the attempt
    `replaced` has made them. `stale`: later phases, whose results were made of what is replaced."""

    key_column: str
    keys: tuple[str, ...]
    before: UUID
    replaced: UUID
    stale: tuple[str, ...]

    def describe(self) -> dict[str, Any]:
        return {
            "key_column": self.key_column,
            "keys": list(self.keys),
            "before": str(self.before),
            "replaced": str(self.replaced),
            "stale": list(self.stale),
        }


@dataclass(frozen=True, slots=True)
class RollbackPlan:
    """What becomes of one flow. `effects`: units in order of undo.

    `targets`: phase → attempt its pointer goes back to (null: none). `phase`: null where it is the whole flow.
    """

    phase: str | None
    targets: dict[str, str | None]
    datasets: tuple[dict[str, Any], ...]
    decisions: tuple[int, ...]
    handoffs: tuple[Handoff, ...]
    effects: tuple[Attempt, ...]
    irreversible: tuple[str, ...]
    selection: Selection | None = None


@dataclass(frozen=True, slots=True)
class Closure:
    """Everything a rollback concerns. `parts` in order of undo: what has grown from a flow comes before it, and the
    flow that the rollback was asked for comes last."""

    kind: str
    phase: str | None
    parts: tuple[tuple[Flow, RollbackPlan], ...]

    @property
    def irreversible(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for _, plan in self.parts for name in plan.irreversible))

    def describe(self) -> dict[str, Any]:
        """The answer to the client, digest included. Assets are counted by the caller: they follow from it.

        `phases`, `targets` and `decisions` are of the flow that it was asked for; `parts` has those of all flows.
        """
        own = self.parts[-1][1]
        body: dict[str, Any] = {
            "kind": self.kind,
            "phase": self.phase,
            "flows": [str(flow.id) for flow, _ in self.parts],
            "parts": [_describe_part(flow, plan) for flow, plan in self.parts],
            "phases": list(own.targets),
            "targets": own.targets,
            "datasets": [each for _, plan in self.parts for each in plan.datasets],
            "decisions": list(own.decisions),
            "handoffs": [
                _describe_handoff(flow, each) for flow, plan in self.parts for each in plan.handoffs
            ],
            "effects": [_describe_effect(flow, each) for flow, plan in self.parts for each in plan.effects],
            "irreversible": list(self.irreversible),
        }
        if own.selection is not None:
            body["selection"] = own.selection.describe()
        standing = [
            [{p.name: str(p.active_attempt_id) for p in flow.phases}, flow.status] for flow, _ in self.parts
        ]
        canonical = json.dumps([body, standing], sort_keys=True, separators=(",", ":"))
        return {
            **body,
            "digest": hashlib.sha256(canonical.encode()).hexdigest(),
            "seconds": 1 + 5 * len(body["effects"]),
        }


def _describe_part(flow: Flow, plan: RollbackPlan) -> dict[str, Any]:
    return {
        "flow_id": str(flow.id),
        "flow_type": flow.flow_type,
        "name": flow.name,
        "status": flow.status,
        "phases": list(plan.targets),
        "targets": plan.targets,
        "decisions": list(plan.decisions),
        "effects": len(plan.effects),
    }


def _describe_handoff(flow: Flow, handoff: Handoff) -> dict[str, Any]:
    target = handoff.target_flow_id
    return {
        "handoff_id": str(handoff.id),
        "flow_id": str(flow.id),
        "target_flow_id": None if target is None else str(target),
        "target_flow_type": handoff.target_flow_type,
        "status": handoff.status,
    }


def _describe_effect(flow: Flow, attempt: Attempt) -> dict[str, Any]:
    return {
        "flow_id": str(flow.id),
        "unit": attempt.unit_key,
        "phase": attempt.phase,
        "status": attempt.status,
        "attempt_id": str(attempt.id),
        "epoch": attempt.epoch,
    }


def plan_rollback(flow: Flow, kind: str, phase: str | None) -> Closure:
    """Of a flow that nothing has grown from. Raises Refused: nothing to roll back, or the kind does not fit."""
    check_standing(flow)
    named = phase if kind == "phase" else None
    targets = phase_targets(flow, phase) if kind == "phase" else whole_flow(flow)
    return Closure(kind, named, ((flow, plan_part(flow, named, targets)),))


def check_standing(flow: Flow) -> None:
    if flow.status is FlowStatus.DRAFT:
        raise Refused("nothing_to_roll_back", "The flow is a draft: nothing has happened yet.")
    if flow.status is FlowStatus.ROLLING_BACK:
        raise Refused("rollback_running", "A rollback of this flow is under way; wait for it or resume it.")


def whole_flow(flow: Flow) -> dict[str, str | None]:
    return {phase.name: None for phase in flow.phases}


def plan_part(flow: Flow, phase: str | None, targets: dict[str, str | None]) -> RollbackPlan:
    effects = effects_since(flow, targets)
    return RollbackPlan(
        phase=phase,
        targets=targets,
        datasets=_datasets(flow, targets),
        decisions=tuple(d.number for d in flow.decisions if d.phase in targets),
        handoffs=flow.handoffs,
        effects=effects,
        irreversible=irreversible_among(effects),
    )


def irreversible_among(effects: Iterable[Attempt]) -> tuple[str, ...]:
    """Their names, by which they must be accepted."""
    return tuple(_irreversible_name(effect) for effect in effects if not _can_undo(effect))


def phase_targets(flow: Flow, name: str | None) -> dict[str, str | None]:
    if name is None or name not in {p.name for p in flow.phases}:
        known = ", ".join(phase.name for phase in flow.phases)
        what = "Name a phase" if name is None else f"This flow has no phase {name!r}; name one"
        raise Refused("unknown_phase", f"{what} of: {known}.", pointer="/phase")
    phase: Phase = flow.phase(name)
    computed = [a for a in flow.attempts.values() if a.phase == name and makes_a_version(a)]
    if phase.active_attempt_id is not None and phase.status is PhaseStatus.ROLLED_BACK:
        computed = [a for a in computed if a.id == phase.active_attempt_id]
    if not computed:
        raise Refused("nothing_to_roll_back", f"Phase {name} has not been started.", pointer="/phase")
    latest = max(computed, key=lambda a: a.sequence)
    if phase.status is PhaseStatus.ROLLED_BACK and phase.active_attempt_id is None:
        raise Refused("nothing_to_roll_back", f"Phase {name} is already rolled back.", pointer="/phase")
    assert latest.pointers_before is not None
    return dict(latest.pointers_before)


def makes_a_version(attempt: Attempt) -> bool:
    """A computation, whatever came of it; or a selective version, which is one only once it stands."""
    return attempt.kind is AttemptKind.EXECUTE or (
        attempt.kind is AttemptKind.SELECTIVE and attempt.status is AttemptStatus.SUCCEEDED
    )


def effects_since(flow: Flow, targets: dict[str, str | None]) -> tuple[Attempt, ...]:
    """Every unit ever given out and not yet undone, newest first, but those the phase goes back to."""
    found: list[Attempt] = []
    for phase, target in targets.items():
        kept = units_of(flow, UUID(target)) if target is not None else ()
        since = max((a.sequence for a in kept), default=0)
        stays = {a.unit_key for a in kept if a.status is AttemptStatus.SUCCEEDED}
        found += [
            a
            for a in flow.attempts.values()
            if a.phase == phase and may_have_an_effect(a) and a.sequence > since and a.unit_key not in stays
        ]
    return tuple(sorted(found, key=lambda a: -a.sequence))


def _datasets(flow: Flow, targets: dict[str, str | None]) -> tuple[dict[str, Any], ...]:
    return tuple(
        {
            "flow_id": str(flow.id),
            "phase": d.phase,
            "name": d.manifest.name,
            "rows": d.manifest.rows,
            "sha256": d.manifest.artifact.sha256,
            "dataset_id": str(d.id),
        }
        for d in sorted(flow.datasets, key=lambda d: (flow.phase(d.phase).position, d.manifest.name))
        if d.phase in targets and targets[d.phase] != str(d.attempt_id)
    )


def _can_undo(attempt: Attempt) -> bool:
    return attempt.unit is not None and attempt.unit.has_undo and attempt.unit.irreversible_name is None


def _irreversible_name(attempt: Attempt) -> str:
    unit = attempt.unit
    return (unit.irreversible_name if unit and unit.irreversible_name else attempt.unit_key) or str(
        attempt.id
    )
