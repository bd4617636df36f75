"""What people order: start, pause, resume, cancel, retry, skip, execute, delete. Raises Refused with the reason."""

from uuid import UUID

from caravan_common.contracts import FlowDefinition
from caravan_orchestrator.domain.attempts import EFFECTS, give_out
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.errors import DoesNotExist, Refused
from caravan_orchestrator.domain.model import Flow, Phase
from caravan_orchestrator.domain.phases import start_next, start_phase
from caravan_orchestrator.domain.rolling_back import resume_rollback
from caravan_orchestrator.domain.states import (
    DONE_PHASES,
    AttemptKind,
    AttemptStatus,
    FlowStatus,
    PhaseStatus,
)
from caravan_orchestrator.domain.units import phase_units, release_units, unsettled_units

_RUNNING = (FlowStatus.ACTIVE, FlowStatus.WAITING)


def new_phases(definition: FlowDefinition) -> tuple[Phase, ...]:
    return tuple(Phase(name=name, position=position) for position, name in enumerate(definition.phase_names))


def start_flow(draft: Draft, actor: str) -> None:
    """A created flow begins with its first phase."""
    draft.event("flow.created", {"flow_type": draft.flow.flow_type, "name": draft.flow.name})
    draft.audit(actor, "flow.created", str(draft.flow.id), {"flow_type": draft.flow.flow_type})
    draft.move_flow(FlowStatus.ACTIVE)
    start_next(draft)


def pause_flow(draft: Draft, actor: str, withdrawn: frozenset[UUID] = frozenset()) -> None:
    """Stops dispatch only: running attempts finish. `withdrawn` are attempts whose command had not been sent."""
    if draft.flow.paused_at is not None:
        return
    if draft.flow.status not in _RUNNING:
        raise Refused("not_running", f"A flow that is {draft.flow.status} can't be paused.")
    draft.change_flow(paused_at=draft.now)
    for attempt in draft.flow.open_attempts:
        if attempt.id in withdrawn or attempt.status is AttemptStatus.DELAYED:
            draft.change_attempt(attempt, status=AttemptStatus.HELD)
    draft.event("flow.paused")
    draft.audit(actor, "flow.paused", str(draft.flow.id))


def resume_flow(draft: Draft, actor: str) -> None:
    """Gives out what pause held back."""
    if draft.flow.paused_at is None:
        raise Refused("not_paused", "The flow is not paused.")
    draft.change_flow(paused_at=None)
    for attempt in draft.flow.open_attempts:
        if attempt.status is AttemptStatus.HELD and attempt.kind is not AttemptKind.UNIT:
            give_out(draft, attempt, attempt.not_before)
    _release_held_units(draft)
    draft.event("flow.resumed")
    draft.audit(actor, "flow.resumed", str(draft.flow.id))


def _release_held_units(draft: Draft) -> None:
    """Those of a phase that failed meanwhile wait for the retry."""
    if draft.flow.status is FlowStatus.FAILED:
        return
    for phase in {a.phase for a in draft.flow.open_attempts if a.kind is AttemptKind.UNIT}:
        release_units(draft, phase)


def cancel_flow(draft: Draft, actor: str, reason: str | None = None) -> None:
    """Ends the flow. Effects already done stay until a rollback undoes them."""
    if draft.flow.status is FlowStatus.CANCELLED:
        return
    if draft.flow.status not in (FlowStatus.DRAFT, FlowStatus.ACTIVE, FlowStatus.WAITING, FlowStatus.FAILED):
        raise Refused("not_running", f"A flow that is {draft.flow.status} can't be cancelled.")
    for attempt in draft.flow.open_attempts:
        if attempt.epoch > 0:
            draft.cancel_run(attempt, None, "flow cancelled")
        if attempt.kind in EFFECTS and attempt.status in (AttemptStatus.DISPATCHED, AttemptStatus.RUNNING):
            continue  # its end must be known before its effect may be undone
        draft.end_attempt(attempt, AttemptStatus.CANCELLED if attempt.epoch == 0 else AttemptStatus.FAILED)
    draft.change_flow(paused_at=None, refreshing=False)
    draft.move_flow(FlowStatus.CANCELLED, reason)
    draft.audit(actor, "flow.cancelled", str(draft.flow.id), {"reason": reason})


def retry_flow(draft: Draft, actor: str) -> None:
    """Resumes a failed flow from the phase that failed, or a rollback that stopped. Nothing done is done again."""
    if draft.flow.status is FlowStatus.ROLLING_BACK:
        resume_rollback(draft, actor)
        return
    if draft.flow.status is not FlowStatus.FAILED:
        raise Refused("not_failed", f"Only a failed flow can be retried; this one is {draft.flow.status}.")
    failed = next(phase for phase in draft.flow.phases if phase.status is PhaseStatus.FAILED)
    draft.audit(actor, "flow.retried", failed.name)
    units = [unit for unit in phase_units(draft.flow, failed.name) if unit.status is AttemptStatus.FAILED]
    if not units:
        start_phase(draft, failed.name)
        return
    draft.move_flow(FlowStatus.ACTIVE)
    draft.move_phase(failed.name, PhaseStatus.ACTIVE, error=None)
    for unit in units:
        draft.change_attempt(unit, status=AttemptStatus.HELD, retries=0, lease_losses=0, ended_at=None)
    release_units(draft, failed.name)


