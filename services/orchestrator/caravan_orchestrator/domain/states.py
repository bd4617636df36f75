"""The states of flows, phases and attempts, and which change may follow which. One line per state."""

from enum import StrEnum


class FlowStatus(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    WAITING = "waiting"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ROLLING_BACK = "rolling_back"
    ROLLED_BACK = "rolled_back"


class PhaseStatus(StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    WAITING = "waiting"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"
    ROLLED_BACK = "rolled_back"


class AttemptStatus(StrEnum):
    HELD = "held"
    DELAYED = "delayed"
    DISPATCHED = "dispatched"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class AttemptKind(StrEnum):
    EXECUTE = "execute"
    UNIT = "unit"
    COMPENSATE = "compensate"
    HANDOFF = "handoff"
    EDIT = "edit"
    SELECTIVE = "selective"


class HandoffStatus(StrEnum):
    """`ready` lasts no longer than the transaction that takes the package in: it delivers it, too."""

    REQUESTED = "requested"
    BUILDING = "building"
    READY = "ready"
    ACCEPTED = "accepted"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    REVOKED = "revoked"


_F, _P = FlowStatus, PhaseStatus

FLOW_CHANGES: dict[FlowStatus, frozenset[FlowStatus]] = {
    # A draft is rolled back only with the flow it has grown from.
    _F.DRAFT: frozenset({_F.ACTIVE, _F.CANCELLED, _F.ROLLING_BACK}),
    _F.ACTIVE: frozenset({_F.WAITING, _F.COMPLETED, _F.FAILED, _F.CANCELLED, _F.ROLLING_BACK}),
    _F.WAITING: frozenset({_F.ACTIVE, _F.COMPLETED, _F.FAILED, _F.CANCELLED, _F.ROLLING_BACK}),
    _F.COMPLETED: frozenset({_F.ACTIVE, _F.ROLLING_BACK}),
    _F.FAILED: frozenset({_F.ACTIVE, _F.CANCELLED, _F.ROLLING_BACK}),
    _F.CANCELLED: frozenset({_F.ROLLING_BACK}),
    _F.ROLLING_BACK: frozenset({_F.WAITING, _F.ROLLED_BACK}),
    _F.ROLLED_BACK: frozenset({_F.ACTIVE, _F.ROLLING_BACK}),
}

PHASE_CHANGES: dict[PhaseStatus, frozenset[PhaseStatus]] = {
    _P.PENDING: frozenset({_P.ACTIVE, _P.WAITING, _P.SKIPPED, _P.ROLLED_BACK}),
    _P.ACTIVE: frozenset({_P.WAITING, _P.COMPLETED, _P.FAILED, _P.ROLLED_BACK}),
    _P.WAITING: frozenset({_P.ACTIVE, _P.COMPLETED, _P.FAILED, _P.SKIPPED, _P.ROLLED_BACK}),
    _P.COMPLETED: frozenset({_P.ACTIVE, _P.ROLLED_BACK}),
    _P.FAILED: frozenset({_P.ACTIVE, _P.SKIPPED, _P.ROLLED_BACK}),
    _P.SKIPPED: frozenset({_P.ACTIVE, _P.ROLLED_BACK}),
    _P.ROLLED_BACK: frozenset({_P.ACTIVE, _P.WAITING, _P.SKIPPED, _P.ROLLED_BACK}),
}

# At rest nothing is expected to happen by itself; every other flow has a next_wakeup_at.
AT_REST: frozenset[FlowStatus] = frozenset(
    {_F.DRAFT, _F.WAITING, _F.COMPLETED, _F.FAILED, _F.CANCELLED, _F.ROLLED_BACK}
)

OPEN_ATTEMPTS: frozenset[AttemptStatus] = frozenset(
    {AttemptStatus.HELD, AttemptStatus.DELAYED, AttemptStatus.DISPATCHED, AttemptStatus.RUNNING}
)
OPEN_HANDOFFS: frozenset[HandoffStatus] = frozenset(
    {HandoffStatus.REQUESTED, HandoffStatus.BUILDING, HandoffStatus.READY}
)
DONE_PHASES: frozenset[PhaseStatus] = frozenset({_P.COMPLETED, _P.SKIPPED})


class ForbiddenChange(RuntimeError):
    """The state machine has no such change: a fault of ours, never of a message."""


def check_flow_change(old: FlowStatus, new: FlowStatus) -> None:
    if new is not old and new not in FLOW_CHANGES[old]:
        raise ForbiddenChange(f"a flow can't go from {old} to {new}")


def check_phase_change(old: PhaseStatus, new: PhaseStatus) -> None:
    if new is not old and new not in PHASE_CHANGES[old]:
        raise ForbiddenChange(f"a phase can't go from {old} to {new}")
