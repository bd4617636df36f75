"""Time and memory of assessing (and planning) a large estate, phase by phase, through the services' own phases.

    python benchmarks/large_assessment.py [--targets 100000] [--through assessment|planning] [--as-of 2026-11-21]

Discovery runs once on the sample estate; the tables that it hands over are laid out as many times as the targets
need, each copy with keys and applications of its own, and the phases run on them one after the other. Each phase has a
process of its own and its datasets pass as Parquet, as in the worker. One line a phase: seconds by the clock
(`processor`: of both cores, hardly lengthened by other work) and `peak_mib` (highest sum of PSS, sampled every 0.2 s);
then the whole, with what was planned. Ends with 1 when the plan's own checker counts a violation.

The first wave planning on a machine compiles the search, which takes some seconds; run it twice to measure it warm.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import polars as pl

# Also as a script, from wherever it is called.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.phases_in_turn import Job, Measured, measure, measure_call, report, run_phase
from caravan_assessment.flow import ASSESSMENT
from caravan_common.phases import write_dataset
from caravan_discovery.flow import DISCOVERY
from caravan_planning.flow import PLANNING

FLOWS = {"assessment": ASSESSMENT, "planning": PLANNING}
HARBOUR = Path(__file__).resolve().parents[1] / "samples" / "harbour"
# What names an asset or an application, alone and in lists; in all tables that assessment or planning read.
_KEYS = ("natural_key", "asset_key", "application_key", "source_key", "target_key")
_KEY_LISTS = ("source_entities",)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure assessment and planning of a large estate.")
    parser.add_argument("--targets", type=int, default=100_000, help="at least so many migration targets")
    parser.add_argument("--through", choices=tuple(FLOWS), default="assessment")
    parser.add_argument("--as-of", default="2026-11-21")
    arguments = parser.parse_args()
    flows = list(FLOWS)[: list(FLOWS).index(arguments.through) + 1]
    with tempfile.TemporaryDirectory(prefix="caravan-large-") as name:
        folder = Path(name)
        # In a process of its own, so that this one stays small: it counts into the peak.
        measure_call("making the estate", make_estate, folder, arguments.targets, arguments.as_of)
        jobs = [
            Job(phase, (), folder, arguments.as_of, flow)
            for flow in flows
            for phase in FLOWS[flow].phase_names
        ]
        figures = [(job, measure(job)) for job in jobs]
        violations = _report(folder, jobs, figures)
    sys.exit(1 if violations else 0)


def _report(folder: Path, jobs: list[Job], figures: list[tuple[Job, Measured]]) -> int:
    """Prints what the module says; how many violations there are."""
    for job, figure in figures:
        more = {"processor": round(figure.processor_seconds, 2), "peak_mib": round(figure.peak_mib)}
        report("large_assessment", f"{job.flow} {job.phase}", round(figure.seconds, 2), "s", more)
    summaries = {
        key: value
        for job in jobs
        if job.flow == "assessment"
        for key, value in json.loads(job.summary.read_text("utf-8")).items()
    }
    waves = summaries["waves"]
    targets = pl.scan_parquet(folder / "members.parquet").filter(pl.col("role") == "target")
    more = {
        "processor": round(sum(figure.processor_seconds for _, figure in figures), 2),
        "peak_mib": round(max(figure.peak_mib for _, figure in figures)),
        "targets": targets.select(pl.col("asset_key").n_unique()).collect().item(),
        "units": waves["units"],
        "waves": waves["count"],
        "unplaceable": len(waves["unplaceable"]),
        "violations": waves["violations"],
        "cut_weight": waves["cut_weight"],
    }
    seconds = sum(figure.seconds for _, figure in figures)
    report("large_assessment", "all phases", round(seconds, 2), "s", more)
    return sum(waves["violations"].values())


def make_estate(folder: Path, targets: int, as_of: str) -> None:
    """Runs discovery on the sample files in `folder`, then lays its tables out until there are so many targets."""
    files = tuple(sorted(path for path in HARBOUR.iterdir() if path.suffix in (".csv", ".xlsx", ".tsv")))
    for phase in DISCOVERY.phase_names:
        run_phase(Job(phase, files, folder, as_of))
    found = pl.scan_parquet(folder / "assets.parquet").select(pl.col("is_target").sum()).collect().item()
    wanted = {each.name for flow in FLOWS.values() for each in flow.handoff_inputs}
    for definition in DISCOVERY.phases:
        for spec in definition.outputs:
            if spec.name in wanted:
                path = folder / f"{spec.name}.parquet"
                frame = repeat(pl.read_parquet(path), -(-targets // found))
                written = write_dataset(spec, frame, folder)
                manifest = written.manifest(spec, path.name).model_dump_json()
                (folder / f"{spec.name}.json").write_text(manifest, encoding="utf-8")


def repeat(frame: pl.DataFrame, times: int) -> pl.DataFrame:
    """The table so many times, by natural key; keys, and the names of applications, are those of the copy."""
    copies = [frame.with_columns(_of_copy(frame.schema, f"{number:04}/")) for number in range(times)]
    every = pl.concat(copies)
    return every.sort("natural_key") if "natural_key" in every.columns else every


def _of_copy(schema: pl.Schema, mark: str) -> list[pl.Expr]:
    keys = [
        pl.format("{}{}", pl.lit(mark), name).alias(name) for name in _KEYS if schema.get(name) == pl.String
    ]
    lists = [
        pl.col(name).list.eval(pl.lit(mark) + pl.element())
        for name in _KEY_LISTS
        if schema.get(name) == pl.List(pl.String)
    ]
    return keys + lists


if __name__ == "__main__":
    main()
