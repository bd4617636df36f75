"""Estates as assessment hands them on, in a few words; and planning's phases run on them like in production."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl

from caravan_common.contracts import ArtifactRef, DatasetManifest, DecisionKind, HumanDecision
from caravan_common.crews import Case, Judgement, Judges
from caravan_common.phases import Dataset, Judge, PhaseContext, PhaseResult
from caravan_planning.domain.target.estate import ASSET_COLUMNS

AS_OF = "2026-11-21"
MACHINE: dict[str, Any] = {
    "asset_type": "virtual_machine",
    "is_target": True,
    "environment": "production",
    "business_criticality": "medium",
    "os_family": "linux",
    "cpu_architecture": "x86_64",
    "cpu_cores": 4,
    "memory_gb": 16.0,
    "storage_gb": 100.0,
    "storage_used_gb": 50.0,
}


def recommend(crew: str, cases: Sequence[Case]) -> list[Judgement]:
    """A judge that lets every recommendation stand."""
    return [
        Judgement(case_id=case.id, option=case.recommendation, confidence=0.5, decided_by=Judges.RULE)
        for case in cases
    ]


@dataclass
class Plan:
    """Machines by application, with what the assessment says of each application."""

    folder: Path
    configuration: dict[str, Any] = field(default_factory=lambda: {"as_of": AS_OF})
    machines: list[dict[str, Any]] = field(default_factory=list)
    databases: list[dict[str, Any]] = field(default_factory=list)
    members: list[dict[str, Any]] = field(default_factory=list)
    treated: dict[str, dict[str, Any]] = field(default_factory=dict)
    extra: dict[str, pl.DataFrame] = field(default_factory=dict)
    decisions: list[HumanDecision] = field(default_factory=list)
    judge: Judge = recommend

    def machine(self, name: str, application: str = "shop", **facts: Any) -> None:
        """A machine of an application, which is rehosted in wave 1 unless `treat` says otherwise."""
        self.machines.append({**MACHINE, "natural_key": name, "name": name, **facts})
        self.members.append({"application": application, "asset_key": name, "role": "target"})
        self.treated.setdefault(application, {"treatment": "rehost"})

    def database(self, name: str, product: str, on: str, application: str = "shop") -> None:
        """A database that runs on a machine."""
        key = f"db:{name}"
        self.machines.append(
            {
                "natural_key": key,
                "name": name,
                "asset_type": "database",
                "is_target": False,
                "database_type": product,
            }
        )
        self.members.append({"application": application, "asset_key": key, "role": "database"})
        self.databases.append({"source_key": key, "target_key": on, "origin": "database on server"})

    def treat(self, application: str, treatment: str | None, **facts: Any) -> None:
        self.treated[application] = {"treatment": treatment, **facts}

    def decide(self, subject: str, value: Any, phase: str = "target") -> None:
        decision = HumanDecision(
            number=len(self.decisions) + 1,
            kind=DecisionKind.ANSWER,
            phase=phase,
            subject=subject,
            value=value,
            actor="ann",
            decided_at=datetime(2026, 11, 21, tzinfo=UTC),
        )
        self.decisions.append(decision)

    def run(self, phase: str = "target") -> PhaseResult:
        """The phase, its inputs passed as Parquet."""
        inputs = {name: self._write(name, frame) for name, frame in self._inputs().items()}
        context = PhaseContext(
            flow_type="planning",
            phase=phase,
            inputs=inputs,
            uploads=[],
            configuration=self.configuration,
            decisions=self.decisions,
            scratch=self.folder,
            judge=self.judge,
        )
        result: PhaseResult = import_module(f"caravan_planning.phases.{phase}").run(context)
        return result

    def table(self, name: str, phase: str = "target") -> pl.DataFrame:
        frame = self.run(phase).datasets[name]
        assert isinstance(frame, pl.DataFrame)
        return frame

    def target(self, name: str) -> dict[str, Any]:
        """The row of one machine."""
        return self.table("targets").row(by_predicate=pl.col("natural_key") == name, named=True)

    def costs(self, key: str = "total") -> dict[str, Any]:
        return self.table("costs").row(by_predicate=pl.col("natural_key") == key, named=True)

    def _inputs(self) -> dict[str, pl.DataFrame]:
        apps = sorted(self.treated)
        facts = [self.treated[app] for app in apps]

        def said(name: str, default: Any = None) -> list[Any]:
            return [each.get(name, default) for each in facts]

        made = {
            "assets": pl.DataFrame(self.machines, schema=_ASSETS),
            "members": pl.DataFrame(
                self.members, schema=dict.fromkeys(("application", "asset_key", "role"), pl.String)
            ),
            "portfolio": _frame(
                {
                    "natural_key": apps,
                    "name": apps,
                    "kind": ["application"] * len(apps),
                    "business_criticality": said("criticality"),
                    "environment": said("environment"),
                    "current_monthly_cost": said("cost"),
                    "readiness": [0.8] * len(apps),
                    "blockers": [[] for _ in apps],
                    "unknowns": [[] for _ in apps],
                },
                {"current_monthly_cost": pl.Float64},
            ),
            "treatments": _frame(
                {
                    "natural_key": apps,
                    "treatment": said("treatment"),
                    "variant": said("variant"),
                    "confidence": [0.8] * len(apps),
                    "contested": said("contested", False),
                    "decided_by": said("decided_by", "rule"),
                    "assumed": said("assumed", []),
                },
                {},
            ),
            "waves": _frame(
                {
                    "natural_key": apps,
                    "wave": said("wave", 1),
                    "wave_name": [None if w is None else f"wave-{w:03}" for w in said("wave", 1)],
                    "effort": said("effort", 5.0),
                    "not_before": said("not_before"),
                },
                {"wave": pl.Int64, "effort": pl.Float64, "not_before": pl.Date},
            ),
            "roadmap": pl.DataFrame(schema={"natural_key": pl.String, "kind": pl.String}),
            "dependencies": pl.DataFrame(
                self.databases, schema=dict.fromkeys(("source_key", "target_key", "origin"), pl.String)
            ),
        }
        return {**made, **self.extra}

    def _write(self, name: str, frame: pl.DataFrame) -> Dataset:
        path = self.folder / f"{name}.parquet"
        frame.write_parquet(path)
        artifact = ArtifactRef(key=name, sha256="0" * 64, size=path.stat().st_size)
        return Dataset(DatasetManifest(name=name, artifact=artifact, rows=frame.height), path)


_ASSETS = dict(ASSET_COLUMNS)
_TEXT = (
    "natural_key",
    "name",
    "kind",
    "business_criticality",
    "environment",
    "treatment",
    "variant",
    "wave_name",
)


def _frame(columns: Mapping[str, list[Any]], types: Mapping[str, Any]) -> pl.DataFrame:
    lists = {"blockers": pl.List(pl.String), "unknowns": pl.List(pl.String), "assumed": pl.List(pl.String)}
    schema = {**dict.fromkeys(_TEXT, pl.String), **lists, "decided_by": pl.String, **types}
    return pl.DataFrame(columns, schema_overrides={k: v for k, v in schema.items() if k in columns})


def own_prices(entries: Mapping[str, str]) -> pl.DataFrame:
    """A price list in force, as the platform hands it on."""
    return pl.DataFrame(
        {"key": list(entries), "value": list(entries.values())}, schema={"key": pl.String, "value": pl.String}
    )


def freeze(name: str, starts: date, ends: date) -> pl.DataFrame:
    row = {
        "natural_key": f"freeze:{name}",
        "kind": "freeze",
        "name": name,
        "starts": starts,
        "ends": ends,
        "detail": "nothing moves",
    }
    return pl.DataFrame([row])
