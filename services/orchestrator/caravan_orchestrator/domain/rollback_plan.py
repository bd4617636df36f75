"""What a rollback would do, exactly: the closure and its digest. Pure; changes nothing."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from caravan_orchestrator.domain.attempts import may_have_an_effect
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.model import Attempt, Flow, Phase
from caravan_orchestrator.domain.states import AttemptKind, AttemptStatus, FlowStatus, PhaseStatus
from caravan_orchestrator.domain.units import units_of


@dataclass(frozen=True, slots=True)
class RollbackPlan:
    """`targets`: phase → attempt its pointer goes back to (null: none). `effects`: units in order of undo."""

    kind: str
    phase: str | None
    targets: dict[str, str | None]
    datasets: tuple[dict[str, Any], ...]
    decisions: tuple[int, ...]
    effects: tuple[Attempt, ...]
    irreversible: tuple[str, ...]

    def describe(self, flow: Flow) -> dict[str, Any]:
        """The answer to the client, digest included. Assets are counted by the caller: they follow from it."""
        body: dict[str, Any] = {
            "kind": self.kind,
            "phase": self.phase,
            "flows": [str(flow.id)],
            "phases": list(self.targets),
            "targets": self.targets,
            "datasets": list(self.datasets),
            "decisions": list(self.decisions),
            "handoffs": [],
            "effects": [
                {
                    "unit": a.unit_key,
                    "phase": a.phase,
                    "status": a.status,
                    "attempt_id": str(a.id),
                    "epoch": a.epoch,
                }
                for a in self.effects
            ],
            "irreversible": list(self.irreversible),
        }
        pointers = {p.name: str(p.active_attempt_id) for p in flow.phases}
        canonical = json.dumps([body, pointers, flow.status], sort_keys=True, separators=(",", ":"))
        return {
            **body,
            "digest": hashlib.sha256(canonical.encode()).hexdigest(),
            "seconds": 1 + 5 * len(self.effects),
        }


def plan_rollback(flow: Flow, kind: str, phase: str | None) -> RollbackPlan:
    """Raises Refused when there is nothing to roll back or the kind does not fit the flow."""
    if flow.status is FlowStatus.DRAFT:
        raise Refused("nothing_to_roll_back", "The flow is a draft: nothing has happened yet.")
    if flow.status is FlowStatus.ROLLING_BACK:
        raise Refused("rollback_running", "A rollback of this flow is under way; wait for it or resume it.")
    if kind == "selective":
        raise Refused("not_selective", "No phase of this flow declares a key to roll back selectively.")
    targets: dict[str, str | None] = {p.name: None for p in flow.phases}
    if kind == "phase":
        targets = _phase_targets(flow, phase)
    closure = set(targets)
    effects = _effects(flow, targets)
    return RollbackPlan(
        kind=kind,
        phase=phase if kind == "phase" else None,
        targets=targets,
        datasets=_datasets(flow, targets),
        decisions=tuple(d.number for d in flow.decisions if d.phase in closure),
        effects=effects,
        irreversible=tuple(_irreversible_name(a) for a in effects if not _can_undo(a)),
    )


def _phase_targets(flow: Flow, name: str | None) -> dict[str, str | None]:
    if name is None or name not in {p.name for p in flow.phases}:
        raise Refused("unknown_phase", f"This flow has no phase {name!r}.", pointer="/phase")
    phase: Phase = flow.phase(name)
    computed = [a for a in flow.attempts.values() if a.kind is AttemptKind.EXECUTE and a.phase == name]
    if phase.active_attempt_id is not None and phase.status is PhaseStatus.ROLLED_BACK:
        computed = [a for a in computed if a.id == phase.active_attempt_id]
    if not computed:
        raise Refused("nothing_to_roll_back", f"Phase {name} has not been started.", pointer="/phase")
    latest = max(computed, key=lambda a: a.sequence)
    if phase.status is PhaseStatus.ROLLED_BACK and phase.active_attempt_id is None:
        raise Refused("nothing_to_roll_back", f"Phase {name} is already rolled back.", pointer="/phase")
    assert latest.pointers_before is not None
    return dict(latest.pointers_before)


def _effects(flow: Flow, targets: dict[str, str | None]) -> tuple[Attempt, ...]:
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
