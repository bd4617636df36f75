"""Builds the command of an attempt from the flow's state: references to what is active now, nothing else."""

import hashlib
import json
from collections.abc import Collection
from typing import Any
from uuid import UUID

from caravan_common.contracts import (
    LEARNED,
    REFERENCE,
    Budget,
    BuildHandoff,
    BuildSelectiveVersion,
    Command,
    CompensateUnit,
    DatasetRef,
    DecisionKind,
    EvaluateEdit,
    ExecutePhase,
    ExecuteUnit,
    FlowDefinition,
    HumanDecision,
)
from caravan_orchestrator.domain.budgets import slice_for
from caravan_orchestrator.domain.model import Attempt, Flow, Spending
from caravan_orchestrator.domain.packages import handed_over, handoff_of, package_inputs
from caravan_orchestrator.domain.states import AttemptKind


class MissingInput(RuntimeError):
    """A phase's declared input is not active: the phase that makes it has not run, or no handoff came with it."""

    def __init__(self, phase: str, dataset: str, why: str = "nothing has made yet") -> None:
        super().__init__(f"phase {phase!r} needs the dataset {dataset!r}, which {why}")


def artifact_prefix(flow: Flow, attempt_id: UUID) -> str:
    """Below it lie all runs of the attempt: tenant/engagement/flow/attempt."""
    return f"{flow.tenant.client_account_id}/{flow.tenant.engagement_id}/{flow.id}/{attempt_id}"


def build_command(
    flow: Flow,
    definition: FlowDefinition,
    attempt: Attempt,
    message_id: UUID,
    *,
    spent: Collection[Spending] = (),
) -> Command:
    """Raises MissingInput. The attempt must already carry the epoch it is given out under.

    `spent`: by crews of the flow so far.
    """
    phase = definition.phase(attempt.phase)
    head = {
        "message_id": message_id,
        "attempt_id": attempt.id,
        "epoch": attempt.epoch,
        "flow_id": flow.id,
        "tenant": flow.tenant,
        "flow_type": flow.flow_type,
        "definition_version": flow.definition_version,
        "artifact_prefix": artifact_prefix(flow, attempt.id),
        "lease_seconds": flow.configuration.get("lease_seconds", 20.0),
        "timeout_seconds": phase.timeout_seconds,
        "outcome_unknown": attempt.outcome_unknown,
        "phase": attempt.phase,
    }
    match attempt.kind:
        case AttemptKind.EXECUTE:
            return ExecutePhase(
                **head,
                inputs=phase_inputs(flow, definition, attempt.phase),
                uploads=flow.uploads if phase.uses_uploads else (),
                configuration=dict(flow.configuration),
                decisions=phase_decisions(flow, definition, attempt.phase, attempt.decisions_upto),
                budget=slice_for(flow, attempt.phase, spent) if phase.uses_crews else Budget(),
            )
        case AttemptKind.UNIT:
            assert attempt.unit is not None
            return ExecuteUnit(**head, unit=attempt.unit, configuration=dict(flow.configuration))
        case AttemptKind.COMPENSATE:
            assert attempt.unit is not None
            assert attempt.rollback_id is not None
            return CompensateUnit(
                **head, unit=attempt.unit, rollback_id=attempt.rollback_id, **_undoing(flow, attempt)
            )
        case AttemptKind.HANDOFF:
            handoff = handoff_of(flow, attempt.id)
            return BuildHandoff(
                **head,
                target_flow_type=handoff.target_flow_type,
                wanted=handoff.wanted or (),
                inputs=package_inputs(flow),
            )
        case AttemptKind.EDIT:
            assert attempt.edit is not None
            return EvaluateEdit(
                **head,
                edit_id=attempt.id,
                base=attempt.edit.base,
                edits=tuple(dict(each) for each in attempt.edit.edits),
                inputs=phase_inputs(flow, definition, attempt.phase),
                configuration=dict(flow.configuration),
                decisions=phase_decisions(flow, definition, attempt.phase, attempt.decisions_upto),
            )
        case AttemptKind.SELECTIVE:
            return BuildSelectiveVersion(**head, **_choosing(flow, attempt))
        case other:
            raise ValueError(f"no command is defined for an attempt of kind {other}")


def _undoing(flow: Flow, compensation: Attempt) -> dict[str, Any]:
    """All receipts heard of by now, and what has to be claimed so that the effect can't begin any more."""
    effect = effect_of(flow, compensation)
    return {
        "receipts": effect.receipts,
        "fence_prefix": artifact_prefix(flow, effect.id),
        "fence_epoch": effect.epoch,
        "ended_epoch": effect.epoch - 1
        if effect.run_id is None and effect.started_at is None
        else effect.epoch,
    }


