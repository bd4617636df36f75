"""Communities of nodes that talk most with one another, found by METIS."""

from collections.abc import Sequence

import pymetis

from caravan_assessment.domain.waves.problem import Problem

SEED = 1


def find_communities(problem: Problem, size: int) -> list[int]:
    """A label per node, about `size` nodes a label, by soft weight alone; rules and capacities are not looked at."""
    starts, targets, weights = [0], [], []
    for row in problem.neighbours:
        # METIS takes positive weights only.
        targets += [other for other, weight in row if weight > 0]
        weights += [weight for _, weight in row if weight > 0]
        starts.append(len(targets))
    parts = problem.size // max(1, size)
    if not targets or parts < 2:
        return list(range(problem.size))
    graph = pymetis.CSRAdjacency(adj_starts=starts, adjacent=targets)
    _, label = pymetis.part_graph(
        parts, graph, eweights=weights, options=pymetis.Options(seed=SEED), recursive=False
    )
    # A node without neighbours is put anywhere: it stays alone.
    return number_names(
        [
            at if row else -1 - node
            for node, (at, row) in enumerate(zip(label, problem.neighbours, strict=True))
        ]
    )


def number_names(names: Sequence[object]) -> list[int]:
    """0 … k-1 in order of first appearance."""
    numbers: dict[object, int] = {}
    return [numbers.setdefault(name, len(numbers)) for name in names]
