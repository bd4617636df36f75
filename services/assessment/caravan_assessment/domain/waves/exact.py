"""The placement as a CP-SAT model, over all nodes or over a few while the others stay where they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ortools.sat.python import cp_model

from caravan_assessment.domain.waves.problem import UNLIMITED, Problem, measure_cut

Outcome = Literal["optimal", "feasible", "infeasible", "unknown"]


@dataclass(frozen=True, slots=True)
class Limit:
    """When the solver stops. With `seconds` None only `work` (deterministic time) counts, on one worker: the same
    input then gives the same answer. With seconds it takes `workers` and the wall clock as well."""

    work: float
    seconds: float | None = None
    workers: int = 2
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Solution:
    outcome: Outcome
    place: list[int]
    bound: float | None = None


def solve(
    problem: Problem, hint: Sequence[int] | None, limit: Limit, free: Sequence[int] | None = None
) -> Solution:
    """Least cut within capacities. `free`: the nodes that may move; then `hint` tells where all others are."""
    moving = list(range(problem.size)) if free is None else sorted(free)
    model = cp_model.CpModel()
    windows = {node: _find_window(problem, node, set(moving), hint) for node in moving}
    if not all(windows.values()):
        return Solution("infeasible", list(hint or []))
    chosen = {node: {wave: model.new_bool_var("") for wave in windows[node]} for node in moving}
    for row in chosen.values():
        model.add_exactly_one(row.values())
    _add_order(model, problem, chosen)
    _add_capacity(model, problem, chosen, hint)
    model.maximize(_gain(model, problem, chosen, hint))
    if hint is not None:
        for node, row in chosen.items():
            for wave, variable in row.items():
                model.add_hint(variable, hint[node] == wave)
    solver = _make_solver(limit)
    status = solver.solve(model)
    if status in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        place = list(hint) if hint is not None else [-1] * problem.size
        for node, row in chosen.items():
            place[node] = next(wave for wave, variable in row.items() if solver.boolean_value(variable))
        return Solution("optimal" if status == cp_model.OPTIMAL else "feasible", place)
    return Solution("infeasible" if status == cp_model.INFEASIBLE else "unknown", list(hint or []))


def _make_solver(limit: Limit) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.random_seed = limit.seed
    solver.parameters.max_deterministic_time = limit.work
    if limit.seconds is None:
        solver.parameters.num_workers = 1
    else:
        solver.parameters.max_time_in_seconds = max(0.01, limit.seconds)
        solver.parameters.num_workers = limit.workers
    return solver


_Choice = dict[int, dict[int, cp_model.IntVar]]


def _find_window(problem: Problem, node: int, moving: set[int], hint: Sequence[int] | None) -> list[int]:
    """The node's waves, given its neighbours by order that stay."""
    low, high = 0, len(problem.waves) - 1
    if hint is not None:
        low = max([low, *(hint[other] for other in problem.before[node] if other not in moving)])
        high = min([high, *(hint[other] for other in problem.after[node] if other not in moving)])
    return [wave for wave in range(low, high + 1) if problem.allowed[node][wave]]


def _add_order(model: cp_model.CpModel, problem: Problem, chosen: _Choice) -> None:
    """Up to each wave, whoever must be first has moved if the other has: tighter than comparing numbers."""
    for source, row in chosen.items():
        for target in problem.after[source]:
            if target in chosen:
                for wave in sorted({*row, *chosen[target]}):
                    earlier = [variable for at, variable in row.items() if at <= wave]
                    later = [variable for at, variable in chosen[target].items() if at <= wave]
                    if later and len(earlier) < len(row):
                        model.add(sum(later) <= sum(earlier))


def _add_capacity(
    model: cp_model.CpModel, problem: Problem, chosen: _Choice, hint: Sequence[int] | None
) -> None:
    free = [list(row) for row in problem.capacity]
    if hint is not None:
        for node, wave in enumerate(hint):
            if node not in chosen:
                for resource, amount in problem.demand[node]:
                    free[wave][resource] -= amount
    terms: dict[tuple[int, int], list[tuple[cp_model.IntVar, int]]] = {}
    for node, row in chosen.items():
        for wave, variable in row.items():
            for resource, amount in problem.demand[node]:
                if problem.capacity[wave][resource] < UNLIMITED:
                    terms.setdefault((wave, resource), []).append((variable, amount))
    for (wave, resource), parts in sorted(terms.items()):
        if sum(amount for _, amount in parts) > free[wave][resource]:
            model.add(sum(variable * amount for variable, amount in parts) <= free[wave][resource])


def _gain(
    model: cp_model.CpModel, problem: Problem, chosen: _Choice, hint: Sequence[int] | None
) -> cp_model.LinearExpr:
    """Soft weight that stays inside a wave, as far as the free nodes decide it."""
    terms: list[cp_model.IntVar] = []
    weights: list[int] = []
    for node, row in chosen.items():
        for other, weight in problem.neighbours[node]:
            if other not in chosen:
                if hint is not None and hint[other] in row:
                    terms.append(row[hint[other]])
                    weights.append(weight)
            elif node < other:
                for wave in row.keys() & chosen[other].keys():
                    both = model.new_bool_var("")
                    model.add_implication(both, row[wave])
                    model.add_implication(both, chosen[other][wave])
                    terms.append(both)
                    weights.append(weight)
    return cp_model.LinearExpr.weighted_sum(terms, weights)


def is_better(problem: Problem, one: Sequence[int], other: Sequence[int]) -> bool:
    return measure_cut(problem, one) < measure_cut(problem, other)
