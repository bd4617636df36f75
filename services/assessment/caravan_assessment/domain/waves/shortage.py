"""A stretch of waves that must take in more than it holds: the plain reason why capacities do not suffice."""

from dataclasses import dataclass

import numpy as np

from caravan_assessment.domain.waves.problem import UNLIMITED, Problem


@dataclass(frozen=True, slots=True)
class Shortage:
    resource: int
    waves: tuple[int, ...]
    demand: int
    capacity: int


def find_shortage(problem: Problem, node: int) -> Shortage | None:
    """The worst lack, for its size, of a resource that the node needs, over the stretches of waves that it can't leave.

    A stretch must take in whatever has no wave outside it. None where every capacity suffices by itself.
    """
    span = _find_span(problem.allowed[node])
    found = [_find_worst(problem, resource, span) for resource, _ in problem.demand[node]]
    lacks = [shortage for shortage in found if shortage is not None]
    return max(lacks, key=lambda lack: (lack.demand / max(1, lack.capacity), -lack.resource), default=None)


def _find_span(row: list[bool]) -> tuple[int, int]:
    return row.index(True), len(row) - 1 - row[::-1].index(True)


def _find_worst(problem: Problem, resource: int, span: tuple[int, int]) -> Shortage | None:
    count = len(problem.waves)
    needs = np.zeros((count, count), dtype=np.int64)
    for row, parts in zip(problem.allowed, problem.demand, strict=True):
        if True in row:
            needs[_find_span(row)] += dict(parts).get(resource, 0)
    # demand[first, last]: of all whose waves lie within; capacity likewise.
    demand = needs[::-1].cumsum(axis=0)[::-1].cumsum(axis=1)
    limits = np.array([row[resource] for row in problem.capacity], dtype=np.int64)
    until = np.concatenate(([0], limits.cumsum()))
    capacity = until[None, 1:] - until[:-1, None]
    worst: Shortage | None = None
    for first in range(span[0] + 1):
        for last in range(span[1], count):
            need, room = int(demand[first, last]), int(capacity[first, last])
            if room < min(need, UNLIMITED) and (worst is None or need - room > worst.demand - worst.capacity):
                worst = Shortage(resource, tuple(range(first, last + 1)), need, room)
    return worst
