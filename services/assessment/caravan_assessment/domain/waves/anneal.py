"""Local search over placements: greedy to begin with, then annealing by moves and swaps with running gains.

Order edges and allowed waves hold at every step; what exceeds a capacity costs a price and has to vanish.
"""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp
from random import Random

from caravan_assessment.domain.waves.problem import Problem, measure_cut, measure_excess

LOWEST_PRICE, HIGHEST_PRICE, PRICE_STEP = (
    0.05,
    3.0,
    1.01,
)  # of one unit above a capacity, in usual edge weights
CHUNK = 512  # steps between looks at the schedule
NEIGHBOURLY = 0.85  # share of moves drawn towards a node it talks to; the others go anywhere


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


def anneal(  # noqa: C901, PLR0912, PLR0915 - see its docstring
    problem: Problem, start: Sequence[int], schedule: Schedule, random: Random
) -> tuple[list[int], int]:
    """The best placement met (least excess, then least cut), and the number of steps.

    One loop, written out: it turns several hundred thousand times a second, and calls would halve that.
    """
    draw, size, wave_count = random.random, problem.size, len(problem.waves)
    demand, allowed, before, after = problem.demand, problem.allowed, problem.before, problem.after
    neighbours = problem.neighbours
    weights = [dict(row) for row in neighbours]
    partners = [[other for other, _ in row] for row in neighbours]
    usual = max(1.0, sum(weight for row in neighbours for _, weight in row) / max(1, sum(map(len, partners))))
    movable = [node for node in range(size) if sum(allowed[node]) > 1]
    place = list(start)
    pull = [[0] * wave_count for _ in range(size)]  # soft weight of a node towards each wave
    free = [list(row) for row in problem.capacity]
    inside: list[list[int]] = [[] for _ in range(wave_count)]
    spot = [0] * size
    for node, wave in enumerate(place):
        for other, weight in neighbours[node]:
            pull[other][wave] += weight
        for resource, amount in demand[node]:
            free[wave][resource] -= amount
        spot[node] = len(inside[wave])
        inside[wave].append(node)
    cut, excess = measure_cut(problem, place), measure_excess(problem, place)
    best, best_place = (excess, cut), list(place)
    if not movable or wave_count < 2:
        return best_place, 0
    price, temperature, done, many = usual * LOWEST_PRICE * 4, 0.0, 0, len(movable)

    while (progress := schedule.progress(done)) < 1:
        temperature = usual * schedule.hot * (schedule.cold / schedule.hot) ** progress
        price = price * PRICE_STEP if excess else price / PRICE_STEP
        price = min(usual * HIGHEST_PRICE, max(usual * LOWEST_PRICE, price))
        done += CHUNK
        for _ in range(CHUNK):
            node = movable[int(draw() * many)]
            talks = partners[node]
            if talks and draw() < NEIGHBOURLY:
                target = place[talks[int(draw() * len(talks))]]
            else:
                target = int(draw() * wave_count)
            origin = place[node]
            if target == origin or not allowed[node][target]:
                continue
            if target < origin:
                for other in before[node]:
                    if place[other] > target:
                        break
                else:
                    other = -1
            else:
                for other in after[node]:
                    if place[other] < target:
                        break
                else:
                    other = -1
            if other >= 0:
                continue
            change = pull[node][origin] - pull[node][target]
            here, there, more = free[origin], free[target], 0
            for resource, amount in demand[node]:
                left = there[resource]
                if left < amount:
                    more += amount - left if left > 0 else amount
                left = here[resource]
                if left < 0:
                    more -= amount if left <= -amount else -left
            partner = -1
            if more > 0 and inside[target]:
                # It does not fit: the two change places.
                partner = inside[target][int(draw() * len(inside[target]))]
                if not allowed[partner][origin]:
                    continue
                place[node] = target
                if origin < target:
                    for other in before[partner]:
                        if place[other] > origin:
                            break
                    else:
                        other = -1
                else:
                    for other in after[partner]:
                        if place[other] < origin:
                            break
                    else:
                        other = -1
                place[node] = origin
                if other >= 0:
                    continue
                change += pull[partner][target] - pull[partner][origin] + 2 * weights[node].get(partner, 0)
                more = 0
                shift = dict(demand[node])
                for resource, amount in demand[partner]:
                    shift[resource] = shift.get(resource, 0) - amount
                for resource, amount in shift.items():
                    left = there[resource]
                    more += (amount - left if amount > left else 0) - (-left if left < 0 else 0)
                    left = here[resource]
                    more += (-amount - left if -amount > left else 0) - (-left if left < 0 else 0)
            cost = change + price * more
            if cost > 0 and (cost > 12 * temperature or draw() >= exp(-cost / temperature)):
                continue
            cut += change
            excess += more
            for moved, source, goal in (
                ((node, origin, target),)
                if partner < 0
                else ((node, origin, target), (partner, target, origin))
            ):
                place[moved] = goal
                for other, weight in neighbours[moved]:
                    row = pull[other]
                    row[source] -= weight
                    row[goal] += weight
                for resource, amount in demand[moved]:
                    free[source][resource] += amount
                    free[goal][resource] -= amount
                crowd = inside[source]
                last = crowd.pop()
                if last != moved:
                    crowd[spot[moved]] = last
                    spot[last] = spot[moved]
                spot[moved] = len(inside[goal])
                inside[goal].append(moved)
            if excess <= best[0] and (excess, cut) < best:
                best, best_place = (excess, cut), list(place)
    return best_place, done
