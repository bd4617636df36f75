"""One schedule of a project, as short as the time allows, and how short it can be at best."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from caravan_planning.domain.scheduling.exact import Limits, ProjectModel, Solved
from caravan_planning.domain.scheduling.heuristics import Heuristics
from caravan_planning.domain.scheduling.project import Project

_GENETIC_SHARE = 0.1
"""Of the time, for the genetic search before the solver gets its schedule as a hint."""
_DEFAULT_STEPS = 2000
_DETERMINISTIC_PER_STEP = 0.001
"""Deterministic time of the solver per step: about as long as one schedule of 120 tasks takes."""


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
    heuristics = Heuristics(project, seed)
    heuristics.start()
    bound = max(project.critical_path, project.energy_bound)
    if seconds is None:
        return _search_by_steps(project, heuristics, bound, _DEFAULT_STEPS if steps is None else steps, seed)
    return _search_by_time(project, heuristics, bound, seconds, seed)


def _search_by_time(
    project: Project, heuristics: Heuristics, bound: int, seconds: float, seed: int
) -> Schedule:
    """The solver works in a thread beside the genetic search, from the schedule found until then as a hint."""
    until = time.monotonic() + seconds
    first = time.monotonic() + _GENETIC_SHARE * seconds
    heuristics.evolve(lambda: heuristics.best_makespan > bound and time.monotonic() < first)
    if heuristics.best_makespan <= bound:
        return _conclude(project, heuristics, bound, None)
    model = _model(project, heuristics, bound)
    with ThreadPoolExecutor(1) as pool:
        limits = Limits(seconds=until - time.monotonic(), seed=seed)
        solving = pool.submit(model.solve, limits)
        heuristics.evolve(
            lambda: not solving.done() and heuristics.best_makespan > bound and time.monotonic() < until
        )
        model.stop()
        return _conclude(project, heuristics, bound, solving.result())


def _search_by_steps(project: Project, heuristics: Heuristics, bound: int, steps: int, seed: int) -> Schedule:
    """First the genetic search, then the solver with one worker: each counts its own steps, not time."""
    last = heuristics.made + steps
    heuristics.evolve(lambda: heuristics.best_makespan > bound and heuristics.made < last)
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
