"""What a refresh has to compute anew: a stale phase whose inputs came out as they were keeps its result."""

from collections.abc import Mapping
from typing import Any

from caravan_common.contracts import LEARNED, DecisionKind
from caravan_orchestrator.domain.commands import MissingInput, recorded_inputs
from caravan_orchestrator.domain.draft import SYSTEM, Draft
from caravan_orchestrator.domain.model import Phase
from caravan_orchestrator.domain.states import PhaseStatus


def next_to_refresh(draft: Draft) -> Phase | None:
    """The first stale phase whose inputs have changed; those before it that have not are stale no more.

    Null where a phase that is not done comes first: it is run like in any flow, and the refresh goes on after it.
    Null, too, when the refresh is over: nothing is left, or the next one has effects in the outside world, which
    are repeated only when a person executes that very phase.
    """
    for phase in draft.flow.phases:
        if not _shows_its_result(phase):
            return None
        if not phase.stale or phase.active_attempt_id is None:
            continue
        if not inputs_have_changed(draft, phase):
            draft.change_phase(phase.name, stale=False)
            draft.event("phase.kept", {"phase": phase.name})
            draft.audit(SYSTEM, "phase.kept", phase.name, {"attempt": str(phase.active_attempt_id)})
        elif draft.definition.phase(phase.name).has_units:
            break
        else:
            return phase
    draft.change_flow(refreshing=False, stale=any(phase.stale for phase in draft.flow.phases))
    return None


def note_reference_tables(draft: Draft, recorded: Mapping[str, Mapping[str, Any] | None]) -> bool:
    """Marks stale, with all after them, the phases whose result was computed with other reference tables.

    `recorded`: what was recorded with the result that a phase shows, by phase. Whether any was marked.
    """
    changed = [
        phase
        for phase in draft.flow.phases
        if not phase.stale and phase.name in recorded
        if given_tables_have_changed(draft, phase.name, recorded[phase.name])
    ]
    if not changed:
        return False
    for later in draft.flow.later_phases(changed[0].name, including=True):
        if later.active_attempt_id is not None and not later.stale:
            draft.change_phase(later.name, stale=True)
    draft.change_flow(stale=True)
    return True


def note_other_edits(draft: Draft, editing: str) -> None:
    """Marks stale what shows the plan, as a roadmap does, and was computed before other edits came to be in force.

    Those are the phases that are given edits, but for the one that carries them out and those that it reads: what is
    edited is planned anew only when somebody says so.
    """
    plan = {each.phase for each in draft.definition.phase(editing).inputs}
    for phase in draft.flow.phases:
        takes_edits = DecisionKind.EDIT in draft.definition.phase(phase.name).decision_kinds
        concerned = takes_edits and phase.name != editing and phase.name not in plan
        if concerned and _shows_its_result(phase) and phase.active_attempt_id is not None and not phase.stale:
            draft.change_phase(phase.name, stale=True)
    draft.change_flow(stale=any(phase.stale for phase in draft.flow.phases))


def given_tables_have_changed(draft: Draft, phase: str, recorded: Mapping[str, Any] | None) -> bool:
    """Whether another reference table is in force, or another dataset handed over, than those among the recorded
    inputs of a computation."""
    then = dict((recorded or {}).get("datasets", {}))
    tables, handed = draft.flow.reference_tables, draft.flow.handed
    now = {each.manifest.name: each.manifest.artifact.sha256 for each in handed}
    now |= {name: table.artifact.sha256 for name, table in tables.items()}
    inputs = draft.definition.phase(phase).inputs
    wanted = [each.name for each in inputs if each.reference or (each.phase is None and each.name != LEARNED)]
    return any(then.get(name) != now.get(name) for name in wanted)


def _shows_its_result(phase: Phase) -> bool:
    """Also one that waits for answers to what its result asks."""
    waits_for_answers = phase.status is PhaseStatus.WAITING and phase.reason == "questions"
    return waits_for_answers or phase.status in (PhaseStatus.COMPLETED, PhaseStatus.SKIPPED)


def inputs_have_changed(draft: Draft, phase: Phase) -> bool:
    """Against those recorded when the result it shows was computed; what was never recorded has changed."""
    try:
        now = recorded_inputs(draft.flow, draft.definition, phase.name, draft.flow.decision_sequence)
    except MissingInput:
        return True
    return phase.inputs is None or dict(phase.inputs) != now
