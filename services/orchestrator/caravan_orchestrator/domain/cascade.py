"""A rollback over all flows that have grown from one: planned as a whole, started at once, undone leaves first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.model import Flow, Rollback
from caravan_orchestrator.domain.rollback_plan import (
    Closure,
    check_standing,
    phase_targets,
    plan_part,
    plan_rollback,
    whole_flow,
)
from caravan_orchestrator.domain.rolling_back import (
    Ordered,
    begin_part,
    begin_undo,
    finish_rollback,
    resume_rollback,
    wait_for_descendants,
)
from caravan_orchestrator.domain.selective import Choice, plan_selective
from caravan_orchestrator.domain.states import FlowStatus

CASCADE, SELECTIVE = "cascade", "selective"


@dataclass(frozen=True, slots=True)
class RollbackOrder:
    """What is asked for, by whom and why; `digest` is of the plan they saw.

    `accepted`: effects that can't be undone, by name. `keys`, `before`: of a selective one, as in `Choice`.
    """

    kind: str
    phase: str | None
    digest: str
    actor: str
    reason: str
    accepted: Sequence[str] = ()
    keys: Sequence[str] = ()
    before: UUID | None = None


def plan_closure(
    flows: Mapping[UUID, Flow], root: UUID, kind: str, phase: str | None, choice: Choice | None = None
) -> Closure:
    """`flows`: the one it was asked for and all that have grown from it. Raises Refused, with the cascade as its offer
    where the kind would leave a flow without what it has grown from.

    A selective one leaves a whole result behind: what has grown from the flow hears of it by the next handoff, like of
    any phase that was executed again.
    """
    flow = flows[root]
    if kind == SELECTIVE:
        return plan_selective(flow, phase, choice)
    standing = {id_: each for id_, each in flows.items() if id_ == root or _stands(each)}
    if kind == CASCADE:
        return _plan_cascade(standing, flow, phase)
    if len(standing) == 1:
        return plan_rollback(flow, kind, phase)
    offered = _plan_cascade(standing, flow, phase if kind == "phase" else None)
    raise _has_children(flow, offered)


def _stands(flow: Flow) -> bool:
    return flow.status is not FlowStatus.ROLLED_BACK


def _has_children(flow: Flow, offered: Closure) -> Refused:
    described = offered.describe()
    names = ", ".join(f"{part['name']} ({part['flow_type']})" for part in described["parts"][:-1])
    members = ("kind", "phase", "digest", "flows", "parts")
    return Refused(
        "has_children",
        f"Other flows have grown from {flow.name}: {names}. Roll them back with it: kind cascade.",
        offer={"cascade": {name: described[name] for name in members}},
    )


def _plan_cascade(flows: Mapping[UUID, Flow], root: Flow, phase: str | None) -> Closure:
    """All of every flow that has grown from it; of the flow itself the phase and what comes after, or all."""
    check_standing(root)
    busy = next((f for f in flows.values() if f.status is FlowStatus.ROLLING_BACK), None)
    if busy is not None:
        raise Refused(
            "rollback_running", f"A rollback of {busy.name}, which has grown from it, is under way."
        )
    parts = []
    for flow in leaves_first(flows.values()):
        named = phase if flow.id == root.id else None
        targets = whole_flow(flow) if named is None else phase_targets(flow, named)
        parts.append((flow, plan_part(flow, named, targets)))
    return Closure(CASCADE, phase, tuple(parts))


def leaves_first(flows: Iterable[Flow]) -> list[Flow]:
    """Each after all that have grown from it; of equals the younger one first."""
    known = {flow.id: flow for flow in flows}

    def depth(flow: Flow) -> int:
        above = known.get(flow.parent_flow_id) if flow.parent_flow_id is not None else None
        return 0 if above is None else 1 + depth(above)

    return sorted(known.values(), key=lambda flow: (-depth(flow), -flow.id.int))


def start_closure(drafts: Mapping[UUID, Draft], root: UUID, order: RollbackOrder) -> UUID:
    """Under the locks of all flows: the plan is made anew, and must be the one the client saw. Raises Refused.

    In this one decision every flow stops: no reply of any is a result any more, and none can become a parent.
    """
    choice = Choice(drafts[root].definition, tuple(order.keys), order.before)
    flows = {id_: draft.flow for id_, draft in drafts.items()}
    closure = plan_closure(flows, root, order.kind, order.phase, choice)
    described = closure.describe()
    if described["digest"] != order.digest:
        raise Refused(
            "stale_digest", "The flow has changed since the plan was made; plan the rollback again."
        )
    missing = [name for name in closure.irreversible if name not in order.accepted]
    if missing:
        raise Refused(
            "irreversible", f"These effects can't be undone and must be accepted by name: {missing}."
        )
    id_ = drafts[root].make_id()
    for flow, plan in closure.parts:
        own = flow.id == root
        shown = described if own else Closure(order.kind, None, ((flow, plan),)).describe()
        ordered = Ordered(id_, order.kind, order.digest, order.actor, order.reason, tuple(order.accepted))
        begin_part(drafts[flow.id], plan, shown, ordered, is_root=own)
    carry_on(drafts, id_)
    return id_


def carry_on(drafts: Mapping[UUID, Draft], rollback_id: UUID) -> None:
    """Begins the undo of every flow whose turn has come: all that has grown from it is as it was before."""
    waiting = parts_of(drafts, rollback_id)
    for draft in [drafts[flow.id] for flow in leaves_first(draft.flow for draft in waiting)]:
        above = [each for each in waiting if each.flow.parent_flow_id == draft.flow.id]
        if _rollback(draft).status != "queued":
            continue
        if all(_rollback(each).status == "restored" for each in above):
            begin_undo(draft)
        else:
            wait_for_descendants(draft)


def resume_closure(drafts: Mapping[UUID, Draft], rollback_id: UUID, actor: str) -> None:
    """Wherever it has stopped, in whatever flow. Raises Refused when it has stopped nowhere."""
    stopped = [draft for draft in parts_of(drafts, rollback_id) if _rollback(draft).status == "operator"]
    if not stopped:
        raise Refused("rollback_running", "The rollback is under way; there is nothing to resume.")
    for draft in stopped:
        resume_rollback(draft, actor)
    carry_on(drafts, rollback_id)


def finish_closure(drafts: Mapping[UUID, Draft], rollback_id: UUID, proof: Mapping[str, Any]) -> None:
    """The proof covers all flows: they are at rest together, or wait for an operator with the one that was named."""
    for draft in parts_of(drafts, rollback_id):
        if _rollback(draft).id == rollback_id:
            finish_rollback(draft, proof)
        elif proof.get("holds"):
            finish_rollback(draft, {"holds": True, "proved_with": str(rollback_id)})


def parts_of(drafts: Mapping[UUID, Draft], rollback_id: UUID) -> list[Draft]:
    return [d for d in drafts.values() if d.flow.rollback and d.flow.rollback.whole_id == rollback_id]


def waits_for_proof(drafts: Mapping[UUID, Draft], rollback_id: UUID) -> Draft | None:
    """The flow that was named, when all pointers are back."""
    found = (draft for draft in parts_of(drafts, rollback_id) if _rollback(draft).id == rollback_id)
    return next((draft for draft in found if _rollback(draft).status == "proving"), None)


def _rollback(draft: Draft) -> Rollback:
    assert draft.flow.rollback is not None
    return draft.flow.rollback
