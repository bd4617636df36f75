"""How a completed flow hands over: asked for, given out, checked, delivered to a child. No flow type is named."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from caravan_common.contracts import (
    DatasetManifest,
    ErrorInfo,
    ErrorKind,
    FlowDefinition,
    HandoffBuilt,
    RuleResult,
)
from caravan_orchestrator.domain import guards
from caravan_orchestrator.domain.attempts import give_out
from caravan_orchestrator.domain.draft import SYSTEM, Draft
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.domain.model import Attempt, Flow, HandedOver, Handoff, Phase
from caravan_orchestrator.domain.packages import handoff_of, holdings
from caravan_orchestrator.domain.states import AttemptKind, AttemptStatus, FlowStatus, HandoffStatus

_PACKED: TypeAdapter[tuple[HandedOver, ...]] = TypeAdapter(tuple[HandedOver, ...])
# Configuration: the flow type that a chain goes on to by itself, and no further.
THROUGH = "through"


def request_following(draft: Draft) -> None:
    """Where the chain goes on by itself; and always to a child that an earlier result was handed over to."""
    children = {handoff.target_flow_type for handoff in draft.flow.handoffs if _stands(handoff)}
    following = _following(draft)
    for target in sorted(children | ({following} if following is not None else set())):
        _add_request(draft, target, None)


def _following(draft: Draft) -> str | None:
    flow, through = draft.flow, draft.flow.configuration.get(THROUGH)
    if not flow.auto_advance or through is None or through == flow.flow_type:
        return None
    return draft.definition.next_flow_type


def _stands(handoff: Handoff) -> bool:
    return handoff.status is HandoffStatus.ACCEPTED and handoff.child_lives


def request_handoff(draft: Draft, actor: str, target: str | None) -> UUID:
    """By a person; also after one that failed. `target`: a flow type, the definition's next one when absent."""
    flow, wanted = draft.flow, target or draft.definition.next_flow_type
    if wanted is None:
        raise Refused(
            "no_next_flow_type",
            f"Nothing follows a flow of type {flow.flow_type}; name a target_flow_type.",
            status=422,
            pointer="/target_flow_type",
        )
    if wanted == flow.flow_type:
        raise Refused(
            "no_next_flow_type",
            f"A flow of type {wanted} can't be handed over to its own type.",
            status=422,
            pointer="/target_flow_type",
        )
    if not guards.parent_is_completed(flow):
        raise Refused(
            "not_completed", f"Only a completed flow can be handed over; this one is {flow.status}."
        )
    if any(each.is_open and each.target_flow_type == wanted for each in flow.handoffs):
        raise Refused("handoff_running", f"A handoff to {wanted} is under way; see GET …/handoffs.")
    handoff = _add_request(draft, wanted, actor)
    draft.audit(actor, "handoff.requested", wanted, {"handoff": str(handoff.id)})
    return handoff.id


def _add_request(draft: Draft, target: str, actor: str | None) -> Handoff:
    handoff = Handoff(draft.make_id(), target, HandoffStatus.REQUESTED, requested_by=actor)
    draft.event("handoff.requested", {"handoff": str(handoff.id), "target_flow_type": target})
    return draft.change_handoff(handoff)


def begin_handoff(draft: Draft, handoff: Handoff, target: FlowDefinition | None) -> None:
    """Gives the building out; or says that nobody has announced the target yet, and looks again later."""
    if target is None:
        _wait_for_target(draft, handoff)
        return
    handoff = draft.change_handoff(
        handoff,
        status=HandoffStatus.BUILDING,
        target_version=target.version,
        wanted=target.handoff_inputs,
        error=None,
    )
    sequence = draft.flow.attempt_sequence + 1
    draft.change_flow(attempt_sequence=sequence)
    # Its phase is the last one: the policies of what ends the flow are those of what hands it over.
    last = draft.flow.phases[-1].name
    give_out(draft, draft.put_attempt(Attempt(handoff.id, AttemptKind.HANDOFF, last, sequence)))


