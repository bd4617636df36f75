"""Local search over placements: greedy to begin with, then annealing by moves and swaps.

Order edges and allowed waves hold at every step; what exceeds a capacity costs a price and has to vanish.
"""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from caravan_assessment.domain.waves.layout import lay_out
from caravan_assessment.domain.waves.problem import Problem

LOWEST_PRICE, HIGHEST_PRICE = 0.05, 3.0  # of one unit above a capacity, in usual edge weights
CHUNKS = 16  # between looks at the schedule


@dataclass(frozen=True, slots=True)
class Schedule:
    """From hot to cold, in usual edge weights, while `progress(steps)` goes from 0 to 1."""

    progress: Callable[[int], float]
    hot: float = 1.5
    cold: float = 0.05


def place_greedily(problem: Problem) -> list[int]:
    """In topological order, the most urgent first; where it fits best, then where it talks most, then early."""
    waves = range(len(problem.waves))
    latest = [max(wave for wave in waves if row[wave]) for row in problem.allowed]
    earliest = [row.index(True) for row in problem.allowed]
    place = [-1] * problem.size
    free = [list(row) for row in problem.capacity]
    waiting = [len(row) for row in problem.before]
    ready = [(latest[node], earliest[node], node) for node, count in enumerate(waiting) if not count]
    heapq.heapify(ready)
    while ready:
        node = heapq.heappop(ready)[2]
        lowest = max((place[other] for other in problem.before[node]), default=0)
        affinity = [0] * len(waves)
        for other, weight in problem.neighbours[node]:
            if place[other] >= 0:
                affinity[place[other]] += weight
        # Never empty: windows are narrowed, so whoever is before ends no later than this node's last wave.
        choices = [wave for wave in waves if problem.allowed[node][wave] and wave >= lowest]
        place[node] = min(
            choices, key=lambda wave: (_lack(problem.demand[node], free[wave]), -affinity[wave], wave)
        )
        for resource, amount in problem.demand[node]:
            free[place[node]][resource] -= amount
        for other in problem.after[node]:
            waiting[other] -= 1
            if not waiting[other]:
                heapq.heappush(ready, (latest[other], earliest[other], other))
    return place


def _lack(demand: tuple[tuple[int, int], ...], free: list[int]) -> int:
    lack = 0
    for resource, amount in demand:
        left = free[resource]
        if left < amount:
            lack += amount - left if left > 0 else amount
    return lack


def anneal(
    problem: Problem, start: Sequence[int], schedule: Schedule, random: Random
) -> tuple[list[int], int]:
    """The best placement met (least excess, then least cut), and the number of steps."""
    # numba takes seconds to be there, and whoever only reads or edits a plan does without it.
    from caravan_assessment.domain.waves.kernel import CHUNK, turn

    state = lay_out(problem, start, random)
    if not state.movable.size or len(problem.waves) < 2:
        return list(start), 0
    usual = max(1.0, float(state.weights.mean()) if state.weights.size else 1.0)
    lowest, highest = usual * LOWEST_PRICE, usual * HIGHEST_PRICE
    price, done = lowest * 4, 0
    while (progress := schedule.progress(done)) < 1:
        temperature = usual * schedule.hot * (schedule.cold / schedule.hot) ** progress
        price = turn(state, CHUNKS, temperature, price, lowest, highest)
        done += CHUNKS * CHUNK
    return [int(wave) for wave in state.best_place], done
