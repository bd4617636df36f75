"""Orders of the orchestrator to a worker service. All but CancelAttempt are attempts with an epoch."""

from typing import Any
from uuid import UUID

from pydantic import Field

from caravan_common.contracts._base import Message, Model, Tenant
from caravan_common.contracts.datasets import DatasetManifest, DatasetRef, UploadRef
from caravan_common.contracts.decisions import HumanDecision
from caravan_common.contracts.units import Receipt, UnitSpec
from caravan_common.contracts.usage import Budget


class Command(Message):
    """`artifact_prefix` is the only place its runs may write below; names begin with epoch and run_id."""

    attempt_id: UUID
    epoch: int = Field(ge=1)
    flow_id: UUID
    tenant: Tenant
    flow_type: str
    definition_version: str
    artifact_prefix: str
    lease_seconds: float = 20.0
    timeout_seconds: float = 3600.0
    outcome_unknown: bool = False


class ExecutePhase(Command):
    """Compute a phase: inputs, configuration and decisions in; PhaseCompleted or PhaseFailed out.

    `scope` limits the work to the named applications or assets (empty: everything).
    """

    phase: str
    inputs: tuple[DatasetRef, ...] = ()
    uploads: tuple[UploadRef, ...] = ()
    configuration: dict[str, Any] = Field(default_factory=dict)
    decisions: tuple[HumanDecision, ...] = ()
    budget: Budget = Budget()


class ExecuteUnit(Command):
    """Carry out one effect. With `outcome_unknown`, begin with its check."""

    phase: str
    unit: UnitSpec
    configuration: dict[str, Any] = Field(default_factory=dict)


class CompensateUnit(Command):
    """Undo one effect by its receipts (of every run ever heard of, stale ones included).

    First claim every epoch up to `fence_epoch` below `fence_prefix` (that of the unit's attempt), so that no
    ExecuteUnit still on its way can begin afterwards. A claim that a run holds: up to `ended_epoch` that run is
    known to have ended; above, abandon with `effect_claimed`. No fence_prefix: nothing to fence.
    """

    phase: str
    unit: UnitSpec
    receipts: tuple[Receipt, ...] = ()
    rollback_id: UUID
    fence_prefix: str = ""
    fence_epoch: int = 0
    ended_epoch: int = 0


class HandoffInput(Model):
    """A dataset the target flow type declares, with the range of schema majors it reads."""

    name: str
    min_version: int = 1
    max_version: int = 1
    optional: bool = False


class BuildHandoff(Command):
    """Package a completed flow for `target_flow_type`."""

    target_flow_type: str
    wanted: tuple[HandoffInput, ...]
    inputs: tuple[DatasetRef, ...] = ()


class EvaluateEdit(Command):
    """Answer what an edit of `base` would cause, changing nothing. `decisions` are the phase's, edits in force among
    them."""

    phase: str
    edit_id: UUID
    base: DatasetRef
    edits: tuple[dict[str, Any], ...]
    inputs: tuple[DatasetRef, ...] = ()
    configuration: dict[str, Any] = Field(default_factory=dict)
    decisions: tuple[HumanDecision, ...] = ()


class BuildSelectiveVersion(Command):
    """Rebuild `current` so that the rows of `keys` are as in `before` and all others are unchanged."""

    phase: str
    keys: tuple[str, ...]
    key_column: str
    current: tuple[DatasetManifest, ...]
    before: tuple[DatasetManifest, ...]


class CancelAttempt(Message):
    """A hint to every replica: stop this run. Null run_id: stop all runs of the attempt up to `epoch`."""

    attempt_id: UUID
    epoch: int
    run_id: UUID | None = None
    reason: str = "cancelled"