def _wait_for_target(draft: Draft, handoff: Handoff) -> None:
    if handoff.error is not None:
        return
    words = (
        f"No service has announced the flow type {handoff.target_flow_type}; "
        "the handoff goes on by itself once one has."
    )
    error = ErrorInfo(kind=ErrorKind.RETRIABLE, code="target_not_announced", message=words)
    draft.change_handoff(handoff, error=error)
    draft.event("handoff.waiting", {"handoff": str(handoff.id), "code": error.code, "message": words})


def take_package(draft: Draft, attempt: Attempt, reply: HandoffBuilt) -> None:
    """Checks rules and ranges itself as well: the worker's word alone makes no child."""
    handoff = handoff_of(draft.flow, attempt.id)
    if not guards.parent_is_completed(draft.flow):
        draft.change_handoff(handoff, status=HandoffStatus.WITHDRAWN, ended_at=draft.now)
        draft.end_attempt(attempt, AttemptStatus.CANCELLED)
        return
    rules = (*reply.rules, *_broken_promises(draft.flow, handoff, reply))
    handoff = draft.change_handoff(
        handoff, package=_package(draft.flow, reply), rules=rules, digest=reply.digest
    )
    broken = [f"{rule.rule}: {rule.detail}" for rule in rules if not rule.passed]
    if broken:
        error = ErrorInfo(kind=ErrorKind.PERMANENT, code="handoff_rules", message="; ".join(broken))
        handoff_failed(draft, attempt, error)
        return
    draft.end_attempt(attempt, AttemptStatus.SUCCEEDED, error=None)
    draft.change_handoff(handoff, status=HandoffStatus.READY, error=None)


def _broken_promises(flow: Flow, handoff: Handoff, reply: HandoffBuilt) -> Iterator[RuleResult]:
    """Only what does not hold: the worker has told the rest."""
    ours = {each.manifest.name: each.manifest for each in holdings(flow)}
    brought = {manifest.name: manifest for manifest in reply.datasets}
    for name, manifest in brought.items():
        if ours.get(name) != manifest:
            yield RuleResult(rule=f"{name} is the flow's own", passed=False, detail="it is another dataset")
    for want in handoff.wanted or ():
        found: DatasetManifest | None = brought.get(want.name)
        if found is None and not want.optional:
            detail = f"{handoff.target_flow_type} needs it and it was not made"
            yield RuleResult(rule=f"{want.name} is handed over", passed=False, detail=detail)
        elif found is not None and not want.min_version <= found.version <= want.max_version:
            detail = f"version {found.version}, read are {want.min_version} to {want.max_version}"
            yield RuleResult(rule=f"{want.name} can be read", passed=False, detail=detail)


def _package(flow: Flow, reply: HandoffBuilt) -> dict[str, Any]:
    brought = {manifest.name for manifest in reply.datasets}
    packed = tuple(each for each in holdings(flow) if each.manifest.name in brought)
    return {"datasets": _PACKED.dump_python(packed, mode="json"), "summary": dict(reply.summary)}


def handoff_failed(draft: Draft, attempt: Attempt, error: ErrorInfo) -> None:
    """The flow itself is untouched; a new handoff can be asked for."""
    handoff = handoff_of(draft.flow, attempt.id)
    if draft.flow.attempts[attempt.id].is_open:
        draft.end_attempt(attempt, AttemptStatus.FAILED, error=error)
    draft.change_handoff(handoff, status=HandoffStatus.FAILED, error=error, ended_at=draft.now)
    facts = {"target_flow_type": handoff.target_flow_type, "code": error.code, "message": error.message}
    draft.event("handoff.failed", {"handoff": str(handoff.id), **facts})
    draft.audit(SYSTEM, "handoff.failed", str(handoff.id), facts)


def living_child(flow: Flow, target: str) -> UUID | None:
    """The child of that type that an earlier handoff made."""
    children = [
        each.target_flow_id for each in flow.handoffs if _stands(each) if each.target_flow_type == target
    ]
    return children[-1] if children else None


