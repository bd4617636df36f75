"""What a phase function is given and what it gives back. It sees no database and no broker."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from caravan_common.contracts import (
    DatasetManifest,
    DecidedBy,
    DecisionKind,
    HumanDecision,
    Question,
    UnitSpec,
)
from caravan_common.crews import Case, Judgement


@dataclass(frozen=True)
class Dataset:
    """An input dataset as a local Parquet file."""

    manifest: DatasetManifest
    path: Path

    def scan(self) -> pl.LazyFrame:
        return pl.scan_parquet(self.path)

    def read(self) -> pl.DataFrame:
        return pl.read_parquet(self.path)


@dataclass(frozen=True)
class Upload:
    """A delivered file as a local path. `name` is untrusted text for people; `path` has a name of ours."""

    name: str
    path: Path
    sha256: str
    size: int


class Judge(Protocol):
    """Puts contested cases before a crew. What it can't settle comes back with the rules' recommendation."""

    def __call__(self, crew: str, cases: Sequence[Case]) -> list[Judgement]: ...


def _no_progress(fraction: float | None, note: str = "") -> None:
    """Progress goes nowhere in tests that don't look at it."""


@dataclass(frozen=True)
class PhaseContext:
    """Inputs of one run of a phase.

    `decisions` are those of people for this phase up to the number fixed at dispatch, oldest first.
    `scratch` is private to the run and removed afterwards. `progress(fraction 0..1 or None, note)` may be
    called often. Time of day is not an input: a phase that needs a date takes `configuration["as_of"]`
    (ISO date, fixed when the flow was created), so that equal inputs give equal bytes.
    """

    flow_type: str
    phase: str
    inputs: Mapping[str, Dataset]
    uploads: Sequence[Upload]
    configuration: Mapping[str, Any]
    decisions: Sequence[HumanDecision]
    scratch: Path
    judge: Judge
    progress: Callable[[float | None, str], None] = _no_progress

    def decided(self, *kinds: DecisionKind) -> dict[str, HumanDecision]:
        """The latest decision by subject, of the given kinds (all when none is given) for this phase."""
        return {
            decision.subject: decision
            for decision in self.decisions
            if decision.phase == self.phase and (not kinds or decision.kind in kinds)
        }


@dataclass(frozen=True)
class PhaseResult:
    """`datasets` by declared name: a frame, or the path of a Parquet file in scratch (for what does not fit memory).

    Rows stand in a stated order and hold natural keys: no UUIDs, run times or run names.
    """

    datasets: Mapping[str, "pl.DataFrame | pl.LazyFrame | Path"] = field(default_factory=dict)
    summary: Mapping[str, Any] = field(default_factory=dict)
    questions: Sequence[Question] = ()
    units: Sequence[UnitSpec] = ()
    decided_by: DecidedBy = field(default_factory=DecidedBy)


PhaseFunction = Callable[[PhaseContext], PhaseResult]
