"""Free capacity over time, all resources of a period packed into one integer. The heart of every heuristic here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from caravan_planning.domain.scheduling.project import Project


@dataclass(frozen=True)
class PackedProject:
    """A project with its demands packed: each resource has a field with a guard bit above it.

    `(free - demand) & guards == guards` tells in one subtraction whether every resource suffices.
    """

    durations: tuple[int, ...]
    demands: tuple[int, ...]
    guards: int
    predecessors: tuple[tuple[int, ...], ...]
    releases: tuple[int, ...]
    closed: Mapping[int, tuple[tuple[int, int], ...]]
    empty: tuple[int, ...]
    """Free capacity of each period before anything is placed."""

    def place(self, order: Sequence[int]) -> list[int]:
        """Start of each task when they are placed one by one, each as early as it fits (serial generation scheme).

        `order` keeps the precedence. What is returned keeps precedence, capacities, releases and closed periods.
        """
        durations, demands, guards, predecessors = (
            self.durations,
            self.demands,
            self.guards,
            self.predecessors,
        )
        free, closed = list(self.empty), self.closed
        starts = [0] * len(durations)
        finish = list(self.releases)  # a task's release until it is placed
        for task in order:
            start = finish[task]
            for before in predecessors[task]:
                start = max(start, finish[before])
            duration, demand = durations[task], demands[task]
            if task in closed:
                start = self._first_fit(free, task, start)
            elif demand:
                end = start + duration
                period = end - 1
                while period >= start:
                    # From the back, because whatever blocks there moves the start behind it.
                    if (free[period] - demand) & guards != guards:
                        start = period + 1
                        end = start + duration
                        period = end
                    period -= 1
            end = start + duration
            for period in range(start, end):
                free[period] -= demand
            starts[task] = start
            finish[task] = end
        return starts

    def _first_fit(self, free: Sequence[int], task: int, start: int) -> int:
        """Likewise for a task with closed periods."""
        duration, demand, guards = self.durations[task], self.demands[task], self.guards
        period = start
        while period < start + duration:
            past = max((e for s, e in self.closed[task] if s <= period < e), default=period)
            if past == period and (free[period] - demand) & guards == guards:
                period += 1
            else:
                start = period = max(past, period + 1)
        return start


def pack_project(project: Project, *, backwards: bool = False) -> PackedProject:
    """Backwards: time runs from the end; releases, closed periods and absences are then left out.

    What is placed backwards only orders the tasks for the next forward pass, which heeds them.
    """
    offsets, width = [], 0
    for capacity in project.capacities:
        offsets.append(width)
        width += max(1, capacity.bit_length()) + 1
    guards = sum(1 << (after - 1) for after in [*offsets[1:], width]) if offsets else 0
    full = guards + sum(limit << offset for limit, offset in zip(project.capacities, offsets, strict=True))
    profile = [full] * (project.horizon + 1)
    if not backwards:
        for absence in project.absences:
            _take_away(
                profile,
                absence.start,
                absence.end,
                absence.amount,
                offsets[absence.resource],
                project,
                absence.resource,
            )
    tasks = range(len(project.durations))
    return PackedProject(
        durations=project.durations,
        demands=tuple(
            sum(needed << offset for needed, offset in zip(project.demands[task], offsets, strict=True))
            for task in tasks
        ),
        guards=guards,
        predecessors=project.successors if backwards else project.predecessors,
        releases=(0,) * len(tasks) if backwards or not project.releases else project.releases,
        closed={} if backwards else project.closed,
        empty=tuple(profile),
    )


def _take_away(
    profile: list[int], start: int, end: int, amount: int, offset: int, project: Project, resource: int
) -> None:
    """Absences that overlap take no more than there is."""
    mask = (1 << max(1, project.capacities[resource].bit_length())) - 1
    for period in range(max(0, start), min(end, len(profile))):
        profile[period] -= min(amount, profile[period] >> offset & mask) << offset
