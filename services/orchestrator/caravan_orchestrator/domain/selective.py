"""Rolling back chosen keys of a phase: their rows as before, all others as they are. docs/decisions/ADR-027.

Only phases that declare `selective_by`. The service builds the version; here it is planned, and taken in as a result.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from caravan_common.contracts import (
    DatasetManifest,
    DecisionKind,
    ErrorInfo,
    ErrorKind,
    FlowDefinition,
    HumanDecision,
    SelectiveVersionBuilt,
)
from caravan_orchestrator.domain.commands import MissingInput, recorded_inputs
from caravan_orchestrator.domain.control import refuse_while_busy
from caravan_orchestrator.domain.draft import SYSTEM, Draft
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.model import Attempt, Flow, Phase
from caravan_orchestrator.domain.phases import mark_followers_stale, show_datasets
from caravan_orchestrator.domain.rollback_plan import (
    Closure,
    Selection,
    check_standing,
    irreversible_among,
    plan_part,
)
from caravan_orchestrator.domain.rolling_back import (
    EFFECT,
    change_step,
    rest_after_selection,
    step_of,
    under_way,
    undo_failed,
)
from caravan_orchestrator.domain.states import AttemptStatus, PhaseStatus

# Approvals let a phase begin and say nothing of its rows; edits are of the whole plan.
_OF_ROWS = frozenset(DecisionKind) - {DecisionKind.APPROVAL, DecisionKind.EDIT}


class Choice(NamedTuple):
    """What is asked for: keys, and the attempt whose rows they get (the version before, when none is named)."""

    definition: FlowDefinition
    keys: tuple[str, ...]
    before: UUID | None = None


def plan_selective(flow: Flow, phase: str | None, choice: Choice | None) -> Closure:
    """Raises Refused: the phase declares no key, shows no result, has no such version before, or something runs."""
    check_standing(flow)
    column, shown = _key_column(flow, phase, choice), flow.phase(phase or "")
    assert choice is not None
    refuse_while_busy(flow, "be rolled back selectively")
    replaced = _replaced(flow, shown)
    before = _before(flow, shown.name, replaced, choice.before)
    keys = tuple(sorted(set(choice.keys)))
    selection = Selection(
        key_column=column,
        keys=keys,
        before=before.id,
        replaced=replaced.id,
        stale=tuple(p.name for p in flow.later_phases(shown.name) if p.active_attempt_id is not None),
    )
    whole = plan_part(flow, shown.name, {shown.name: str(before.id)})
    effects = tuple(effect for effect in whole.effects if _is_of(effect, column, keys))
    part = replace(
        whole,
        decisions=tuple(_withdrawn(flow, shown.name, before, keys)),
        handoffs=(),
        effects=effects,
        irreversible=irreversible_among(effects),
        selection=selection,
    )
    return Closure("selective", shown.name, ((flow, part),))


def _key_column(flow: Flow, phase: str | None, choice: Choice | None) -> str:
    if phase not in {each.name for each in flow.phases}:
        raise Refused("unknown_phase", f"This flow has no phase {phase!r}.", pointer="/phase")
    declared = [] if choice is None else [each for each in choice.definition.phases if each.selective_by]
    column = next((each.selective_by for each in declared if each.name == phase), None)
    if column is None:
        others = ", ".join(each.name for each in declared) or "none of this flow"
        raise Refused(
            "not_selective",
            f"Phase {phase} declares no key to roll back selectively; those that do: {others}.",
            pointer="/phase",
        )
    if choice is None or not choice.keys:
        raise Refused("nothing_to_roll_back", "Name the keys whose rows are to go back.", pointer="/keys")
    return column


def _replaced(flow: Flow, shown: Phase) -> Attempt:
    if shown.status is not PhaseStatus.COMPLETED or shown.active_attempt_id is None:
        raise Refused(
            "nothing_to_roll_back",
            f"Phase {shown.name} is {shown.status}; only rows of a completed phase go back key by key.",
            pointer="/phase",
        )
    return flow.attempts[shown.active_attempt_id]


def _before(flow: Flow, phase: str, replaced: Attempt, wanted: UUID | None) -> Attempt:
    versions = list(earlier_versions(flow, phase, replaced))
    if not versions:
        raise Refused(
            "nothing_to_roll_back",
            f"Phase {phase} has only the version it shows; roll back the phase instead.",
            pointer="/phase",
        )
    found = versions[0] if wanted is None else next((each for each in versions if each.id == wanted), None)
    if found is None:
        listed = ", ".join(str(each.id) for each in versions)
        raise Refused(
            "not_a_version", f"Versions of phase {phase} before this one: {listed}.", pointer="/before"
        )
    return found


def earlier_versions(flow: Flow, phase: str, attempt: Attempt) -> Iterator[Attempt]:
    """Those that rolling back the phase again and again would lead to, the newest first."""
    while (id_ := (attempt.pointers_before or {}).get(phase)) is not None:
        attempt = flow.attempts[UUID(id_)]
        yield attempt


def _is_of(effect: Attempt, column: str, keys: Collection[str]) -> bool:
    return effect.unit is not None and effect.unit.parameters.get(column) in keys


def _withdrawn(flow: Flow, phase: str, before: Attempt, keys: Collection[str]) -> Iterator[int]:
    """What was decided about the keys since: the rows that return know nothing of it. Older decisions are in them."""
    for decision in flow.decisions:
        concerns = decision.phase == phase and decision.kind in _OF_ROWS
        if concerns and decision.number > before.decisions_upto and _subject(flow, decision) in keys:
            yield decision.number


def _subject(flow: Flow, decision: HumanDecision) -> str:
    """An answer goes by the key of its question, which is about something."""
    if decision.kind is DecisionKind.ANSWER:
        return flow.asked_about.get(decision.subject, decision.subject)
    return decision.subject


def take_version(draft: Draft, attempt: Attempt, reply: SelectiveVersionBuilt) -> None:
    """The phase's pointer moves to it: rebuilt datasets, and those without keys as they were."""
    shown = {d.manifest.name: d.manifest for d in draft.flow.datasets if d.phase == attempt.phase}
    built = {manifest.name: manifest for manifest in reply.datasets}
    odd = sorted(
        name for name, each in built.items() if name not in shown or not _is_alike(each, shown[name])
    )
    if odd or not built:
        what = ", ".join(odd) or "no dataset"
        message = f"The service rebuilt {what}, which is not what phase {attempt.phase} shows."
        error = ErrorInfo(kind=ErrorKind.PERMANENT, code="selective_unproved", message=message)
        version_failed(draft, attempt, error)
        return
    draft.end_attempt(attempt, AttemptStatus.SUCCEEDED, error=None, lease_losses=0)
    stale = _stays_stale(draft, attempt)
    show_datasets(draft, attempt, ({**shown, **built}).values())
    _show_in_phase(draft, attempt, reply, stale=stale)
    mark_followers_stale(draft, attempt.phase)
    draft.change_flow(stale=any(phase.stale for phase in draft.flow.phases))
    _finish_undo(draft, attempt, reply)


