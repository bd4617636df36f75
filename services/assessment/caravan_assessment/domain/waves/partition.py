"""Cuts a weighted graph into k balanced parts of little cut: METIS from fixed seeds, each annealed, the best of them.

METIS may overshoot the balance asked for, by 10 % on a small graph; here it is held, or the answer says it is not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

import pymetis

from caravan_assessment.domain.waves.anneal import Schedule, anneal
from caravan_assessment.domain.waves.problem import Problem, measure_cut, measure_excess

SEEDS = (1, 2, 3, 4, 5, 6)
STEPS_PER_NODE, FEWEST_STEPS, MOST_STEPS = 15_000, 200_000, 10_000_000  # of one run
HOT, COLD = 1.5, 0.1


class GraphIsNotUsable(ValueError):
    """The file is no METIS graph; the text says which line."""


@dataclass(frozen=True, slots=True)
class Graph:
    """Node weights, and per node its (neighbour, weight) pairs, both ways."""

    weights: tuple[int, ...]
    neighbours: tuple[tuple[tuple[int, int], ...], ...]


@dataclass(frozen=True, slots=True)
class Partition:
    """The part of each node, the weight of cut edges, the heaviest part's weight, and whether the balance is held."""

    parts: tuple[int, ...]
    cut: int
    heaviest: int
    balanced: bool


def read_metis(text: str) -> Graph:
    """METIS' text form: nodes, edges, format (three digits: sizes, node weights, edge weights), one line a node."""
    lines = [line.split() for line in text.splitlines() if not line.startswith("%")]
    if not lines or len(lines[0]) < 2:
        raise GraphIsNotUsable("the first line must give the numbers of nodes and edges")
    count, edges = int(lines[0][0]), int(lines[0][1])
    form = lines[0][2].zfill(3) if len(lines[0]) > 2 else "000"
    constraints = int(lines[0][3]) if len(lines[0]) > 3 else int(form[1])
    if constraints > 1 or len(lines) < count + 1:
        raise GraphIsNotUsable("one weight a node at most, and a line for every node")
    weights, neighbours = [], []
    for fields in lines[1 : count + 1]:
        row = [int(field) for field in fields][int(form[0]) :]
        weights.append(row.pop(0) if form[1] == "1" else 1)
        pairs = zip(row[::2], row[1::2], strict=True) if form[2] == "1" else ((other, 1) for other in row)
        neighbours.append(tuple((other - 1, weight) for other, weight in pairs))
    if sum(map(len, neighbours)) != 2 * edges:
        raise GraphIsNotUsable(f"{edges} edges are announced, {sum(map(len, neighbours)) / 2:g} are there")
    return Graph(tuple(weights), tuple(neighbours))


def partition_graph(graph: Graph, parts: int, imbalance: float = 0.03) -> Partition:
    """The best of several fixed seeds: the same answer every time. No part is heavier than (1 + imbalance) × the mean
    (or than the mean rounded up, if that is more), unless no run found such a cut: then `balanced` is False."""
    total = sum(graph.weights)
    limit = max(-(-total // parts), int((1 + imbalance) * total / parts))
    problem = _make_problem(graph, parts, limit)
    best: list[int] | None = None
    for start, seed in _draw_starts(graph, parts):
        steps = min(MOST_STEPS, max(FEWEST_STEPS, STEPS_PER_NODE * problem.size))
        place, _ = anneal(problem, start, _make_schedule(steps), Random(seed))
        if best is None or _rank(problem, place) < _rank(problem, best):
            best = place
    place = best or [0] * problem.size
    loads = [
        sum(w for w, at in zip(graph.weights, place, strict=True) if at == part) for part in range(parts)
    ]
    return Partition(tuple(place), measure_cut(problem, place), max(loads), max(loads) <= limit)


def _make_schedule(steps: int) -> Schedule:
    return Schedule(lambda done: done / steps, HOT, COLD)


def _rank(problem: Problem, place: Sequence[int]) -> tuple[int, int]:
    return measure_excess(problem, place), measure_cut(problem, place)


def _make_problem(graph: Graph, parts: int, limit: int) -> Problem:
    """A partition is a wave plan with one resource, no order and no dates."""
    count = len(graph.weights)
    return Problem(
        members=[[node] for node in range(count)],
        waves=list(range(parts)),
        demand=[((0, weight),) for weight in graph.weights],
        capacity=[[limit] for _ in range(parts)],
        allowed=[[True] * parts for _ in range(count)],
        before=[[] for _ in range(count)],
        after=[[] for _ in range(count)],
        neighbours=[list(row) for row in graph.neighbours],
    )


def _draw_starts(graph: Graph, parts: int) -> Iterator[tuple[list[int], int]]:
    """METIS by both its ways, from each seed."""
    starts, targets, weights = [0], [], []
    for row in graph.neighbours:
        targets += [other for other, _ in row]
        weights += [weight for _, weight in row]
        starts.append(len(targets))
    adjacency = pymetis.CSRAdjacency(adj_starts=starts, adjacent=targets)
    for seed in SEEDS:
        _, label = pymetis.part_graph(
            parts,
            adjacency,
            vweights=list(graph.weights),
            eweights=weights,
            recursive=seed % 2 == 0,
            options=pymetis.Options(seed=seed),
        )
        yield list(label), seed
