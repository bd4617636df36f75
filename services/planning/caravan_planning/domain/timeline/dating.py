"""Gives every task its working day: wave by wave, each as short as can be around what was scheduled before it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from caravan_planning.domain.scheduling import Absence, Project, Schedule, schedule
from caravan_planning.domain.timeline.calendar import WorkingCalendar
from caravan_planning.domain.timeline.teams import Team
from caravan_planning.domain.timeline.work import Task

Status = Literal["optimal", "feasible", "heuristic"]
CHUNK = 400
"""Tasks that are scheduled together at most; a larger wave is cut between two applications."""
_PLACEMENTS = 1_500_000
"""Tasks placed by the search in one plan, over all its schedules: about five seconds of one core."""
_MOST_STEPS = 2000


@dataclass(frozen=True)
class Timeline:
    """`starts` by task, in working days. `lower_bound`: no plan with these waves, teams and freezes is shorter."""

    starts: tuple[int, ...]
    makespan: int
    lower_bound: int
    status: Status


def date_tasks(
    tasks: Sequence[Task], whole: Project, progress: Callable[[float], None] = lambda _: None
) -> Timeline:
    """`whole`: as `build_project` makes it. Equal calls give equal dates: steps are counted.

    A cutover starts no sooner than its wave and runs in no blackout and in no freeze of its application. That it ends
    within its wave's window can't be promised where teams are short: the caller compares.
    """
    if not tasks:
        return Timeline((), 0, 0, "optimal")
    chunks = list(_cut(tasks))
    steps = min(_MOST_STEPS, _PLACEMENTS // len(tasks))
    starts = [-1] * len(tasks)
    parts: list[Schedule] = []
    used = _Usage(whole.capacities)
    for number, chunk in enumerate(chunks):
        part = _restrict(whole, chunk, starts, used)
        found = schedule(part, steps=steps, seed=1)
        for task, start in zip(chunk, found.starts, strict=True):
            starts[task] = start
            used.add(whole.demands[task], start, whole.durations[task])
        parts.append(found)
        progress((number + 1) / len(chunks))
    makespan = max(start + length for start, length in zip(starts, whole.durations, strict=True))
    bound = max(whole.critical_path, whole.energy_bound)
    if len(parts) == 1:
        bound = max(bound, parts[0].lower_bound)
    return Timeline(
        tuple(starts), makespan, bound, _summarise([part.status for part in parts], makespan, bound)
    )


def _summarise(statuses: Sequence[Status], makespan: int, bound: int) -> Status:
    """Parts that are each as short as can be make no shortest whole: only the bound proves that."""
    if makespan <= bound:
        return "optimal"
    return "heuristic" if "heuristic" in statuses else "feasible"


def build_project(
    tasks: Sequence[Task],
    teams: Sequence[Team],
    calendar: WorkingCalendar,
    blackouts: Sequence[tuple[date, date]],
) -> Project:
    """A task that nobody has the skill for takes time, but nobody's."""
    successors: list[list[int]] = [[] for _ in tasks]
    for at, task in enumerate(tasks):
        for before in task.after:
            successors[before].append(at)
    common = [calendar.span(*span) for span in blackouts]
    closed = {}
    for at, task in enumerate(tasks):
        if task.step.cutover:
            spans = [*common, *(calendar.span(*span) for span in task.unit.freezes)]
            if spans := [span for span in spans if span[0] < span[1]]:
                closed[at] = tuple(sorted(spans))
    return Project(
        durations=tuple(task.length for task in tasks),
        demands=tuple(
            tuple(task.people if task.team == team else 0 for team in range(len(teams))) for task in tasks
        ),
        successors=tuple(tuple(after) for after in successors),
        capacities=tuple(team.people for team in teams),
        releases=tuple(_release_tasks(tasks, calendar)),
        closed=closed,
    )


def _release_tasks(tasks: Sequence[Task], calendar: WorkingCalendar) -> list[int]:
    """A wave's window is for its cutovers: none starts sooner. What leads to one starts as much earlier as it takes.

    So a team that is short for some days delays a cutover within its window, and not out of it.
    """
    ends: list[int] = []  # of the chain inside the unit
    for task in tasks:
        inside = [ends[before] for before in task.after if tasks[before].unit is task.unit]
        ends.append(max(inside, default=0) + task.length)
    longest = {task.unit.key: ends[at] for at, task in enumerate(tasks) if task.step.cutover}
    releases = []
    for task in tasks:
        first = calendar.day_of(task.unit.starts) if task.unit.starts else 0
        lead = 0 if task.step.cutover else longest.get(task.unit.key, 0)
        releases.append(max(0, first - lead))
    return releases


def _cut(tasks: Sequence[Task]) -> Iterator[list[int]]:
    """Positions of tasks that are scheduled together: of one wave, whole applications."""
    gathered: list[int] = []
    for _, group in groupby(range(len(tasks)), key=lambda at: tasks[at].unit.key):
        mine = list(group)
        unit = tasks[mine[0]].unit
        full = len(gathered) + len(mine) > CHUNK
        # The programme's own tasks have no wave either, but come first.
        if gathered and (full or unit.wave != tasks[gathered[-1]].unit.wave):
            yield gathered
            gathered = []
        gathered.extend(mine)
    if gathered:
        yield gathered


class _Usage:
    """People at work by team and working day."""

    def __init__(self, capacities: tuple[int, ...]) -> None:
        self._days: NDArray[np.int64] = np.zeros((len(capacities), 1024), dtype=np.int64)

    def add(self, demands: Sequence[int], start: int, length: int) -> None:
        while start + length > self._days.shape[1]:
            self._days = np.concatenate([self._days, np.zeros_like(self._days)], axis=1)
        for team, people in enumerate(demands):
            if people:
                self._days[team, start : start + length] += people

    def absences(self, since: int) -> tuple[Absence, ...]:
        """What is taken from day `since` on, as runs of equal use."""
        found = []
        for team, days in enumerate(self._days):
            edges = [since, *(since + 1 + np.flatnonzero(np.diff(days[since:]))).tolist(), len(days)]
            for first, end in pairwise(edges):
                if first < end and days[first]:
                    found.append(Absence(team, first, end, int(days[first])))
        return tuple(found)


def _restrict(whole: Project, chunk: Sequence[int], starts: Sequence[int], used: _Usage) -> Project:
    """The project of these tasks alone: what is scheduled already releases them, and takes its people."""
    position = {task: at for at, task in enumerate(chunk)}
    releases = []
    for task in chunk:
        done = [starts[b] + whole.durations[b] for b in whole.predecessors[task] if b not in position]
        releases.append(max([whole.releases[task], *done]))
    return Project(
        durations=tuple(whole.durations[task] for task in chunk),
        demands=tuple(whole.demands[task] for task in chunk),
        successors=tuple(
            tuple(position[a] for a in whole.successors[task] if a in position) for task in chunk
        ),
        capacities=whole.capacities,
        releases=tuple(releases),
        closed={position[task]: whole.closed[task] for task in chunk if task in whole.closed},
        absences=used.absences(min(releases)),
    )
