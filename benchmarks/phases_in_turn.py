"""Runs a flow's phases one after the other, as the worker does: datasets pass as Parquet in one folder."""

import json
import multiprocessing
import os
import platform
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from caravan_common.artifacts import file_sha256
from caravan_common.contracts import DatasetManifest
from caravan_common.crews import Judgement, Judges
from caravan_common.phases import Dataset, PhaseContext, Upload, write_dataset
from caravan_common.worker import Service

_SAMPLE_SECONDS = 0.2


@dataclass(frozen=True)
class Job:
    """One phase over what the phases before it, of this flow or of those before it, left in `folder`."""

    phase: str
    files: tuple[Path, ...]
    folder: Path
    as_of: str
    flow: str = "discovery"

    @property
    def service(self) -> Service:
        found: Service = import_module(f"caravan_{self.flow}.flow").SERVICE
        return found

    @property
    def summary(self) -> Path:
        """Where its summary lies once it has run. Several flows have a phase `overview`."""
        return self.folder / f"summary-{self.flow}-{self.phase}.json"


def run_phase(job: Job) -> None:
    """Writes the phase's datasets, their manifests and its summary into the folder."""
    definition = job.service.definition.phase(job.phase)
    scratch = job.folder / f"scratch-{job.flow}-{job.phase}"
    scratch.mkdir()
    module, _, name = job.service.phases[job.phase].partition(":")
    result = getattr(import_module(module), name)(_context(job, scratch))
    for spec in definition.outputs:
        written = write_dataset(spec, result.datasets[spec.name], job.folder)
        # A file that the phase wrote itself is moved, as the worker does.
        path = written.path.replace(job.folder / f"{spec.name}.parquet")
        manifest = written.manifest(spec, path.name).model_dump_json()
        (job.folder / f"{spec.name}.json").write_text(manifest, encoding="utf-8")
    job.summary.write_text(json.dumps(result.summary, default=str), encoding="utf-8")


def _context(job: Job, scratch: Path) -> PhaseContext:
    inputs = {}
    for spec in job.service.definition.phase(job.phase).inputs:
        manifest = job.folder / f"{spec.name}.json"
        if manifest.exists():
            known = DatasetManifest.model_validate_json(manifest.read_text(encoding="utf-8"))
            inputs[spec.name] = Dataset(known, job.folder / f"{spec.name}.parquet")
    uploads = tuple(Upload(file.name, file, file_sha256(file), file.stat().st_size) for file in job.files)
    return PhaseContext(
        flow_type=job.service.definition.flow_type,
        phase=job.phase,
        inputs=inputs,
        uploads=uploads,
        configuration={"as_of": job.as_of},
        decisions=(),
        scratch=scratch,
        judge=lambda _crew, cases: [
            Judgement(case_id=case.id, option=case.recommendation, confidence=0.5, decided_by=Judges.RULE)
            for case in cases
        ],
    )


class Measured(NamedTuple):
    """Of one phase: seconds by the clock, seconds of processor (both cores together), peak PSS in MiB."""

    seconds: float
    processor_seconds: float
    peak_mib: float


def measure(job: Job) -> Measured:
    """Runs the phase in a process of its own. Raises SystemExit when it fails."""
    return measure_call(job.phase, run_phase, job)


def measure_call(what: str, call: Callable[..., None], *given: Any) -> Measured:
    """A function of a module in a process of its own. Raises SystemExit when it fails."""
    process = multiprocessing.get_context("spawn").Process(target=call, args=given)
    started, used, peak = time.monotonic(), _children_seconds(), 0.0
    process.start()
    while process.is_alive():
        peak = max(peak, sum(resident(pid) for pid in (process.pid, os.getpid())))
        process.join(_SAMPLE_SECONDS)
    if process.exitcode != 0:
        raise SystemExit(f"{what} failed: see above.")
    return Measured(time.monotonic() - started, _children_seconds() - used, peak)


def _children_seconds() -> float:
    spent = os.times()
    return spent.children_user + spent.children_system


def resident(pid: int | None) -> float:
    """MiB; 0 once the process is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def report(benchmark: str, case: str, value: float, unit: str, more: Mapping[str, Any]) -> None:
    """One JSON line on stdout."""
    record = {"benchmark": benchmark, "case": case, "value": value, "unit": unit, **more}
    record["machine"] = f"{platform.machine()}, {os.cpu_count()} cores"
    record["versions"] = {"python": platform.python_version(), "polars": version("polars")}
    sys.stdout.write(json.dumps(record) + "\n")
    sys.stdout.flush()
