"""Estates out of files through discovery's phases, and the assessment's phases run on them one after the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from caravan_assessment.domain.portfolio.schema import EDGES, PORTFOLIO, conform
from caravan_assessment.flow import ASSESSMENT
from caravan_common.contracts import DatasetSpec, DecisionKind, HumanDecision
from caravan_common.phases import Dataset, Judge, PhaseContext, PhaseResult, write_dataset
from tests.unit.discovery.conftest import CHAIN, Discovery, judge_offline, recommend

HARBOUR = Path(__file__).resolve().parents[3] / "samples" / "harbour"
AS_OF = "2026-11-21"
PHASES = ASSESSMENT.phase_names
SERVERS = "Server Name,Application,CPUs,Memory GB,Disk GB,Operating System,Environment,Criticality\n"


@dataclass
class Assessment:
    """One assessment over what a discovery found. `results` keeps what each phase returned."""

    folder: Path
    inputs: dict[str, Dataset]
    configuration: dict[str, Any] = field(default_factory=lambda: {"as_of": AS_OF})
    decisions: list[HumanDecision] = field(default_factory=list)
    judge: Judge = recommend
    results: dict[str, PhaseResult] = field(default_factory=dict)

    def decide(
        self, kind: DecisionKind, phase: str, subject: str, value: Any, reason: str = "so we want it"
    ) -> None:
        """A person decides, before the phase is run."""
        self.decisions.append(
            HumanDecision(
                number=len(self.decisions) + 1,
                kind=kind,
                phase=phase,
                subject=subject,
                value=value,
                actor="anna",
                reason=reason,
                decided_at=datetime(2026, 11, 21, tzinfo=UTC),
            )
        )

    def run(self, *phases: str) -> PhaseResult:
        """Runs the phases in order (all without a name); answers the last one's result."""
        for phase in phases or PHASES:
            scratch = self.folder / f"{phase}-{len(list(self.folder.iterdir()))}"
            scratch.mkdir()
            result: PhaseResult = import_module(f"caravan_assessment.phases.{phase}").run(
                self.context(phase, scratch)
            )
            self.results[phase] = result
            declared = {spec.name: spec for spec in ASSESSMENT.phase(phase).outputs}
            assert result.datasets.keys() == declared.keys(), phase
            for name, spec in declared.items():
                written = write_dataset(spec, result.datasets[name], scratch)
                self.inputs[name] = Dataset(written.manifest(spec, f"datasets/{name}.parquet"), written.path)
        return self.results[(phases or PHASES)[-1]]

    def context(self, phase: str, scratch: Path) -> PhaseContext:
        """What the worker would give: declared inputs, decisions of the phase, edits to all that take them."""
        definition = ASSESSMENT.phase(phase)
        return PhaseContext(
            flow_type="assessment",
            phase=phase,
            inputs={
                spec.name: self.inputs[spec.name] for spec in definition.inputs if spec.name in self.inputs
            },
            uploads=(),
            configuration=self.configuration,
            decisions=[d for d in self.decisions if d.phase == phase or d.kind in definition.decision_kinds],
            scratch=scratch,
            judge=self.judge,
        )

    def provide(self, name: str, data: pl.DataFrame) -> None:
        """Makes a dataset from elsewhere an input of the phases to come."""
        spec = DatasetSpec(name=name)
        written = write_dataset(spec, data, self.folder)
        self.inputs[name] = Dataset(written.manifest(spec, f"datasets/{name}.parquet"), written.path)

    def table(self, name: str) -> pl.DataFrame:
        return self.inputs[name].read()

    def row(self, name: str, unit: str) -> dict[str, Any]:
        """The row of a dataset whose name is `unit`."""
        return self.table(name).filter(pl.col("name") == unit).row(0, named=True)

    def summary(self, phase: str) -> Mapping[str, Any]:
        return self.results[phase].summary

    def targets(self) -> int:
        return self.table("assets").filter("is_target").height


def discover(folder: Path, files: Sequence[Path] = (), texts: Mapping[str, str] | None = None) -> Discovery:
    """A whole discovery over files, or over texts by file name."""
    flow = Discovery(folder, {"as_of": AS_OF}, judge=judge_offline)
    for path in files:
        flow.upload(path)
    for name, text in (texts or {}).items():
        flow.write(name, text)
    flow.run(*CHAIN)
    return flow


@pytest.fixture(scope="session")
def harbour_estate(tmp_path_factory: pytest.TempPathFactory) -> Discovery:
    """The sample estate as discovery hands it over."""
    files = sorted(path for path in HARBOUR.iterdir() if path.suffix in (".csv", ".xlsx", ".tsv"))
    return discover(tmp_path_factory.mktemp("harbour"), files)


@pytest.fixture
def harbour(harbour_estate: Discovery, tmp_path: Path) -> Assessment:
    return Assessment(tmp_path, dict(harbour_estate.inputs), judge=judge_offline)


@pytest.fixture
def assess(tmp_path: Path) -> Any:
    """Makes an assessment of what discovery finds in texts by file name."""

    def make(**texts: str) -> Assessment:
        folder = tmp_path / "discovery"
        folder.mkdir()
        own = tmp_path / "assessment"
        own.mkdir()
        found = discover(folder, texts={f"{name}.csv": text for name, text in texts.items()})
        return Assessment(own, dict(found.inputs))

    return make


_KNOWN: dict[str, Any] = {
    "kind": "application",
    "targets": 2,
    "databases": 0,
    "business_criticality": "medium",
    "environment": "production",
    "application_type": "custom",
    "lifecycle": "tolerate",
    "data_classification": "internal",
    "current_monthly_cost": 100.0,
    "compliance": [],
    "technologies": [],
    "database_products": [],
    "end_of_life_products": [],
    "blocked_reasons": [],
    "freeze_windows": [],
    "ready_for": [],
    "source_entities": [],
    "all_vmware": False,
    "powered_off": 0,
    "use_known": 0,
    "idle": 0,
    "zombie": 0,
    "unsupported": 0,
    "ending_12_months": 0,
    "support_known": 2,
    "blocked_targets": 0,
    "shared_service": False,
    "callers": 0,
    "depends_on": 0,
    "neighbours": 0,
    "dependencies_known": True,
}
ZERO_UNKNOWN: dict[str, Any] = {
    "business_criticality": None,
    "application_type": None,
    "lifecycle": None,
    "data_classification": None,
    "current_monthly_cost": None,
    "support_known": 0,
    "dependencies_known": False,
}


def portfolio(*units: Mapping[str, Any]) -> pl.DataFrame:
    """A portfolio of such units: facts that are not given are those of an ordinary one of our own."""
    rows = [
        {"natural_key": f"u{n}", "name": f"Unit {n}", **_KNOWN, **unit} for n, unit in enumerate(units, 1)
    ]
    return conform(pl.DataFrame(rows, schema_overrides=PORTFOLIO, infer_schema_length=None), PORTFOLIO)


def edges(*rows: tuple[str, str, str]) -> pl.DataFrame:
    """Edges (source, target, kind) between units; `noise` is a soft edge of a shared service."""
    made = [
        {
            "source": source,
            "target": target,
            "kind": "soft" if kind == "noise" else kind,
            "weight": 1.0,
            "shared_service": kind == "noise",
            "observations": 1.0,
            "documented": True,
            "evidence": [],
        }
        for source, target, kind in rows
    ]
    return pl.DataFrame(made, schema=EDGES)
