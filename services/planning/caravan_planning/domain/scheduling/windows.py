"""Large neighbourhood search: the tasks of a window of time are set free, the order of the others stays as it is."""

from collections.abc import Sequence
from random import Random

from caravan_planning.domain.scheduling.project import Project

FREE_TASKS = (25, 55)
"""How many tasks a window sets free, least and most."""


def choose_window(project: Project, starts: Sequence[int], random: Random) -> set[int]:
    """Tasks that lie nearest to a random moment."""
    middles = [2 * start + length for start, length in zip(starts, project.durations, strict=True)]
    moment = random.uniform(0, max(middles, default=0))
    count = random.randint(*FREE_TASKS)
    return set(sorted(range(len(starts)), key=lambda task: abs(middles[task] - moment))[:count])


def chain_tasks(project: Project, starts: Sequence[int], kept: Sequence[int]) -> set[tuple[int, int]]:
    """Pairs (before, after) of `kept` that hand over units of a resource in this schedule.

    Any times that keep these pairs keep the capacities among the kept tasks (partial-order schedule by chaining,
    Policella et al. 2004).
    """
    links: set[tuple[int, int]] = set()
    ordered = sorted(kept, key=lambda task: (starts[task], task))
    for resource, limit in enumerate(project.capacities):
        chains: list[tuple[int, int | None]] = [(0, None)] * limit  # each unit: free from, and given up by
        for task in ordered:
            needed, start = project.demands[task][resource], starts[task]
            if not needed or not project.durations[task]:
                continue
            before = set(project.predecessors[task])
            free = [unit for unit, (end, _) in enumerate(chains) if end <= start]
            # Units of predecessors and of tasks linked already cost no new pair; then those given up last.
            free.sort(key=lambda unit: _rank(chains[unit], before, links, task))
            for unit in free[:needed]:
                given_up_by = chains[unit][1]
                if given_up_by is not None and given_up_by not in before:
                    links.add((given_up_by, task))
                chains[unit] = (start + project.durations[task], task)
    return links


def _rank(
    chain: tuple[int, int | None], before: set[int], links: set[tuple[int, int]], task: int
) -> tuple[int, int, int]:
    end, given_up_by = chain
    if given_up_by is None:
        return (1, 0, 0)
    known = given_up_by in before or (given_up_by, task) in links
    return (0 if known else 2, -end, given_up_by)
