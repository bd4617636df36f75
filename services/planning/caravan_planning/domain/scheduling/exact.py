"""The whole project, or a window of a schedule, as a CP-SAT model."""

from collections.abc import Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

from caravan_planning.domain.scheduling.project import Project


@dataclass(frozen=True)
class Solved:
    """`starts` is None where nothing better than the bound was found in the time."""

    starts: list[int] | None
    lower_bound: int
    proven: bool


@dataclass(frozen=True)
class Limits:
    """What a solve may take. `deterministic` repeats exactly with one worker."""

    seconds: float | None = None
    deterministic: float | None = None
    workers: int = 1
    seed: int = 0
    neighbourhoods_only: bool = False
    """Improves the hint by large neighbourhood search alone, and proves nothing."""


class ProjectModel:
    """Starts of all tasks in at most `longest` periods; the makespan is least."""

    def __init__(self, project: Project, longest: int, shortest: int) -> None:
        self.project = project
        self.model = cp_model.CpModel()
        self.starts = [
            self.model.new_int_var(head, max(head, longest - tail - length), f"s{task}")
            for task, (head, length, tail) in enumerate(
                zip(project.heads, project.durations, project.tails, strict=True)
            )
        ]
        self.makespan = self.model.new_int_var(shortest, max(shortest, longest), "makespan")
        self._solver = cp_model.CpSolver()
        self._add_precedence()
        self._add_resources()
        self._add_closed_periods()
        self.model.minimize(self.makespan)

    def _add_precedence(self) -> None:
        for task, length in enumerate(self.project.durations):
            after = self.project.successors[task]
            for other in after:
                self.model.add(self.starts[other] >= self.starts[task] + length)
            if not after:
                self.model.add(self.makespan >= self.starts[task] + length)

    def _add_resources(self) -> None:
        project, model = self.project, self.model
        intervals = [
            model.new_fixed_size_interval_var(start, length, f"i{task}")
            for task, (start, length) in enumerate(zip(self.starts, project.durations, strict=True))
        ]
        for resource, limit in enumerate(project.capacities):
            users = [t for t, needs in enumerate(project.demands) if needs[resource] and project.durations[t]]
            away = [absence for absence in project.absences if absence.resource == resource]
            if sum(project.demands[task][resource] for task in users) <= limit and not away:
                continue
            gone = [model.new_fixed_size_interval_var(a.start, a.end - a.start, "away") for a in away]
            amounts = [absence.amount for absence in away]
            needs = [project.demands[task][resource] for task in users]
            model.add_cumulative([*(intervals[task] for task in users), *gone], [*needs, *amounts], limit)

    def _add_closed_periods(self) -> None:
        for task, periods in self.project.closed.items():
            length, first, last = self.project.durations[task], 0, self.project.horizon
            allowed = []
            for start, end in sorted(periods):
                if first <= start - length:
                    allowed.append([first, start - length])
                first = max(first, end)
            allowed.append([first, max(first, last)])
            self.model.add_linear_expression_in_domain(
                self.starts[task], cp_model.Domain.from_intervals(allowed)
            )

    def hint(self, starts: Sequence[int]) -> None:
        for variable, start in zip(self.starts, starts, strict=True):
            self.model.add_hint(variable, start)

    def stop(self) -> None:
        """Ends `solve`, from another thread."""
        self._solver.stop_search()

    def solve(self, limits: Limits) -> Solved:
        solver = self._solver
        parameters = solver.parameters
        parameters.num_workers = limits.workers
        parameters.random_seed = limits.seed
        parameters.use_lns_only = limits.neighbourhoods_only
        if limits.seconds is not None:
            parameters.max_time_in_seconds = max(0.01, limits.seconds)
        if limits.deterministic is not None:
            parameters.max_deterministic_time = limits.deterministic
        status = solver.solve(self.model)
        if status == cp_model.INFEASIBLE:
            return Solved(None, 0, proven=True)
        bound = round(solver.best_objective_bound) if status != cp_model.UNKNOWN else 0
        if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return Solved(None, bound, proven=False)
        starts = [solver.value(start) for start in self.starts]
        return Solved(starts, bound, proven=status == cp_model.OPTIMAL)
