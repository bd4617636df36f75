"""Runs discovery's phases one after the other on files, with datasets passed on as Parquet like in production."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from caravan_common.contracts import DatasetSpec, DecisionKind, HumanDecision
from caravan_common.crews import Case, Judgement, Judges
from caravan_common.crews.offline import decide
from caravan_common.phases import Dataset, Judge, PhaseContext, PhaseResult, Upload, write_dataset
from caravan_discovery.flow import DISCOVERY

# Reference inventories are no part of the repository; what needs them is collected only where they lie.
collect_ignore = (
    []
    if os.environ.get("CARAVAN_REFERENCE_DATA")
    else ["test_import_reference.py", "test_inventory_reference.py"]
)
# The phases in order; each reads what the ones before it wrote.
CHAIN = DISCOVERY.phase_names
# Export names of what the report shows.
REPORTED = (
    "assets",
    "applications",
    "rejected_rows",
    "conflicts",
    "gaps",
    "dependencies",
    "tech_debt",
)


def recommend(crew: str, cases: Sequence[Case]) -> list[Judgement]:
    """A judge that lets every recommendation stand."""
    return [
        Judgement(case_id=case.id, option=case.recommendation, confidence=0.5, decided_by=Judges.RULE)
        for case in cases
    ]


def judge_offline(crew: str, cases: Sequence[Case]) -> list[Judgement]:
    """The judgements of the offline model, without the crew around it."""
    return [
        Judgement(
            case_id=case.id,
            option=verdict.option,
            confidence=verdict.confidence,
            reasons=verdict.reasons,
            decided_by=Judges.CREW,
        )
        for case in cases
        for verdict in (decide(case),)
    ]


@dataclass
class Discovery:
    """One discovery flow over files in `folder`. `results` keeps what each phase returned."""

    folder: Path
    configuration: dict[str, Any] = field(default_factory=lambda: {"as_of": "2026-09-01"})
    decisions: list[HumanDecision] = field(default_factory=list)
    judge: Judge = recommend
    uploads: list[Upload] = field(default_factory=list)
    inputs: dict[str, Dataset] = field(default_factory=dict)
    results: dict[str, PhaseResult] = field(default_factory=dict)

    def upload(self, path: Path, name: str | None = None) -> None:
        """Delivers a file that exists."""
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        self.uploads.append(Upload(name or path.name, path, digest, len(data)))

    def write(self, name: str, content: str | bytes, encoding: str = "utf-8") -> None:
        """Delivers a file with this content."""
        path = self.folder / f"upload-{len(self.uploads)}"
        path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
        self.upload(path, name)

    def decide(self, kind: DecisionKind, phase: str, subject: str, value: Any) -> None:
        """A person decides, before the phase is run."""
        self.decisions.append(
            HumanDecision(
                number=len(self.decisions) + 1,
                kind=kind,
                phase=phase,
                subject=subject,
                value=value,
                actor="anna",
                decided_at=datetime(2026, 9, 1, tzinfo=UTC),
            )
        )

    def run(self, *phases: str) -> PhaseResult:
        """Runs the phases in order; answers the last one's result."""
        for phase in phases:
            scratch = self.folder / f"scratch-{phase}-{len(self.results)}"
            scratch.mkdir()
            module = import_module(f"caravan_discovery.phases.{phase}")
            result: PhaseResult = module.run(self.context(phase, scratch))
            self.results[phase] = result
            declared = {spec.name: spec for spec in DISCOVERY.phase(phase).outputs}
            assert result.datasets.keys() == declared.keys(), phase
            for name, spec in declared.items():
                self._keep(spec, result.datasets[name])
        return self.results[phases[-1]]

    def context(self, phase: str, scratch: Path) -> PhaseContext:
        return PhaseContext(
            flow_type="discovery",
            phase=phase,
            inputs={
                spec.name: self.inputs[spec.name]
                for spec in DISCOVERY.phase(phase).inputs
                if spec.name in self.inputs
            },
            uploads=tuple(self.uploads),
            configuration=self.configuration,
            decisions=tuple(self.decisions),
            scratch=scratch,
            judge=self.judge,
        )

    def provide(self, name: str, data: pl.DataFrame) -> None:
        """Makes a dataset from elsewhere an input of the phases to come."""
        self._keep(DatasetSpec(name=name), data)

    def _keep(self, spec: DatasetSpec, data: pl.DataFrame | pl.LazyFrame | Path) -> None:
        """Written and held against what is declared, as the worker does."""
        written = write_dataset(spec, data, self.folder)
        self.inputs[spec.name] = Dataset(
            written.manifest(spec, f"datasets/{spec.name}.parquet"), written.path
        )

    def table(self, name: str) -> pl.DataFrame:
        """A dataset written so far."""
        return self.inputs[name].read()

    def rows(self, name: str) -> list[dict[str, Any]]:
        """A dataset written so far, as dictionaries."""
        return self.table(name).to_dicts()

    def summary(self, phase: str) -> Mapping[str, Any]:
        """What a phase reports to people."""
        return self.results[phase].summary


@pytest.fixture
def discovery(tmp_path: Path) -> Discovery:
    """A discovery flow without files yet."""
    return Discovery(tmp_path)
