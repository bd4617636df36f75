"""The wave planner against the plain baseline, instance by instance, each given the same time on one core.

    python benchmarks/waves_grid.py YARDSTICKS [--applications 20,30,100,500] [--assets 1000,10000] [--seeds 1,2,3,4,5]

YARDSTICKS holds waves_instance.py, waves_check.py and waves_baseline.py. One JSON line an instance: cut weights
(less is better) of planner and baseline, and of the planner with pilots held in the first wave, as the baseline
holds them though the instances' rules only wish it; violations as waves_check.py counts them; seconds and memory.
Then a table by size. `--clock processor` gives both processor seconds, for a machine that is busy with other work.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PLANNER = Path(__file__).with_name("waves.py")
# A program whose clocks count the processor time of its process; CP-SAT's own clock stays the wall's.
BY_PROCESSOR = (
    "import runpy, sys, time\n"
    "time.perf_counter = time.monotonic = time.process_time\n"
    "sys.argv = sys.argv[1:]\n"
    "runpy.run_path(sys.argv[0], run_name='__main__')\n"
)


@dataclass(frozen=True, slots=True)
class Grid:
    yardsticks: Path
    folder: Path
    limit: list[str]
    clock: str

    def measure(self, size: tuple[str, int], seed: int) -> dict[str, Any]:
        """All programs on one instance, one after the other, so that they meet the same load."""
        kind, count = size
        case = f"{count} {kind}, seed {seed}"
        path = self.folder / f"{kind}-{count}-{seed}.json"
        path.write_text(
            self.call("waves_instance.py", f"--{kind}", str(count), "--seed", str(seed)).stdout, "utf-8"
        )
        baseline = self.run_baseline(path)
        planner, pinned = self.run_planner(path), self.run_planner(path, "--pilots-first")
        path.unlink()
        return {
            "benchmark": "waves_grid",
            "case": case,
            "size": f"{count} {kind}",
            "value": planner["value"],
            "unit": "cut weight",
            "baseline": baseline["cut_weight"],
            "pilots_first": pinned["value"],
            "status": planner["status"],
            "violations": planner["violations"] + pinned["violations"] + baseline["violations"],
            "seconds": max(planner["seconds"], pinned["seconds"]),
            "peak_mib": max(planner["peak_mib"], pinned["peak_mib"]),
        }

    def run_baseline(self, path: Path) -> dict[str, Any]:
        done = self.call("waves_baseline.py", str(path), *self.limit, timed=True)
        if not done.stdout:
            raise SystemExit(f"waves_baseline.py {path.name}: {done.stderr.strip()}")
        figures: dict[str, Any] = json.loads(done.stderr.splitlines()[-1])
        return figures | {"violations": self.count_violations(path, json.loads(done.stdout))}

    def run_planner(self, path: Path, *options: str) -> dict[str, Any]:
        out = path.with_suffix(".plan")
        done = self.call(str(PLANNER), str(path), *self.limit, *options, "--assignment", str(out), timed=True)
        if done.returncode:
            raise SystemExit(f"waves.py {path.name}: {done.stderr.strip()}")
        figures: dict[str, Any] = json.loads(done.stdout)
        return figures | {"violations": self.count_violations(path, json.loads(out.read_text("utf-8")))}

    def count_violations(self, path: Path, plan: dict[str, int]) -> int:
        """Over the assets, where there are some."""
        assets = json.loads(path.read_text("utf-8")).get("assets", [])
        by_asset = {asset["id"]: plan.get(asset["application"]) for asset in assets} or plan
        out = path.with_suffix(".checked")
        out.write_text(json.dumps(by_asset), "utf-8")
        return int(json.loads(self.call("waves_check.py", str(path), str(out)).stdout)["violations_total"])

    def call(self, program: str, *arguments: str, timed: bool = False) -> subprocess.CompletedProcess[str]:
        start = ["-c", BY_PROCESSOR] if timed and self.clock == "processor" else []
        command = [sys.executable, *start, str(self.yardsticks / program), *arguments]
        return subprocess.run(command, check=False, capture_output=True, text=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare the wave planner with the plain baseline.")
    parser.add_argument("yardsticks", type=Path)
    parser.add_argument("--applications", default="20,30,100,500", help="sizes, with commas; '' for none")
    parser.add_argument("--assets", default="1000,10000", help="as well; 100000 has to be asked for")
    parser.add_argument("--seeds", default="1,2,3,4,5")
    limit = parser.add_mutually_exclusive_group()
    limit.add_argument("--seconds", type=float, default=10.0)
    limit.add_argument("--steps", type=int, help="annealing steps of planner and baseline: repeats exactly")
    parser.add_argument("--clock", choices=("wall", "processor"), default="wall")
    parser.add_argument(
        "--jobs", type=int, default=2, help="instances at a time: at most the cores that are idle"
    )
    options = parser.parse_args()
    steps, seconds = options.steps, options.seconds
    limits = ["--steps", str(steps)] if steps is not None else ["--seconds", str(seconds)]
    sizes = [
        (kind, count)
        for kind, text in (("applications", options.applications), ("assets", options.assets))
        for count in read_numbers(text)
    ]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.jobs) as pool:
        grid = Grid(options.yardsticks.resolve(), Path(folder), limits, options.clock)
        jobs = [
            pool.submit(grid.measure, size, seed) for size in sizes for seed in read_numbers(options.seeds)
        ]
        lines = []
        for job in jobs:
            lines.append(job.result())
            print(json.dumps(lines[-1]), flush=True)
    print("\n".join(draw_table(lines)))


def read_numbers(text: str) -> list[int]:
    return [int(word) for word in text.split(",") if word.strip()]


def draw_table(lines: list[dict[str, Any]]) -> Iterator[str]:
    """Wins, ties and losses count against the baseline of the same instance."""
    yield "| size | cut | baseline | wins/ties/losses | pilots held | wins/ties/losses | slowest | MiB | violations |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for size in dict.fromkeys(line["size"] for line in lines):
        rows = [line for line in lines if line["size"] == size]
        proven = sum(line["status"] == "optimal" for line in rows)
        cells = [
            size + (f" ({proven} of {len(rows)} proved optimal)" if proven else ""),
            list_numbers(rows, "value"),
            list_numbers(rows, "baseline"),
            compare(rows, "value"),
            list_numbers(rows, "pilots_first"),
            compare(rows, "pilots_first"),
            f"{max(line['seconds'] for line in rows):.1f} s",
            str(max(line["peak_mib"] for line in rows)),
            str(sum(line["violations"] for line in rows)),
        ]
        yield f"| {' | '.join(cells)} |"


def list_numbers(rows: list[dict[str, Any]], name: str) -> str:
    return ", ".join(f"{line[name]:g}" for line in rows)


def compare(rows: list[dict[str, Any]], name: str) -> str:
    """Less is better."""
    wins = sum(line[name] < line["baseline"] for line in rows)
    losses = sum(line[name] > line["baseline"] for line in rows)
    return f"{wins}/{len(rows) - wins - losses}/{losses}"


if __name__ == "__main__":
    main()