def execute_phase(draft: Draft, actor: str, name: str) -> None:
    """Runs a phase whose predecessors are done; on a completed one, a new attempt beside the old result."""
    _known(draft.flow, name)
    refuse_while_busy(draft.flow, "execute a phase")
    refuse_out_of_order(draft.flow, name, pointer="/phase")
    unsettled = unsettled_units(draft.flow, name)
    if unsettled:
        raise Refused(
            "units_unsettled",
            f"Nobody has answered for these units, which may still begin: {', '.join(unsettled)}; "
            "retry the flow or roll the phase back.",
        )
    draft.audit(actor, "phase.executed", name)
    start_phase(draft, name)


def refuse_out_of_order(flow: Flow, name: str, *, pointer: str | None = None) -> None:
    """Raises Refused while phases before it are to be done."""
    earlier = flow.phases[: flow.phase(name).position]
    missing = [phase.name for phase in earlier if phase.status not in DONE_PHASES]
    if missing:
        raise Refused("phase_order", f"These phases come first: {', '.join(missing)}.", pointer=pointer)


def refresh_flow(draft: Draft, actor: str) -> None:
    """Runs the stale phases in order, but those whose inputs came out as they were when they were computed."""
    refuse_while_busy(draft.flow, "be refreshed")
    if not any(phase.stale for phase in draft.flow.phases):
        raise Refused("nothing_stale", "Nothing was decided or computed since that a phase has not taken in.")
    draft.audit(actor, "flow.refreshed", str(draft.flow.id))
    draft.change_flow(refreshing=True)
    start_next(draft)


def refuse_while_busy(flow: Flow, what: str) -> None:
    """Raises Refused while the flow takes no order to compute."""
    _refuse_without_handoff(flow)
    if flow.status is FlowStatus.ROLLING_BACK or flow.status is FlowStatus.CANCELLED:
        raise Refused("not_running", f"A flow that is {flow.status} can't {what}.")
    if flow.paused_at is not None:
        raise Refused("paused", "The flow is paused; resume it first.")
    # What a handoff packs is withdrawn when the flow goes on; what an edit would cause is said of a plan as it was.
    beside = (AttemptKind.HANDOFF, AttemptKind.EDIT)
    running = next((attempt for attempt in flow.open_attempts if attempt.kind not in beside), None)
    if running is not None:
        raise Refused("phase_running", f"Phase {running.phase} is running; wait for it or cancel.")


def skip_phase(draft: Draft, actor: str, name: str, reason: str | None) -> None:
    """Only a phase that declares it, not running, in its turn."""
    phase = _known(draft.flow, name)
    _refuse_without_handoff(draft.flow)
    if not draft.definition.phase(name).skippable:
        raise Refused("not_skippable", f"Phase {name} can't be skipped: later phases need what it makes.")
    if phase.status in (PhaseStatus.ACTIVE, PhaseStatus.COMPLETED, PhaseStatus.SKIPPED):
        raise Refused("not_skippable", f"Phase {name} is {phase.status}.")
    if draft.flow.status in (FlowStatus.ROLLING_BACK, FlowStatus.CANCELLED):
        raise Refused("not_running", f"A flow that is {draft.flow.status} can't skip a phase.")
    refuse_out_of_order(draft.flow, name)
    draft.move_phase(name, PhaseStatus.SKIPPED, reason)
    draft.audit(actor, "phase.skipped", name, {"reason": reason})
    draft.move_flow(FlowStatus.ACTIVE)
    start_next(draft)


def _refuse_without_handoff(flow: Flow) -> None:
    """What it would read is no longer what the flow before it says."""
    if flow.handoff_revoked:
        raise Refused(
            "handoff_revoked",
            "The flow that this one has grown from was rolled back; a new handoff makes a new flow.",
        )
    if flow.superseded:
        raise Refused(
            "superseded",
            "What this flow has grown from was handed over to another since; go on with that one.",
        )


def delete_flow(draft: Draft, actor: str) -> None:
    """A mark; data stays until retention removes it."""
    if draft.flow.status in (FlowStatus.ACTIVE, FlowStatus.ROLLING_BACK):
        raise Refused(
            "flow_running", f"A flow that is {draft.flow.status} can't be deleted; cancel it first."
        )
    if any(handoff.child_lives for handoff in draft.flow.handoffs):
        raise Refused(
            "flow_has_children",
            "Another flow has grown from this one and would lose what it stands on; delete that one first.",
        )
    if draft.flow.deleted_at is None:
        draft.change_flow(deleted_at=draft.now)
        draft.event("flow.deleted")
        draft.audit(actor, "flow.deleted", str(draft.flow.id))


def _known(flow: Flow, name: str) -> Phase:
    try:
        return flow.phase(name)
    except KeyError:
        raise DoesNotExist("phase") from None