def resting_children(flow: Flow, target: str) -> list[UUID]:
    """Children of that type that earlier handoffs made and that, when the flow was read, did not live."""
    accepted = (each for each in flow.handoffs if each.status is HandoffStatus.ACCEPTED)
    return [
        each.target_flow_id
        for each in accepted
        if each.target_flow_id is not None and each.target_flow_type == target and not each.child_lives
    ]


def is_living(child: Flow) -> bool:
    """As `Handoff.child_lives`."""
    gone = child.status in (FlowStatus.CANCELLED, FlowStatus.ROLLED_BACK)
    return not gone and child.deleted_at is None


def grown_child(parent: Flow, handoff: Handoff, definition: FlowDefinition, id_: UUID) -> Flow:
    """A draft of the chain's next flow: the parent's estate, configuration and ways, and what was handed over."""
    return Flow(
        id=id_,
        tenant=parent.tenant,
        flow_type=definition.flow_type,
        definition_version=definition.version,
        name=parent.name,
        status=FlowStatus.DRAFT,
        estate_id=parent.estate_id,
        configuration=_handed_configuration(parent, definition.flow_type),
        auto_advance=parent.auto_advance,
        auto_accept=parent.auto_accept,
        parent_flow_id=parent.id,
        phases=tuple(Phase(name, position) for position, name in enumerate(definition.phase_names)),
        handed=_PACKED.validate_python(handoff.package["datasets"]),
        learned=parent.learned,
        reference_tables=parent.reference_tables,
    )


def _handed_configuration(parent: Flow, target: str) -> Mapping[str, Any]:
    """The parent's. Who asks for a flow beyond the chain's end has asked for that one: it ends there again."""
    if parent.configuration.get(THROUGH) != parent.flow_type:
        return parent.configuration
    return {**parent.configuration, THROUGH: target}


def accept_handoff(draft: Draft, handoff: Handoff, child: UUID) -> None:
    """The package is the child's. What it was given before is replaced."""
    for earlier in draft.flow.handoffs:
        if earlier.status is HandoffStatus.ACCEPTED and earlier.target_flow_id == child:
            draft.change_handoff(earlier, status=HandoffStatus.REPLACED)
    draft.change_handoff(
        handoff,
        status=HandoffStatus.ACCEPTED,
        target_flow_id=child,
        child_lives=True,
        ended_at=draft.now,
    )
    facts = {"target_flow_type": handoff.target_flow_type, "child": str(child), "digest": handoff.digest}
    draft.event("handoff.accepted", {"handoff": str(handoff.id), **facts})
    draft.audit(SYSTEM, "handoff.accepted", str(handoff.id), facts)


def renew_child(child: Draft, handoff: Handoff) -> None:
    """A child whose parent came out differently is stale from the first phase that read what has changed: shown, and
    never run again unasked."""
    before = {each.manifest.name: each.manifest.artifact.sha256 for each in child.flow.handed}
    handed = _PACKED.validate_python(handoff.package["datasets"])
    now = {each.manifest.name: each.manifest.artifact.sha256 for each in handed}
    child.change_flow(handed=handed)
    changed = {name for name in before.keys() | now.keys() if before.get(name) != now.get(name)}
    if not changed:
        return
    child.event("flow.handed_over", {"handoff": str(handoff.id), "changed": sorted(changed)})
    child.audit(SYSTEM, "flow.handed_over", str(handoff.id), {"changed": sorted(changed)})
    reading = _first_reader(child.definition, changed)
    if reading is not None:
        for phase in child.flow.later_phases(reading, including=True):
            if phase.active_attempt_id is not None and not phase.stale:
                child.change_phase(phase.name, stale=True)
        child.change_flow(stale=any(phase.stale for phase in child.flow.phases))


def _first_reader(definition: FlowDefinition, names: set[str]) -> str | None:
    for phase in definition.phases:
        if any(each.phase is None and each.name in names for each in phase.inputs):
            return phase.name
    return None
