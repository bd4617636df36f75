"""`make bench`: every benchmark one after the other, JSON lines on stdout. `ARGS='--floor FLOOR.py'` adds ratios.

Each benchmark can be run alone with more options: `python -m benchmarks.orchestration --help`.
"""

import argparse
import subprocess
import sys


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--floor", help="the yardstick that orchestration is measured against")
    arguments.add_argument("--pairs", default="5", help="interleaved pairs; the medians count")
    arguments.add_argument("--estate", help="a CSV file for ingest; without it that benchmark is left out")
    options = arguments.parse_args()
    orchestration = ["benchmarks.orchestration", "--pairs", options.pairs]
    if options.floor:
        orchestration += ["--floor", options.floor]
    runs = [orchestration]
    if options.estate:
        runs.append(["benchmarks.ingest", options.estate])
    return max(subprocess.call([sys.executable, "-m", *run]) for run in runs)


if __name__ == "__main__":
    sys.exit(main())
