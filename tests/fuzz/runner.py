"""Runs seeds over a few processes, each file under a time limit: what hangs or dies is a finding, not a stop.

    python -m tests.fuzz.runner --trials 2000 [--first-seed 0] [--processes 2]

Prints a summary as JSON; exit 1 when anything crashed, hung, or came in by half.
"""

import argparse
import json
import multiprocessing
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from tests.fuzz.trial import Trial, serve

SECONDS_PER_FILE = 30
MOST_MEMORY_MIB = 2_048
_START_SECONDS = 60


class _Worker:
    """A process that tries one seed after the other, started again when it had to be killed."""

    def __init__(self) -> None:
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None

    def try_seed(self, seed: int) -> Trial:
        fresh = self._connection is None
        connection = self._connection or self._start()
        connection.send(seed)
        # The first answer waits for the imports as well.
        seconds = SECONDS_PER_FILE + (_START_SECONDS if fresh else 0)
        try:
            if connection.poll(seconds):
                return Trial(*connection.recv())
            fault = f"no answer within {SECONDS_PER_FILE} s"
        except (EOFError, ConnectionResetError):
            fault = "the process died"
        self.stop()
        return Trial(seed, "", "", "fault", fault, float(seconds), 0)

    def _start(self) -> Connection:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self._connection = ours
        return ours

    def stop(self) -> None:
        if self._process is not None and self._connection is not None:
            self._connection.close()
            self._process.kill()
            self._process.join()
        self._process = self._connection = None


def run_trials(trials: int, first_seed: int = 0, processes: int = 2) -> list[Trial]:
    """All trials, by seed."""

    def share(number: int) -> list[Trial]:
        worker = _Worker()
        try:
            return [worker.try_seed(first_seed + seed) for seed in range(number, trials, processes)]
        finally:
            worker.stop()

    with ThreadPoolExecutor(processes) as pool:
        return sorted(trial for part in pool.map(share, range(processes)) for trial in part)


def summary(trials: list[Trial]) -> dict[str, Any]:
    """Counts by outcome, the slowest file and the highest memory, and every fault with its seed."""
    slowest = max(trials, key=lambda trial: trial.seconds)
    return {
        "files": len(trials),
        "outcomes": dict(sorted(Counter(trial.outcome for trial in trials).items())),
        "slowest_seconds": round(slowest.seconds, 1),
        "slowest": f"seed {slowest.seed}: {slowest.name} {slowest.done}",
        "peak_mib": max(trial.peak_mib for trial in trials),
        "faults": list(faults(trials)),
    }


def faults(trials: list[Trial]) -> Iterator[str]:
    """What must not be, a line each."""
    for trial in trials:
        if trial.fault is not None:
            yield f"seed {trial.seed}: {trial.name} {trial.done}: {trial.fault}"
        elif trial.peak_mib > MOST_MEMORY_MIB:
            yield f"seed {trial.seed}: {trial.name} {trial.done}: {trial.peak_mib} MiB"


def main() -> int:
    parser = argparse.ArgumentParser(description="Import broken files, made from good ones by seed.")
    parser.add_argument("--trials", type=int, default=150)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    found = summary(run_trials(arguments.trials, arguments.first_seed, arguments.processes))
    sys.stdout.write(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    return 1 if found["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
