"""Time and memory of taking in an inventory, phase by phase, through discovery's own phases.

    python benchmarks/ingest.py FILE... [--through tech_debt] [--as-of 2026-11-21] [--index]

Each phase runs in a process of its own and its datasets pass as Parquet, as in the worker. One line a case: seconds per
phase (`processor`: of both cores, hardly lengthened by other work), of the whole, rows per second, assets found,
peak memory (highest sum of PSS over the processes, sampled every 0.2 s). With --index it is instead one discovery on
the real platform, with a PostgreSQL: seconds until the flow is complete, and until index and asset table are.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

# Also as a script, from wherever it is called.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.indexed_flow import measure_indexed
from benchmarks.phases_in_turn import Job, measure, report
from caravan_discovery.flow import DISCOVERY


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure how fast an inventory is taken in.")
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--through", choices=DISCOVERY.phase_names, default=DISCOVERY.phase_names[-1])
    parser.add_argument("--as-of", default="2026-11-21")
    parser.add_argument("--index", action="store_true", help="with index and asset table in PostgreSQL")
    arguments = parser.parse_args()
    files = tuple(file.resolve() for file in arguments.files)
    if arguments.index:
        measure_indexed(files, arguments.as_of)
    else:
        measure_flow("ingest", files, arguments.through, arguments.as_of)


def measure_flow(benchmark: str, files: tuple[Path, ...], through: str, as_of: str) -> None:
    """Prints what the module says of the phases up to `through`."""
    phases = DISCOVERY.phase_names[: DISCOVERY.phase_names.index(through) + 1]
    with tempfile.TemporaryDirectory(prefix="caravan-ingest-") as folder:
        jobs = [Job(phase, files, Path(folder), as_of) for phase in phases]
        figures = {job.phase: measure(job) for job in jobs}
        for phase, figure in figures.items():
            more = {"processor": round(figure.processor_seconds, 2), "peak_mib": round(figure.peak_mib)}
            report(benchmark, f"{phase} seconds", round(figure.seconds, 2), "s", more)
        summaries = {
            key: value for job in jobs for key, value in json.loads(job.summary.read_text("utf-8")).items()
        }
    seconds = sum(figure.seconds for figure in figures.values())
    processor = round(sum(figure.processor_seconds for figure in figures.values()), 2)
    rows = sum(entry["rows"] for entry in summaries["imports"])
    report(
        benchmark,
        "total seconds",
        round(seconds, 2),
        "s",
        {"processor": processor, "rows": rows, "through": through},
    )
    report(benchmark, "rows per second", round(rows / seconds), "rows/s", {})
    report(benchmark, "rows rejected", sum(entry["rejected"] for entry in summaries["imports"]), "rows", {})
    if "assets" in summaries:
        counts = {"conflicts": summaries["conflicts"], "gaps": summaries["gaps"]}
        report(benchmark, "assets", summaries["assets"]["total"], "assets", counts)
    if "dependencies" in summaries:
        found = summaries["dependencies"]
        report(benchmark, "dependencies", found["edges"], "edges", {"by_kind": found["by_kind"]})
    report(benchmark, "peak memory", round(max(figure.peak_mib for figure in figures.values())), "MiB", {})


if __name__ == "__main__":
    main()
