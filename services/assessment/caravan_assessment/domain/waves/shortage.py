"""A stretch of waves that must take in more than it holds: the plain reason why capacities do not suffice."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from caravan_assessment.domain.waves.problem import UNLIMITED, Problem


@dataclass(frozen=True, slots=True)
class Shortage:
    resource: int
    waves: tuple[int, ...]
    demand: int
    capacity: int


@dataclass(frozen=True, slots=True)
class Shortages:
    """The shortages of one problem; thousands of nodes may ask for theirs, so what they share is kept."""

    problem: Problem
    _tables: dict[int, tuple[NDArray[np.int64], NDArray[np.int64]]] = field(default_factory=dict)
    _found: dict[tuple[int, tuple[int, int]], Shortage | None] = field(default_factory=dict)

    def find(self, node: int) -> Shortage | None:
        """The worst lack, for its size, of a resource that the node needs, over the stretches of waves that it can't
        leave. A stretch must take in whatever has no wave outside it. None where every capacity suffices by itself.
        """
        span = _find_span(self.problem.allowed[node])
        found = [self._find_worst(resource, span) for resource, _ in self.problem.demand[node]]
        lacks = [shortage for shortage in found if shortage is not None]
        return max(
            lacks, key=lambda lack: (lack.demand / max(1, lack.capacity), -lack.resource), default=None
        )

    def _find_worst(self, resource: int, span: tuple[int, int]) -> Shortage | None:
        if (resource, span) not in self._found:
            demand, capacity = self._sum_up(resource)
            worst: Shortage | None = None
            for first in range(span[0] + 1):
                for last in range(span[1], len(self.problem.waves)):
                    need, room = int(demand[first, last]), int(capacity[first, last])
                    if room < min(need, UNLIMITED) and (
                        worst is None or need - room > worst.demand - worst.capacity
                    ):
                        worst = Shortage(resource, tuple(range(first, last + 1)), need, room)
            self._found[resource, span] = worst
        return self._found[resource, span]

    def _sum_up(self, resource: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """By first and last wave of a stretch: what all need whose waves lie within, and what the stretch holds."""
        if resource not in self._tables:
            count = len(self.problem.waves)
            needs = np.zeros((count, count), dtype=np.int64)
            for row, parts in zip(self.problem.allowed, self.problem.demand, strict=True):
                if True in row:
                    needs[_find_span(row)] += dict(parts).get(resource, 0)
            demand = needs[::-1].cumsum(axis=0)[::-1].cumsum(axis=1)
            limits = np.array([row[resource] for row in self.problem.capacity], dtype=np.int64)
            until = np.concatenate(([0], limits.cumsum()))
            self._tables[resource] = demand, until[None, 1:] - until[:-1, None]
        return self._tables[resource]


def _find_span(row: list[bool]) -> tuple[int, int]:
    return row.index(True), len(row) - 1 - row[::-1].index(True)
