"""Runs timeline and resource on small plans, datasets passed as Parquet like in production."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from caravan_common.phases import PhaseContext, PhaseResult
from caravan_planning.phases import resource, timeline

SCOPE = pl.Schema(
    {
        "natural_key": pl.String(),
        "name": pl.String(),
        "treatment": pl.String(),
        "targets": pl.Int64(),
        "databases": pl.Int64(),
        "wave": pl.Int64(),
        "starts": pl.Date(),
        "ends": pl.Date(),
        "variant": pl.String(),
        "care": pl.Float64(),
    }
)
"""What the two phases read of planning_scope."""
EDGES = {"source": pl.String, "target": pl.String, "kind": pl.String, "shared_service": pl.Boolean}


class FileInput:
    """An input dataset of which only the file is looked at."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def scan(self) -> pl.LazyFrame:
        return pl.scan_parquet(self.path)

    def read(self) -> pl.DataFrame:
        return pl.read_parquet(self.path)


def application(
    name: str,
    treatment: str | None = "rehost",
    wave: int | None = 1,
    targets: int = 2,
    databases: int = 0,
    starts: str | None = "2027-02-01",
    ends: str | None = "2027-02-26",
) -> dict[str, Any]:
    day = {"starts": starts, "ends": ends} if wave is not None else {"starts": None, "ends": None}
    dates = {key: date.fromisoformat(value) if value else None for key, value in day.items()}
    told = {"natural_key": name, "name": name.upper(), "treatment": treatment, "wave": wave}
    return {**told, "targets": targets, "databases": databases, **dates}


Plan = Callable[..., PhaseResult]


@pytest.fixture
def context(tmp_path: Path) -> Callable[..., PhaseContext]:
    def make(
        phase: str, frames: Mapping[str, pl.DataFrame], configuration: Mapping[str, Any]
    ) -> PhaseContext:
        inputs = {}
        for name, frame in frames.items():
            frame.write_parquet(tmp_path / f"{phase}-{name}.parquet")
            inputs[name] = FileInput(tmp_path / f"{phase}-{name}.parquet")
        return PhaseContext(
            flow_type="planning",
            phase=phase,
            inputs=inputs,  # type: ignore[arg-type]
            uploads=[],
            configuration={"as_of": "2026-11-21", **configuration},
            decisions=(),
            scratch=tmp_path,
            judge=lambda crew, cases: pytest.fail(f"{crew} was asked for {cases}"),
        )

    return make


@pytest.fixture
def plan(context: Callable[..., PhaseContext]) -> Plan:
    """The timeline of applications; `edges`: (who needs, what is needed); `frozen`: spans by application."""

    def run(
        *applications: dict[str, Any],
        edges: list[tuple[str, str]] | None = None,
        frozen: dict[str, list[str]] | None = None,
        **configuration: Any,
    ) -> PhaseResult:
        frames = {"planning_scope": pl.DataFrame(list(applications), schema=SCOPE)}
        if edges:
            rows = [(source, target, "hard_order", False) for source, target in edges]
            frames["application_edges"] = pl.DataFrame(rows, schema=EDGES, orient="row")
        if frozen:
            told = {"natural_key": list(frozen), "freeze_windows": list(frozen.values())}
            frames["portfolio"] = pl.DataFrame(told)
        return timeline.run(context("timeline", frames, configuration))

    return run


@pytest.fixture
def staff(context: Callable[..., PhaseContext]) -> Plan:
    """The resource phase after a timeline of the same applications and configuration."""

    def run(planned: PhaseResult, *applications: dict[str, Any], **configuration: Any) -> PhaseResult:
        scope = pl.DataFrame(list(applications), schema=SCOPE)
        tasks = planned.datasets["tasks"]
        assert isinstance(tasks, pl.DataFrame)
        return resource.run(context("resource", {"planning_scope": scope, "tasks": tasks}, configuration))

    return run