def version_failed(draft: Draft, attempt: Attempt, error: ErrorInfo) -> None:
    """Where nothing has been undone, nothing has changed: the rollback is over, and the flow as it was. With effects
    undone it waits for an operator like any undo."""
    rollback = under_way(draft)
    if any(step.kind == EFFECT for step in rollback.steps):
        undo_failed(draft, attempt, error)
        return
    draft.end_attempt(attempt, AttemptStatus.FAILED, error=error)
    change_step(draft, step_of(draft, attempt), status="failed", details={"error": error.message})
    draft.change_flow(rollback=replace(under_way(draft), status="failed"))
    told = {"phase": attempt.phase, "code": error.code, "message": error.message}
    draft.event("rollback.failed", {"rollback": str(rollback.id), **told})
    draft.audit(SYSTEM, "rollback.failed", str(rollback.id), told)
    rest_after_selection(draft, rollback)


def _is_alike(built: DatasetManifest, shown: DatasetManifest) -> bool:
    """All but the rows."""
    rows = {"artifact": shown.artifact, "rows": shown.rows, "index_hash": shown.index_hash}
    return built.model_copy(update=rows) == shown


def _stays_stale(draft: Draft, attempt: Attempt) -> bool:
    """Whether the phase has been given anything else since, which the rows that stay do not know either."""
    phase, flow = draft.flow.phase(attempt.phase), draft.flow
    withdrawn = under_way(draft).plan["decisions"]
    since = (d for d in flow.decisions if d.phase == phase.name and d.number > attempt.decisions_upto)
    if any(decision.number not in withdrawn for decision in since):
        return True
    if not phase.stale:
        return False
    try:
        now = recorded_inputs(flow, draft.definition, phase.name, attempt.decisions_upto)
    except MissingInput:
        return True
    return phase.inputs is None or dict(phase.inputs) != now


def _show_in_phase(draft: Draft, attempt: Attempt, reply: SelectiveVersionBuilt, *, stale: bool) -> None:
    before = draft.flow.phase(attempt.phase)
    judged = before.decided_by if reply.decided_by is None else reply.decided_by.model_dump()
    draft.change_phase(
        attempt.phase,
        stale=stale,
        summary={**before.summary, **reply.summary},
        decided_by=judged,
        decisions_upto=attempt.decisions_upto,
        completed_at=draft.now,
    )


def _finish_undo(draft: Draft, attempt: Attempt, reply: SelectiveVersionBuilt) -> None:
    rollback = under_way(draft)
    change_step(draft, step_of(draft, attempt), status="done", details={"proof": dict(reply.proof)})
    withdrawn = set(rollback.plan["decisions"])
    draft.withdrawn.extend(sorted(withdrawn))
    kept = tuple(d for d in draft.flow.decisions if d.number not in withdrawn)
    draft.change_flow(decisions=kept, reason="proving", rollback=replace(under_way(draft), status="proving"))
    selection = rollback.plan["selection"]
    draft.event("rollback.restored", {"rollback": str(rollback.id), "phases": [attempt.phase]})
    details = {"targets": rollback.plan["targets"], "keys": selection["keys"]}
    draft.audit(SYSTEM, "rollback.restored", str(rollback.id), details)
    draft.follow_up("fold", draft.flow.estate_id)
    draft.follow_up("rollback", rollback.whole_id)
