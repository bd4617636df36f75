"""What a phase costs, by process: CPU seconds out of /proc, which other programs on the machine disturb little."""

import time
from collections.abc import Iterable, Mapping

import psutil

Seconds = dict[str, float]


class Meter:
    """Processes by the name they are shown under. `tree` of a process is all its descendants, without itself."""

    def __init__(self, groups: Mapping[str, Iterable[psutil.Process]]) -> None:
        self._begun = {name: [(each, _spent(each)) for each in group] for name, group in groups.items()}
        self._clock = time.perf_counter()

    def since(self) -> Seconds:
        """CPU seconds (user and system) of each group since it was made, and `elapsed` by the clock. Of a process that
        has ended meanwhile nobody knows: it counts as none."""
        spent = {
            name: sum(max(0.0, _spent(each) - begun) for each, begun in group)
            for name, group in self._begun.items()
        }
        return {**spent, "elapsed": time.perf_counter() - self._clock}


def tree(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def brokers() -> list[psutil.Process]:
    """RabbitMQ's own processes on this machine: whoever else uses that broker is counted too."""
    return [each for each in psutil.process_iter(["name"]) if each.info["name"] == "beam.smp"]


def _spent(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)
