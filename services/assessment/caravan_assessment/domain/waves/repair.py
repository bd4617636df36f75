"""When local search leaves a wave overfull: CP-SAT looks for any valid placement; at last something must stay out."""

from collections.abc import Sequence

from caravan_assessment.domain.waves.exact import Limit, solve
from caravan_assessment.domain.waves.problem import Problem, measure_excess

CHOICES = 30_000  # node × wave variables after which no larger model is tried
MOST_CHOICES = 300_000  # a larger one would take more memory than the whole plan
WORK = (0.5, 0.5, 1.0, 2.0, 4.0)  # CP-SAT's deterministic time for each round


def repair(problem: Problem, place: Sequence[int], seed: int) -> tuple[list[int], bool]:
    """A placement within capacities, if CP-SAT finds one, and whether it proved that there is none.

    First only overfull waves and a few with room may change, then more and more.
    """
    for number, work in enumerate(WORK, 1):
        free = _choose_free(problem, place, number / len(WORK))
        if len(free) * len(problem.waves) > MOST_CHOICES:
            break
        solution = solve(problem, place, Limit(work=work, seed=seed), free, any_valid=True)
        if solution.outcome in {"optimal", "feasible"} and not measure_excess(problem, solution.place):
            return solution.place, False
        if len(free) == problem.size:
            return list(place), solution.outcome == "infeasible"
        if len(free) * len(problem.waves) > CHOICES:
            break
    return list(place), False


def _choose_free(problem: Problem, place: Sequence[int], share: float) -> list[int]:
    """Nodes of the fullest waves, overfull ones first, up to that share of all waves."""
    free = [list(row) for row in problem.capacity]
    for node, wave in enumerate(place):
        for resource, amount in problem.demand[node]:
            free[wave][resource] -= amount
    lack = [sum(-left for left in row if left < 0) for row in free]
    room = [sum(row) for row in free]
    overfull = sum(amount > 0 for amount in lack)
    order = sorted(range(len(free)), key=lambda wave: (-lack[wave], -room[wave]))
    chosen = set(order[: max(overfull + 1, round(share * len(free)))])
    return [node for node, wave in enumerate(place) if wave in chosen]


def leave_out(problem: Problem, place: Sequence[int], rank: Sequence[int]) -> tuple[list[int], list[int]]:
    """Takes nodes out of overfull waves until all fit, low `rank` first, and puts back what fits elsewhere.

    Returns the placement (-1: left out) and the nodes left out.
    """
    kept = list(place)
    free = [list(row) for row in problem.capacity]
    for node, wave in enumerate(kept):
        for resource, amount in problem.demand[node]:
            free[wave][resource] -= amount
    for wave, row in enumerate(free):
        inside = sorted(
            (node for node in range(problem.size) if kept[node] == wave), key=lambda node: (rank[node], -node)
        )
        for node in inside:
            if any(left < 0 for left in row) and any(
                row[resource] < 0 for resource, _ in problem.demand[node]
            ):
                kept[node] = -1
                for resource, amount in problem.demand[node]:
                    row[resource] += amount
    for node in sorted(
        (node for node in range(problem.size) if kept[node] < 0), key=lambda node: (-rank[node], node)
    ):
        _put_back(problem, kept, free, node)
    return kept, [node for node, wave in enumerate(kept) if wave < 0]


def _put_back(problem: Problem, kept: list[int], free: list[list[int]], node: int) -> None:
    low = max((kept[other] for other in problem.before[node]), default=0)
    high = min((kept[other] for other in problem.after[node] if kept[other] >= 0), default=len(free) - 1)
    for wave in range(max(0, low), high + 1):
        if problem.allowed[node][wave] and all(
            amount <= free[wave][resource] for resource, amount in problem.demand[node]
        ):
            kept[node] = wave
            for resource, amount in problem.demand[node]:
                free[wave][resource] -= amount
            return
