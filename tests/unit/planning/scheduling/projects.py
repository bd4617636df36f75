"""Random projects, and a checker of schedules that shares nothing with the scheduler."""

from collections.abc import Sequence

from hypothesis import strategies as st

from caravan_planning.domain.scheduling import Absence, Project


@st.composite
def projects(draw: st.DrawFn, *, constrained: bool = True) -> Project:
    """2 to 12 tasks, 1 to 3 resources; `constrained`: also with releases, closed periods and absences."""
    count, resources = draw(st.integers(2, 12)), draw(st.integers(1, 3))
    capacities = tuple(draw(st.integers(1, 5)) for _ in range(resources))
    durations = tuple(draw(st.integers(0, 5)) for _ in range(count))
    demands = tuple(tuple(draw(st.integers(0, limit)) for limit in capacities) for _ in range(count))
    successors = tuple(
        tuple(sorted(draw(st.sets(st.integers(task + 1, count - 1), max_size=3)))) if task + 1 < count else ()
        for task in range(count)
    )
    if not constrained:
        return Project(durations, demands, successors, capacities)
    absences = []
    for resource, limit in enumerate(capacities):
        start, length = draw(st.integers(0, 10)), draw(st.integers(0, 4))
        if length:
            absences.append(Absence(resource, start, start + length, draw(st.integers(1, limit))))
    closed = {
        task: ((start, start + draw(st.integers(1, 6))),)
        for task, start in draw(
            st.dictionaries(st.integers(0, count - 1), st.integers(0, 10), max_size=3)
        ).items()
        if durations[task]
    }
    return Project(
        durations=durations,
        demands=demands,
        successors=successors,
        capacities=capacities,
        releases=tuple(draw(st.integers(0, 6)) for _ in range(count)),
        closed=closed,
        absences=tuple(absences),
    )


def find_violations(project: Project, starts: Sequence[int]) -> list[str]:
    """Each in words, by looking at every task and every period."""
    found = []
    ends = [start + project.durations[task] for task, start in enumerate(starts)]
    for task, start in enumerate(starts):
        if start < (project.releases[task] if project.releases else 0):
            found.append(f"task {task} starts before its release")
        found.extend(
            f"task {after} starts before {task} ends"
            for after in project.successors[task]
            if starts[after] < ends[task]
        )
        found.extend(
            f"task {task} runs in {first}..{last}"
            for first, last in project.closed.get(task, ())
            if start < last and first < ends[task]
        )
    for period in range(max(ends, default=0)):
        for resource, limit in enumerate(project.capacities):
            used = sum(
                project.demands[t][resource] for t in range(len(starts)) if starts[t] <= period < ends[t]
            )
            gone = sum(
                a.amount for a in project.absences if a.resource == resource and a.start <= period < a.end
            )
            if used and used + gone > limit:
                found.append(f"resource {resource} is overloaded in {period}")
    return found
