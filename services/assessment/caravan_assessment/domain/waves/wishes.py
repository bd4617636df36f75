"""Wishes: pilots in the first wave they may have, critical applications late. They never cost a rule."""

from collections.abc import Sequence
from dataclasses import replace

from caravan_assessment.domain.waves.model import Unit
from caravan_assessment.domain.waves.problem import Problem, narrow_windows

SWEEPS, USUAL_CRITICALITY, PILOT_PULL = 5, 3, 10


def pin_pilots(problem: Problem, units: Sequence[Unit]) -> tuple[Problem, list[int]]:
    """Pins each pilot to its first wave, as long as the pinned ones fit there and leave all others a wave.

    Returns the problem and the nodes whose pilots could not be pinned.
    """
    free = [list(row) for row in problem.capacity]
    refused = []
    for node, members in enumerate(problem.members):
        if not any(units[unit].pilot for unit in members):
            continue
        wave = problem.allowed[node].index(True)
        pinned = _pin(problem, node, wave)
        fits = all(amount <= free[wave][resource] for resource, amount in problem.demand[node])
        if fits and all(any(row) for row in pinned.allowed):
            problem = pinned
            for resource, amount in problem.demand[node]:
                free[wave][resource] -= amount
        else:
            refused.append(node)
    return problem, refused


def _pin(problem: Problem, node: int, wave: int) -> Problem:
    allowed = list(problem.allowed)
    allowed[node] = [at == wave for at in range(len(problem.waves))]
    return narrow_windows(replace(problem, allowed=allowed))


def grant_wishes(problem: Problem, place: Sequence[int], units: Sequence[Unit]) -> list[int]:
    """Moves that change no cut and break nothing, pilots to the front, the critical to the back."""
    moved = list(place)
    free = [list(row) for row in problem.capacity]
    for node, wave in enumerate(moved):
        for resource, amount in problem.demand[node]:
            free[wave][resource] -= amount
    for _ in range(SWEEPS):
        before = list(moved)
        for node, members in enumerate(problem.members):
            lateness = sum(units[unit].criticality - USUAL_CRITICALITY for unit in members)
            lateness -= PILOT_PULL * sum(units[unit].pilot for unit in members)
            if lateness:
                _move_without_cut(problem, moved, free, node, late=lateness > 0)
        if moved == before:
            break
    return moved


def _move_without_cut(
    problem: Problem, place: list[int], free: list[list[int]], node: int, late: bool
) -> None:
    here = place[node]
    low = max((place[other] for other in problem.before[node]), default=0)
    high = min((place[other] for other in problem.after[node]), default=len(problem.waves) - 1)
    pull = [0] * len(problem.waves)
    for other, weight in problem.neighbours[node]:
        pull[place[other]] += weight
    choices = range(high, here, -1) if late else range(low, here)
    for wave in choices:
        if (
            problem.allowed[node][wave]
            and pull[wave] >= pull[here]
            and all(amount <= free[wave][resource] for resource, amount in problem.demand[node])
        ):
            for resource, amount in problem.demand[node]:
                free[here][resource] += amount
                free[wave][resource] -= amount
            place[node] = wave
            return
