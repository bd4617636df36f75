"""A stretch of waves that must take in more than it holds: the plain reason why capacities do not suffice."""

from dataclasses import dataclass

from caravan_assessment.domain.waves.problem import UNLIMITED, Problem


@dataclass(frozen=True, slots=True)
class Shortage:
    resource: int
    waves: tuple[int, ...]
    demand: int
    capacity: int


def find_shortage(problem: Problem, node: int) -> Shortage | None:
    """The worst lack, over all stretches of waves, of a resource that the node needs; None where each one suffices.

    A stretch must take in whatever has no wave outside it.
    """
    worst: Shortage | None = None
    spans = [
        (row.index(True), len(row) - 1 - row[::-1].index(True)) if True in row else None
        for row in problem.allowed
    ]
    for resource, _ in problem.demand[node]:
        needs = [dict(row).get(resource, 0) for row in problem.demand]
        for first in range(len(problem.waves)):
            for last in range(first, len(problem.waves)):
                capacity = sum(problem.capacity[wave][resource] for wave in range(first, last + 1))
                if capacity >= UNLIMITED:
                    continue
                demand = sum(
                    need
                    for need, span in zip(needs, spans, strict=True)
                    if span and first <= span[0] and span[1] <= last
                )
                lack = demand - capacity
                if lack > 0 and (worst is None or lack > worst.demand - worst.capacity):
                    worst = Shortage(resource, tuple(range(first, last + 1)), demand, capacity)
    return worst
