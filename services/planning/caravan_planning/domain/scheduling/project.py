"""A resource-constrained project: tasks that need resources, some after others. Periods are whole numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise


class ProjectIsInvalid(ValueError):
    """No schedule can exist; the message says why."""


@dataclass(frozen=True)
class Absence:
    """`amount` of a resource is not there from `start` until before `end`."""

    resource: int
    start: int
    end: int
    amount: int


@dataclass(frozen=True)
class Project:
    """Tasks and resources by position.

    `durations` in periods; `demands[task][resource]` in units of `capacities[resource]`; `successors[task]` start no
    sooner than the task ends. A task starts no sooner than `releases[task]` and does not run in any of
    `closed[task]`, periods (start, end) with the end excluded.
    """

    durations: tuple[int, ...]
    demands: tuple[tuple[int, ...], ...]
    successors: tuple[tuple[int, ...], ...]
    capacities: tuple[int, ...]
    releases: tuple[int, ...] = ()
    closed: Mapping[int, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    absences: tuple[Absence, ...] = ()

    def __post_init__(self) -> None:
        tasks = len(self.durations)
        if (
            len(self.demands) != tasks
            or len(self.successors) != tasks
            or len(self.releases) not in {0, tasks}
        ):
            raise ProjectIsInvalid("durations, demands, successors and releases differ in length")
        if any(duration < 0 for duration in self.durations) or any(release < 0 for release in self.releases):
            raise ProjectIsInvalid("a duration or a release is negative")
        for task, demand in enumerate(self.demands):
            if len(demand) != len(self.capacities):
                raise ProjectIsInvalid(
                    f"task {task} states {len(demand)} demands for {len(self.capacities)} resources"
                )
            for resource, (needed, limit) in enumerate(zip(demand, self.capacities, strict=True)):
                if not 0 <= needed <= limit and self.durations[task]:
                    raise ProjectIsInvalid(
                        f"task {task} needs {needed} of resource {resource}, which has {limit}"
                    )
        if len(self.topological_order) < tasks:
            raise ProjectIsInvalid("the precedence relations contain a cycle")

    @cached_property
    def predecessors(self) -> tuple[tuple[int, ...], ...]:
        found: list[list[int]] = [[] for _ in self.durations]
        for task, after in enumerate(self.successors):
            for other in after:
                found[other].append(task)
        return tuple(tuple(before) for before in found)

    @cached_property
    def topological_order(self) -> tuple[int, ...]:
        waiting = [len(before) for before in self.predecessors]
        ready = [task for task, count in enumerate(waiting) if not count]
        for task in ready:  # grows while it is read
            for after in self.successors[task]:
                waiting[after] -= 1
                if not waiting[after]:
                    ready.append(after)
        return tuple(ready)

    @cached_property
    def heads(self) -> tuple[int, ...]:
        """Earliest start of each task, resources and closed periods left aside."""
        heads = list(self.releases) or [0] * len(self.durations)
        for task in self.topological_order:
            for after in self.successors[task]:
                heads[after] = max(heads[after], heads[task] + self.durations[task])
        return tuple(heads)

    @cached_property
    def tails(self) -> tuple[int, ...]:
        """Least time from the end of each task to the end of the project."""
        tails = [0] * len(self.durations)
        for task in reversed(self.topological_order):
            for after in self.successors[task]:
                tails[task] = max(tails[task], tails[after] + self.durations[after])
        return tuple(tails)

    @cached_property
    def critical_path(self) -> int:
        """Length of the longest chain, releases included."""
        return max(
            (head + self.durations[task] + self.tails[task] for task, head in enumerate(self.heads)),
            default=0,
        )

    @cached_property
    def energy_bound(self) -> int:
        """Work of the tasks that can't start before some time, over the capacity, between that time and their tails."""
        best = 0
        for resource, limit in enumerate(self.capacities):
            work, tail = 0, self.critical_path
            users = [t for t, demand in enumerate(self.demands) if demand[resource] and self.durations[t]]
            users.sort(key=lambda task: -self.heads[task])
            for task, following in pairwise([*users, None]):
                work += self.demands[task][resource] * self.durations[task]  # type: ignore[index]
                tail = min(tail, self.tails[task])  # type: ignore[index]
                if following is None or self.heads[following] < self.heads[task]:  # type: ignore[index]
                    best = max(best, self.heads[task] - (-work // limit) + tail)  # type: ignore[index]
        return best

    @cached_property
    def horizon(self) -> int:
        """No sensible schedule is longer."""
        blocked = max((end for periods in self.closed.values() for _, end in periods), default=0)
        away = max((absence.end for absence in self.absences), default=0)
        return max((*self.releases, blocked, away, 0)) + sum(self.durations)
