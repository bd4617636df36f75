"""A flow type as its service announces it: phases as data. The orchestrator knows no phase by name."""

import hashlib
import json

from pydantic import Field, model_validator

from caravan_common.contracts._base import Model
from caravan_common.contracts.commands import HandoffInput
from caravan_common.contracts.datasets import DatasetSpec
from caravan_common.contracts.decisions import DecisionKind


class RetryPolicy(Model):
    """Delay before retry n (from 1): min(cap, base × 2^(n-1)), with up to 20 % jitter. Seconds."""

    max_retries: int = Field(default=3, ge=0)
    base_seconds: float = Field(default=2.0, gt=0)
    cap_seconds: float = Field(default=120.0, gt=0)


# An optional input of this name is what the client has taught: columns kind, pattern, value (all String).
LEARNED = "learned"


# A reference table's columns, both String: facts by key, in the words of the service that declares it.
REFERENCE, REFERENCE_COLUMNS = "reference", ("key", "value")


class InputSpec(Model):
    """A dataset a phase reads. Without `phase` it comes with the handoff from the parent flow.

    `reference`: it is a table of facts (REFERENCE_COLUMNS) that is in force for the client under this name; a
    client without one leaves the phase to what its service ships.
    """

    name: str
    phase: str | None = None
    optional: bool = False
    reference: bool = False


class PhaseDefinition(Model):
    """One row of a flow. Phases run in the order given; what a phase needs stands in `inputs`.

    `selective_by`: the column of keys (String) by which its rows can be rolled back one by one. An output without that
    column stays as it is; a unit belongs to the key that its parameters hold under that name.
    """

    name: str
    title: str = ""
    description: str = ""
    timeout_seconds: float = Field(default=3600.0, gt=0)
    retry: RetryPolicy = RetryPolicy()
    inputs: tuple[InputSpec, ...] = ()
    outputs: tuple[DatasetSpec, ...] = ()
    decision_kinds: tuple[DecisionKind, ...] = ()
    needs_approval: bool = False
    skippable: bool = False
    uses_uploads: bool = False
    uses_crews: bool = False
    has_units: bool = False
    point_of_no_return: bool = False
    selective_by: str | None = None
    display: dict[str, str] = Field(default_factory=dict)


class FlowDefinition(Model):
    """`version` is semantic; its major decides the command queue. `owner` is the broker user of the service."""

    flow_type: str = Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    title: str = ""
    description: str = ""
    phases: tuple[PhaseDefinition, ...] = Field(min_length=1)
    next_flow_type: str | None = None
    handoff_inputs: tuple[HandoffInput, ...] = ()
    asset_columns: tuple[str, ...] = ()
    owner: str = ""

    @property
    def major(self) -> int:
        return int(self.version.split(".", 1)[0])

    @property
    def phase_names(self) -> tuple[str, ...]:
        return tuple(phase.name for phase in self.phases)

    def phase(self, name: str) -> PhaseDefinition:
        """Raises KeyError when the flow type has no such phase."""
        for phase in self.phases:
            if phase.name == name:
                return phase
        raise KeyError(name)

    def following(self, name: str) -> tuple[str, ...]:
        """The phases after `name`, in order."""
        names = self.phase_names
        return names[names.index(name) + 1 :]

    def digest(self) -> str:
        """SHA-256 of the canonical JSON: what makes two announcements of a version the same."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    @model_validator(mode="after")
    def _phases_are_consistent(self) -> "FlowDefinition":
        seen: set[str] = set()
        for phase in self.phases:
            if phase.name in seen:
                raise ValueError(f"phase {phase.name!r} appears twice")
            for needed in phase.inputs:
                if needed.reference and (needed.phase is not None or not needed.optional):
                    raise ValueError(f"the reference table {needed.name!r} is optional and of no phase")
                if needed.phase is not None and needed.phase not in seen:
                    raise ValueError(
                        f"phase {phase.name!r} reads {needed.name!r} of {needed.phase!r}, which is not before it"
                    )
            seen.add(phase.name)
        return self
