"""Project schedules of PSPLIB instances (.sm) by the planning service's own scheduler.

    python benchmarks/rcpsp.py DIR_OR_FILES... [--seconds 10 | --steps N] [--seed 1] [--schedules DIR]

One JSON line an instance: instance, makespan, lower_bound, status, seconds, and the processor seconds it got. With
--schedules each schedule is written as DIR/<instance>.json, {task number: start}. Needs no platform.
"""

import argparse
import json
import re
import sys
import time
from pathlib import Path

# Also as a script, from wherever it is called.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from caravan_planning.domain.scheduling import Project, schedule


def main() -> int:
    parser = argparse.ArgumentParser(description="Schedule PSPLIB instances with one mode.")
    parser.add_argument("paths", type=Path, nargs="+", metavar="DIR_OR_FILE")
    limit = parser.add_mutually_exclusive_group()
    limit.add_argument("--seconds", type=float, help="per instance; 10 unless --steps is given")
    limit.add_argument("--steps", type=int, help="instead of seconds: repeats exactly")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--schedules", type=Path, metavar="DIR")
    options = parser.parse_args()
    seconds = None if options.steps is not None else options.seconds or 10.0
    try:
        for path in find_instances(options.paths):
            measure(path, seconds, options.steps, options.seed, options.schedules)
    except (OSError, ValueError) as error:
        print(f"cannot schedule: {error}", file=sys.stderr)
        return 2
    return 0


def find_instances(paths: list[Path]) -> list[Path]:
    """Files as given, of folders all that end in .sm by name."""
    found = [each for path in paths for each in (sorted(path.glob("*.sm")) if path.is_dir() else [path])]
    if not found:
        raise ValueError("no .sm file there")
    return found


def measure(path: Path, seconds: float | None, steps: int | None, seed: int, folder: Path | None) -> None:
    project = read_instance(path)
    began, processor = time.perf_counter(), time.process_time()
    found = schedule(project, seconds=seconds, steps=steps, seed=seed)
    line = {
        "benchmark": "rcpsp",
        "instance": path.stem,
        "makespan": found.makespan,
        "lower_bound": found.lower_bound,
        "status": found.status,
        "seconds": round(time.perf_counter() - began, 2),
        "processor": round(time.process_time() - processor, 2),
    }
    print(json.dumps(line), flush=True)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        starts = {str(task + 1): start for task, start in enumerate(found.starts)}
        (folder / f"{path.stem}.json").write_text(json.dumps(starts), encoding="utf-8")


def read_instance(path: Path) -> Project:
    """Raises ValueError for what is no PSPLIB file of tasks with one mode each."""
    text = path.read_text(encoding="latin-1")
    relations = _read_section(path, text, "PRECEDENCE RELATIONS")  # job, modes, successor count, successors …
    requests = _read_section(path, text, "REQUESTS/DURATIONS")  # job, mode, duration, demands …
    capacities = _read_section(path, text, "RESOURCEAVAILABILITIES")[0]
    numbers = list(range(1, len(relations) + 1))
    if [row[0] for row in relations] != numbers or [row[0] for row in requests] != numbers:
        raise ValueError(f"{path} does not list its jobs once each, in order, in both sections")
    if any(row[1] != 1 for row in relations):
        raise ValueError(f"{path} has jobs with several modes")
    return Project(
        durations=tuple(row[2] for row in requests),
        demands=tuple(tuple(row[3:]) for row in requests),
        successors=tuple(tuple(after - 1 for after in row[3:]) for row in relations),
        capacities=tuple(capacities),
    )


def _read_section(path: Path, text: str, title: str) -> list[list[int]]:
    """Rows of numbers between the title and the next line of stars."""
    found = re.search(rf"^{re.escape(title)}.*?$(.*?)^\*{{3,}}", text, re.MULTILINE | re.DOTALL)
    rows = [line.split() for line in found[1].splitlines()] if found else []
    numbers = [[int(word) for word in row] for row in rows if row and all(word.isdigit() for word in row)]
    if not numbers:
        raise ValueError(f"{path} has no section {title!r}")
    return numbers


if __name__ == "__main__":
    sys.exit(main())
