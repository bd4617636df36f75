"""Edits of a plan: evaluated by an attempt that changes nothing, then accepted as a numbered decision, or dropped.

The plan is the dataset that the phase makes which takes decisions of kind EDIT. Accepting is an order: the phase runs
anew with the decision, so that a plan is always what its inputs and decisions give. docs/decisions/ADR-020.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from caravan_common.contracts import (
    DatasetRef,
    DecisionKind,
    EditEvaluated,
    ErrorInfo,
    FlowDefinition,
    HumanDecision,
)
from caravan_orchestrator.domain.attempts import give_out, open_attempt
from caravan_orchestrator.domain.commands import MissingInput, edits_in_force, recorded_inputs
from caravan_orchestrator.domain.control import refuse_out_of_order, refuse_while_busy
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.model import (
    ActiveDataset,
    AnsweredEdit,
    Attempt,
    EditRequest,
    NewEdit,
)
from caravan_orchestrator.domain.people import record_decision
from caravan_orchestrator.domain.phases import start_phase
from caravan_orchestrator.domain.staleness import note_other_edits
from caravan_orchestrator.domain.states import AttemptKind, AttemptStatus, FlowStatus

_TAKES_NONE = (FlowStatus.DRAFT, FlowStatus.CANCELLED, FlowStatus.ROLLING_BACK, FlowStatus.ROLLED_BACK)
PLAN = "plan"


def editing_phase(definition: FlowDefinition) -> str:
    """The last phase that takes edits: those before it take them into account. Raises Refused."""
    for phase in reversed(definition.phases):
        if DecisionKind.EDIT in phase.decision_kinds:
            return phase.name
    raise Refused("not_decided_here", f"No phase of a {definition.flow_type} flow takes edits.")


def ask_edit(draft: Draft, *, plan: UUID, edits: Sequence[Mapping[str, Any]], actor: str) -> Attempt:
    """Gives out an attempt that says what the edits of the plan in force would cause. Raises Refused."""
    flow = draft.flow
    if flow.status in _TAKES_NONE:
        raise Refused("not_running", f"A flow that is {flow.status} takes no edits.")
    if flow.paused_at is not None:
        raise Refused("paused", "The flow is paused; resume it first.")
    base = plan_in_force(draft, plan)
    phase = editing_phase(draft.definition)
    ref = DatasetRef(flow_type=flow.flow_type, phase=base.phase, manifest=base.manifest)
    attempt = open_attempt(
        draft, AttemptKind.EDIT, phase, edit=EditRequest(base=ref, edits=tuple(dict(e) for e in edits))
    )
    try:
        given = give_out(draft, attempt)
    except MissingInput as missing:
        raise Refused("phase_order", f"The plan can't be edited yet: {missing}.") from missing
    draft.edits.append(NewEdit(attempt.id, phase, base.id, tuple(edits), actor))
    draft.audit(actor, "edit.asked", str(attempt.id), {"plan": str(plan), "edits": list(edits)})
    return given


def plan_in_force(draft: Draft, plan: UUID) -> ActiveDataset:
    """Raises Refused when the flow shows another one by now."""
    phase = editing_phase(draft.definition)
    shown = draft.flow.phase(phase).active_attempt_id is not None
    for dataset in draft.flow.datasets:
        # Before the phase has run for the first time, the plan is what it starts from.
        if dataset.id == plan and (dataset.phase == phase or not shown):
            return dataset
    raise Refused(
        "plan_changed", "Another version of the plan is in force by now; read that one and edit it."
    )


def edit_was_evaluated(draft: Draft, attempt: Attempt, reply: EditEvaluated) -> None:
    """The flow stays as it is; whoever asked is told."""
    draft.end_attempt(attempt, AttemptStatus.SUCCEEDED, error=None, lease_losses=0)
    draft.answered_edits.append(AnsweredEdit(attempt.id, dict(reply.result)))
    _tell(draft, attempt, "answered", violations=count_violations(reply.result))


def edit_has_failed(draft: Draft, attempt: Attempt, error: ErrorInfo) -> None:
    """Nothing depends on it: no phase fails by it."""
    draft.end_attempt(attempt, AttemptStatus.FAILED, error=error)
    _tell(draft, attempt, "failed", code=error.code, message=error.message)


def _tell(draft: Draft, attempt: Attempt, status: str, **facts: Any) -> None:
    draft.event(f"edit.{status}", {"edit_id": str(attempt.id), "phase": attempt.phase, **facts})


def count_violations(result: Mapping[str, Any]) -> int:
    """Of all kinds together."""
    found = result.get("violations")
    if not isinstance(found, Mapping):
        return 0
    return sum(each if isinstance(each, int) else len(each) for each in found.values())


def accept_edit(
    draft: Draft,
    *,
    edit_id: UUID,
    plan: UUID,
    edits: Sequence[Mapping[str, Any]],
    result: Mapping[str, Any],
    actor: str,
    reason: str | None,
) -> HumanDecision:
    """A decision, and the phase runs at once: the next version of the plan holds the edits. Raises Refused.

    Where the service answered with the edits as it understood them ("edits"), those stand: what was said by way of
    the plan shown, such as "lock it where it is", must mean the same of every later plan.
    """
    plan_in_force(draft, plan)
    understood = result.get("edits")
    stands = understood if isinstance(understood, list) and len(understood) == len(edits) else edits
    value = {"edit_id": str(edit_id), "edits": [dict(each) for each in stands]}
    old = {"plan": str(plan), "violations": result.get("violations")}
    return _decide(draft, str(edit_id), value, old, actor, reason)


def drop_edit(draft: Draft, *, edit_id: UUID, actor: str) -> None:
    """What nobody has answered yet is answered no more."""
    attempt = draft.flow.attempts.get(edit_id)
    if attempt is not None and attempt.is_open:
        if attempt.epoch > 0:
            draft.cancel_run(attempt, None, "edit discarded")
        draft.end_attempt(attempt, AttemptStatus.CANCELLED)
    draft.audit(actor, "edit.discarded", str(edit_id))


def restore_plan(draft: Draft, *, plan: UUID, made_by: UUID, actor: str, reason: str | None) -> HumanDecision:
    """The edits made after that version no longer count. Raises Refused when it was made of other inputs: then the
    same edits would give another plan."""
    phase = editing_phase(draft.definition)
    if draft.flow.phase(phase).active_attempt_id == made_by:
        raise Refused("plan_in_force", "This version of the plan is in force already.")
    attempt = draft.flow.attempts.get(made_by)
    if attempt is None or attempt.phase != phase or attempt.kind is not AttemptKind.EXECUTE:
        raise Refused("not_a_version", f"Only a version that phase {phase} has made can be restored.")
    upto = attempt.decisions_upto
    if _made_of(draft, phase, attempt) is False:
        raise Refused(
            "other_inputs",
            "What the plan is made of has changed since that version; roll the earlier phases back instead.",
        )
    value = {"restore": str(plan), "upto": upto}
    now = [d.number for d in edits_in_force(draft.flow.decisions, draft.flow.decision_sequence)]
    return _decide(draft, PLAN, value, {"decisions": now}, actor, reason)


def _made_of(draft: Draft, phase: str, attempt: Attempt) -> bool:
    """Whether that computation had the datasets and the configuration of today."""
    try:
        now = recorded_inputs(draft.flow, draft.definition, phase, attempt.decisions_upto)
    except MissingInput:
        return False
    then = dict(attempt.inputs or {})
    return all(then.get(name) == now.get(name) for name in ("datasets", "configuration"))


def _decide(
    draft: Draft,
    subject: str,
    value: Mapping[str, Any],
    old: Mapping[str, Any],
    actor: str,
    reason: str | None,
) -> HumanDecision:
    phase = editing_phase(draft.definition)
    refuse_while_busy(draft.flow, "take in an edit")
    refuse_out_of_order(draft.flow, phase)
    made = record_decision(
        draft,
        kind=DecisionKind.EDIT,
        phase=phase,
        subject=subject,
        value=dict(value),
        old=dict(old),
        actor=actor,
        reason=reason,
    )
    note_other_edits(draft, phase)
    start_phase(draft, phase)
    return made
