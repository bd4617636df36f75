"""One schedule of a project, as short as the time allows, and how short it can be at best."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from caravan_planning.domain.scheduling.exact import Limits, ProjectModel, Solved
from caravan_planning.domain.scheduling.heuristics import POPULATION, Heuristics
from caravan_planning.domain.scheduling.project import Project

_WORKERS = 2
_FIRST_SHARE = 0.05
"""Of the time, until the solver gets its first hint."""
_GENETIC_SHARE_PER_TASK, _GENETIC_SHARES = 1 / 150, (0.3, 0.8)
"""Of the time, until the genetic search leaves the solver both workers: it does better on small ones."""
_LEAST_POPULATION = 20
_DEFAULT_STEPS = 2000
_DETERMINISTIC_PER_STEP = 0.0005
"""Deterministic time of the solver per step: about as long as two schedules of 120 tasks take."""


@dataclass(frozen=True)
class Schedule:
    """`starts` by task. `lower_bound`: no schedule is shorter. `heuristic` when no solver improved or confirmed it."""

    starts: tuple[int, ...]
    makespan: int
    status: Literal["optimal", "feasible", "heuristic"]
    lower_bound: int


def schedule(
    project: Project, *, seconds: float | None = None, steps: int | None = None, seed: int = 1
) -> Schedule:
    """With `steps` (2,000 unless told) equal calls give equal schedules; with `seconds` two threads use them up.

    The lower bound is the greatest of critical path, energy and what the solver proves.
    """
    steps = _DEFAULT_STEPS if steps is None else steps
    # A first population takes about four schedules each: a short search needs a small one to get beyond it.
    population = POPULATION if seconds is not None else min(POPULATION, max(_LEAST_POPULATION, steps // 12))
    heuristics = Heuristics(project, seed, population)
    heuristics.start()
    bound = max(project.critical_path, project.energy_bound)
    if seconds is None:
        return _search_by_steps(project, heuristics, bound, steps, seed)
    return _search_by_time(project, heuristics, bound, seconds, seed)


def _search_by_time(
    project: Project, heuristics: Heuristics, bound: int, seconds: float, seed: int
) -> Schedule:
    """Never more than two threads: genetic search beside one worker, then two that improve the better schedule."""
    began = time.monotonic()
    least, most = _GENETIC_SHARES
    share = min(most, max(least, len(project.durations) * _GENETIC_SHARE_PER_TASK))
    until = began + share * seconds
    # A first population's best as a hint; small projects are at their bound by then.
    heuristics.evolve(
        lambda: _is_open(heuristics, bound) and time.monotonic() < began + _FIRST_SHARE * seconds
    )
    if not _is_open(heuristics, bound):
        return _conclude(project, heuristics, bound, None)
    model = _model(project, heuristics, bound)
    with ThreadPoolExecutor(1) as pool:
        solving = pool.submit(model.solve, Limits(seconds=until - time.monotonic(), seed=seed))
        heuristics.evolve(
            lambda: not solving.done() and _is_open(heuristics, bound) and time.monotonic() < until
        )
        model.stop()
        first = _conclude(project, heuristics, bound, solving.result())
    if first.status == "optimal":
        return first
    left = Limits(began + seconds - time.monotonic(), workers=_WORKERS, seed=seed, neighbourhoods_only=True)
    solved = _model(project, heuristics, first.lower_bound).solve(left)
    return _conclude(project, heuristics, first.lower_bound, solved)


def _is_open(heuristics: Heuristics, bound: int) -> bool:
    return heuristics.best_makespan > bound


def _search_by_steps(project: Project, heuristics: Heuristics, bound: int, steps: int, seed: int) -> Schedule:
    """First the genetic search, then the solver with one worker: each counts its own steps, not time."""
    last = heuristics.made + steps
    heuristics.evolve(lambda: _is_open(heuristics, bound) and heuristics.made < last)
    if heuristics.best_makespan <= bound or not steps:
        return _conclude(project, heuristics, bound, None)
    limits = Limits(deterministic=steps * _DETERMINISTIC_PER_STEP, seed=seed)
    return _conclude(project, heuristics, bound, _model(project, heuristics, bound).solve(limits))


def _model(project: Project, heuristics: Heuristics, bound: int) -> ProjectModel:
    model = ProjectModel(project, heuristics.best_makespan, bound)
    model.hint(heuristics.best)
    return model


def _conclude(project: Project, heuristics: Heuristics, bound: int, solved: Solved | None) -> Schedule:
    """The shortest that anyone found, pushed together once more, with the best bound."""
    if solved is not None:
        if solved.starts is not None:
            heuristics.improve(sorted(project.topological_order, key=solved.starts.__getitem__))
        bound = max(bound, solved.lower_bound)
    makespan = heuristics.best_makespan
    status: Literal["optimal", "feasible", "heuristic"] = "heuristic" if solved is None else "feasible"
    if makespan <= bound:
        status = "optimal"
    return Schedule(tuple(heuristics.best), makespan, status, min(bound, makespan))