def _choosing(flow: Flow, attempt: Attempt) -> dict[str, Any]:
    """The rows of the rollback under way: which, and between which versions."""
    assert flow.rollback is not None, "no rollback is under way"
    selection = flow.rollback.plan["selection"]
    before = UUID(selection["before"])
    return {
        "keys": tuple(selection["keys"]),
        "key_column": selection["key_column"],
        "current": tuple(d.manifest for d in flow.datasets if d.phase == attempt.phase),
        "before": tuple(d.manifest for d in flow.earlier if d.attempt_id == before),
    }


def effect_of(flow: Flow, compensation: Attempt) -> Attempt:
    """The attempt whose effect this one undoes."""
    assert flow.rollback is not None, "no rollback is under way"
    step = next(step for step in flow.rollback.steps if step.compensation_id == compensation.id)
    assert step.attempt_id is not None
    return flow.attempts[step.attempt_id]


def phase_inputs(flow: Flow, definition: FlowDefinition, phase: str) -> tuple[DatasetRef, ...]:
    """The active datasets the phase declares, in the order declared, those of its parent's handoff among them; what
    was taught and what reference tables are in force, where it declares them.

    Raises MissingInput.
    """
    active = {(dataset.phase, dataset.manifest.name): dataset for dataset in flow.datasets}
    found: list[DatasetRef] = []
    for wanted in definition.phase(phase).inputs:
        if wanted.phase is None and wanted.name == LEARNED and flow.learned is not None:
            found.append(DatasetRef(flow_type=flow.flow_type, phase=LEARNED, manifest=flow.learned))
        if wanted.reference and (table := flow.reference_tables.get(wanted.name)) is not None:
            found.append(DatasetRef(flow_type=flow.flow_type, phase=REFERENCE, manifest=table))
        if wanted.phase is None:
            if wanted.name == LEARNED or wanted.reference:
                continue
            handed = handed_over(flow, wanted.name)
            if handed is not None:
                found.append(handed)
            elif not wanted.optional:
                raise MissingInput(phase, wanted.name, "no handoff has brought")
            continue
        dataset = active.get((wanted.phase, wanted.name))
        if dataset is not None:
            found.append(DatasetRef(flow_type=flow.flow_type, phase=dataset.phase, manifest=dataset.manifest))
        elif not wanted.optional and flow.phase(wanted.phase).status != "skipped":
            raise MissingInput(phase, wanted.name)
    return tuple(found)


def phase_decisions(
    flow: Flow, definition: FlowDefinition, phase: str, upto: int
) -> tuple[HumanDecision, ...]:
    """Those that concern the phase: no computation sees another phase's, so none can depend on them unseen.

    Edits go to every phase that declares them: one that plans anew keeps what people have locked in the plan, though
    an edit makes only the phase stale that carries it out.
    """
    takes_edits = DecisionKind.EDIT in definition.phase(phase).decision_kinds
    edits = {d.number for d in edits_in_force(flow.decisions, upto)} if takes_edits else frozenset()
    return tuple(
        d
        for d in flow.decisions
        if d.number <= upto
        and (d.number in edits if d.kind is DecisionKind.EDIT and takes_edits else d.phase == phase)
    )


def edits_in_force(decisions: Collection[HumanDecision], upto: int) -> tuple[HumanDecision, ...]:
    """Edits up to that number, oldest first. One that restores an earlier version ({"restore", "upto"}) makes those
    made since that version void, and is none itself."""
    edits = [d for d in decisions if d.kind is DecisionKind.EDIT and d.number <= upto]
    restored = next((d for d in reversed(edits) if "restore" in d.value), None)
    if restored is None:
        return tuple(edits)
    return (
        *edits_in_force(decisions, int(restored.value["upto"])),
        *(d for d in edits if d.number > restored.number),
    )


def recorded_inputs(flow: Flow, definition: FlowDefinition, phase: str, upto: int) -> dict[str, Any]:
    """Digests of all that a computation of the phase is given, decisions up to `upto`: equal inputs, equal result.

    An approval lets a phase begin and is no input of it. Raises MissingInput.
    """
    decisions = phase_decisions(flow, definition, phase, upto)
    numbers = [d.number for d in decisions if d.kind is not DecisionKind.APPROVAL]
    uploads = (
        [[u.name, u.artifact.sha256] for u in flow.uploads] if definition.phase(phase).uses_uploads else []
    )
    return {
        "datasets": {
            ref.manifest.name: ref.manifest.artifact.sha256 for ref in phase_inputs(flow, definition, phase)
        },
        **{
            name: _digest(value)
            for name, value in (
                ("uploads", uploads),
                ("decisions", numbers),
                ("configuration", dict(flow.configuration)),
            )
            if value
        },
    }


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
