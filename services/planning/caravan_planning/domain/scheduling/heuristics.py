"""Schedules by priority rules, sampling, justification (forward-backward improvement) and a genetic search.

Sources: Kolisch and Hartmann (2006) for the rules and the serial scheme, Valls, Ballestin and Quintanilla (2005,
2008) for double justification and the hybrid genetic algorithm.
"""

from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from random import Random

from caravan_planning.domain.scheduling.profile import pack_project
from caravan_planning.domain.scheduling.project import Project

POPULATION = 200
_MUTATION = 0.05
_PATIENCE = 10
"""A population is given up after this many times its size without a better schedule."""
_SPREAD = 0.3
"""How far sampling strays from the rule, as a share of the critical path."""
_PASSES = 2

Individual = tuple[int, list[int]]
"""A makespan, and the tasks in the order of their starts."""


class Heuristics:
    """Makes schedules of one project. `best` is the shortest so far; `made` counts the schedules generated."""

    def __init__(self, project: Project, seed: int, population: int = POPULATION) -> None:
        self._project = project
        self._size = population
        self._forward = pack_project(project)
        self._backward = pack_project(project, backwards=True)
        self._random = Random(seed)
        self.made = 0
        self.best: list[int] = []
        self.best_makespan = project.horizon + 1

    def start(self) -> None:
        """One schedule by each priority rule: latest finish, latest start, most work after it."""
        tails, durations = self._project.tails, self._project.durations
        for priority in (
            [-float(tail) for tail in tails],
            [-float(tail + duration) for tail, duration in zip(tails, durations, strict=True)],
            [-float(len(after)) for after in self._project.successors],
        ):
            self.improve(order_by(priority, self._project))

    def improve(self, order: Sequence[int]) -> Individual:
        """The schedule that `order` gives, pushed to the right and to the left again while it gets shorter."""
        durations, forward, backward = self._project.durations, self._forward, self._backward
        starts = forward.place(order)
        ordered = sorted(order, key=starts.__getitem__)
        makespan = self._note(starts)
        for _ in range(_PASSES):
            # Reversed first: tasks of no length tie with their neighbours, and a stable sort keeps their order.
            late = list(reversed(ordered))
            late.sort(
                key=[-start - length for start, length in zip(starts, durations, strict=True)].__getitem__
            )
            mirrored = backward.place(late)
            early = list(reversed(late))
            early.sort(
                key=[-start - length for start, length in zip(mirrored, durations, strict=True)].__getitem__
            )
            starts = forward.place(early)
            shorter = self._note(starts)
            if shorter <= makespan:
                ordered = sorted(early, key=starts.__getitem__)
            if shorter >= makespan:
                break
            makespan = shorter
        return makespan, ordered

    def sample(self) -> Individual:
        """One schedule by latest finish times, disturbed at random."""
        spread = self._random.uniform(0.0, _SPREAD) * self._project.critical_path
        draw = self._random.random
        return self.improve(order_by([spread * draw() - tail for tail in self._project.tails], self._project))

    def evolve(self, goes_on: Callable[[], bool]) -> None:
        """A genetic search, begun anew when it gets no further; ends when `goes_on` says so."""
        while goes_on():
            population: list[Individual] = []
            while len(population) < self._size and goes_on():
                population.append(self.sample())
            self._evolve(population, goes_on)

    def _evolve(self, population: list[Individual], goes_on: Callable[[], bool]) -> None:
        population.sort()
        known = {tuple(order) for _, order in population}
        since = 0
        while since < _PATIENCE * self._size and len(population) == self._size and goes_on():
            mother, father = self._choose(population), self._choose(population)
            child = self.improve(self._mutate(self._cross(mother[1], father[1])))
            since += 1
            if child[0] > population[-1][0] or tuple(child[1]) in known:
                continue
            if child[0] < population[0][0]:
                since = 0
            known.discard(tuple(population.pop()[1]))
            known.add(tuple(child[1]))
            population.append(child)
            population.sort(key=lambda each: each[0])

    def _choose(self, population: list[Individual]) -> Individual:
        """The better of two."""
        return population[min(self._random.randrange(len(population)) for _ in range(2))]

    def _cross(self, mother: list[int], father: list[int]) -> list[int]:
        """Two points: head and tail of the mother, between them the father's order. Keeps the precedence."""
        length = len(mother)
        first, second = sorted(self._random.randrange(length + 1) for _ in range(2))
        head, tail = mother[:first], mother[second:]
        outside = {*head, *tail}
        return [*head, *(task for task in father if task not in outside), *tail]

    def _mutate(self, order: list[int]) -> list[int]:
        """Neighbours change places where nothing forbids it."""
        for at in range(len(order) - 1):
            if self._random.random() < _MUTATION and order[at + 1] not in self._project.successors[order[at]]:
                order[at], order[at + 1] = order[at + 1], order[at]
        return order

    def _note(self, starts: list[int]) -> int:
        self.made += 1
        makespan = measure_makespan(self._project, starts)
        if makespan < self.best_makespan:
            self.best, self.best_makespan = starts, makespan
        return makespan


def order_by(priority: Sequence[float], project: Project) -> list[int]:
    """The tasks by ascending priority, none before its predecessors."""
    waiting = [len(before) for before in project.predecessors]
    ready = sorted((priority[task], task) for task, count in enumerate(waiting) if not count)
    order = []
    while ready:
        _, task = heappop(ready)
        order.append(task)
        for after in project.successors[task]:
            waiting[after] -= 1
            if not waiting[after]:
                heappush(ready, (priority[after], after))
    return order


def measure_makespan(project: Project, starts: Sequence[int]) -> int:
    return max((start + length for start, length in zip(starts, project.durations, strict=True)), default=0)
