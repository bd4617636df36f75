"""What a timeline hangs on: slack, critical tasks, and when it ends if durations turn out otherwise."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from caravan_planning.domain.scheduling import Project
from caravan_planning.domain.scheduling.chains import chain_tasks

SAMPLES = 1000
_SEED = 20261121
_SHAPE = 4.0
"""PERT: the likely value counts four times as much as each extreme."""
Days = NDArray[np.float64]


@dataclass(frozen=True)
class Network:
    """A dated project with who waits for whom, by precedence or for the same people; tasks in order of start."""

    project: Project
    starts: tuple[int, ...]
    order: tuple[int, ...]
    before: tuple[tuple[int, ...], ...]


def link_tasks(project: Project, starts: Sequence[int]) -> Network:
    before: list[set[int]] = [set(tasks) for tasks in project.predecessors]
    for first, then in chain_tasks(project, starts):
        before[then].add(first)
    rank = {task: at for at, task in enumerate(project.topological_order)}
    order = sorted(range(len(starts)), key=lambda task: (starts[task], rank[task]))
    return Network(project, tuple(starts), tuple(order), tuple(tuple(sorted(tasks)) for tasks in before))


def measure_slack(network: Network) -> list[int]:
    """Working days by which each task may be later without the end being later, everything else in its order.

    Freezes and other people's days off are left aside, so a task before one may have more.
    """
    durations, starts = network.project.durations, network.starts
    end = max((start + length for start, length in zip(starts, durations, strict=True)), default=0)
    latest = [end] * len(starts)
    for task in reversed(network.order):
        for before in network.before[task]:
            latest[before] = min(latest[before], latest[task] - durations[task])
    return [latest[task] - durations[task] - starts[task] for task in range(len(starts))]


@dataclass(frozen=True)
class Outlook:
    """Days from the start of the plan. `ends` by task: that many of 100 simulated plans had ended it by then (80)."""

    p50: int
    p80: int
    ends: list[int]


def simulate(network: Network, estimates: Sequence[tuple[float, float, float]]) -> Outlook:
    """Draws all durations SAMPLES times between least and most (PERT) and dates the network anew; seeded.

    The plan rounds each likely duration up to whole days and so does this. Freezes are left aside.
    """
    if not estimates:
        return Outlook(0, 0, [])
    random = np.random.default_rng(_SEED)
    releases = network.project.releases or (0,) * len(estimates)
    finish: dict[int, Days] = {}
    waiting = Counter(before for tasks in network.before for before in tasks)
    ends = [0] * len(estimates)
    latest = np.zeros(SAMPLES)
    for task in network.order:
        start = np.full(SAMPLES, float(releases[task]))
        for before in network.before[task]:
            np.maximum(start, finish[before], out=start)
            waiting[before] -= 1
            if not waiting[before]:
                del finish[before]  # of 40,000 tasks only those that others still wait for are kept
        end = start + _draw(random, *estimates[task])
        ends[task] = int(np.percentile(end, 80, method="higher"))
        np.maximum(latest, end, out=latest)
        if waiting[task]:
            finish[task] = end
    p50, p80 = (int(np.percentile(latest, share, method="higher")) for share in (50, 80))
    return Outlook(p50, p80, ends)


def _draw(random: np.random.Generator, least: float, likely: float, most: float) -> Days:
    """Whole days, at least one."""
    if most <= least:
        return np.full(SAMPLES, max(1.0, np.ceil(likely - 1e-9)))
    alpha = 1 + _SHAPE * (likely - least) / (most - least)
    beta = 1 + _SHAPE * (most - likely) / (most - least)
    drawn = least + random.beta(alpha, beta, SAMPLES) * (most - least)
    return np.maximum(1.0, np.ceil(drawn - 1e-9))
