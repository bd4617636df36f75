"""The order that a schedule gives those who share a resource, as precedence: it stays when durations change."""

from collections.abc import Sequence

from caravan_planning.domain.scheduling.project import Project


def chain_tasks(project: Project, starts: Sequence[int]) -> set[tuple[int, int]]:
    """Pairs (before, after) that hand over units of a resource in this schedule.

    Any times that keep these pairs and the precedence keep the capacities (chaining; Policella, Smith,
    Cesta and Oddi 2004). Absences are left aside.
    """
    links: set[tuple[int, int]] = set()
    ordered = sorted(range(len(starts)), key=lambda task: (starts[task], task))
    predecessors = [frozenset(before) for before in project.predecessors]
    for resource, limit in enumerate(project.capacities):
        free_from, given_up_by = [0] * limit, [-1] * limit
        for task in ordered:
            needed, start = project.demands[task][resource], starts[task]
            if not needed or not project.durations[task]:
                continue
            free = [unit for unit in range(limit) if free_from[unit] <= start]
            # Units of predecessors cost no new pair, unused ones neither; then those given up last.
            free.sort(
                key=lambda unit: (
                    given_up_by[unit] not in predecessors[task],
                    given_up_by[unit] >= 0,
                    -free_from[unit],
                )
            )
            for unit in free[:needed]:
                if given_up_by[unit] >= 0 and given_up_by[unit] not in predecessors[task]:
                    links.add((given_up_by[unit], task))
                free_from[unit], given_up_by[unit] = start + project.durations[task], task
    return links
