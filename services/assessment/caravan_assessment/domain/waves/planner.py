"""From an instance to a plan: fold what is tied, set aside what fits nowhere, search, repair, grant wishes."""

from collections.abc import Sequence

from caravan_assessment.domain.waves.check import measure_cut as count_cut
from caravan_assessment.domain.waves.explain import explain_infeasible
from caravan_assessment.domain.waves.model import Instance, Plan, Status
from caravan_assessment.domain.waves.problem import (
    Problem,
    contract,
    drop_waves_too_small,
    find_weight_scale,
    measure_excess,
    narrow_windows,
    read_units,
    restrict,
    set_aside,
)
from caravan_assessment.domain.waves.repair import leave_out, repair
from caravan_assessment.domain.waves.search import Budget, Search
from caravan_assessment.domain.waves.wishes import grant_wishes, pin_pilots

FEWEST_STEPS, STEPS_PER_UNIT, MOST_STEPS = 2_000_000, 40_000, 120_000_000


def choose_steps(units: int) -> int:
    """What the phase searches by default: a second or two up to 500 units, about ten from 3,000 on."""
    return min(MOST_STEPS, max(FEWEST_STEPS, units * STEPS_PER_UNIT))


def plan_waves(
    instance: Instance,
    *,
    seconds: float | None = None,
    steps: int | None = None,
    seed: int = 1,
    pilots_first: bool = True,
) -> Plan:
    """A wave for every unit, or the reason why it has none.

    `steps` (default: by size) repeats exactly, to the byte; `seconds` is for who asks for a time, and does not.
    Pilots are held in the first wave they may have wherever that leaves a plan; with `pilots_first` False that is,
    like late waves for the critical, a wish that decides between plans of equal cut only.
    """
    problem = drop_waves_too_small(contract(read_units(instance)))
    whole = problem.members
    placeable, left_out = set_aside(problem)
    problem = narrow_windows(restrict(problem, placeable))
    findings: list[str] = []
    pinned = problem
    if pilots_first:
        pinned, refused = pin_pilots(problem, instance.units)
        findings += [
            f"{_name(instance, problem, node)}: a pilot, but not in its first wave" for node in refused
        ]
    budget = Budget(choose_steps(len(instance.units)) if steps is None else steps, seconds)
    search = Search(pinned, budget, seed)
    search.run()
    place, status = search.best, search.status
    if measure_excess(pinned, place):
        place, full = _make_valid(instance, problem, pinned, place, seed, search.log)
        left_out += [placeable[node] for node in full]
        status = "improved"
    if -1 not in place:
        place = grant_wishes(problem if not pilots_first else pinned, place, instance.units)
    return _tell(instance, problem, place, whole, left_out, search, status, findings)


def _make_valid(
    instance: Instance, problem: Problem, pinned: Problem, place: list[int], seed: int, log: list[str]
) -> tuple[list[int], list[int]]:
    """Within capacities by CP-SAT; then without the pilots' pins; then by leaving out the least critical."""
    for tried in [pinned, problem] if pinned is not problem else [problem]:
        repaired, impossible = repair(tried, place, seed)
        log.append(
            "repaired by CP-SAT" if not measure_excess(tried, repaired) else "CP-SAT found no valid plan"
        )
        if impossible:
            log.append("CP-SAT: no plan keeps all capacities")
        if not measure_excess(tried, repaired):
            return repaired, []
    rank = [max(instance.units[unit].criticality for unit in members) for members in problem.members]
    return leave_out(problem, place, rank)


def _name(instance: Instance, problem: Problem, node: int) -> str:
    return instance.units[problem.members[node][0]].key


def _tell(
    instance: Instance,
    problem: Problem,
    place: Sequence[int],
    whole: list[list[int]],
    left_out: list[int],
    search: Search,
    status: Status,
    findings: list[str],
) -> Plan:
    keys = [unit.key for unit in instance.units]
    assignment: dict[str, int | None] = dict.fromkeys(sorted(keys))
    for node, members in enumerate(problem.members):
        for unit in members:
            assignment[keys[unit]] = problem.waves[place[node]] if place[node] >= 0 else None
    groups = {keys[unit]: min(keys[member] for member in members) for members in whole for unit in members}
    findings += [
        f"{edge.target} has a wave, but {edge.source}, which must not move after it, has none"
        for edge in instance.edges
        if edge.kind == "hard_order"
        and assignment[edge.source] is None
        and assignment[edge.target] is not None
    ]
    scale = find_weight_scale(instance)
    names = [keys[unit] for node in sorted(left_out) for unit in whole[node]]
    return Plan(
        assignment=assignment,
        groups=dict(sorted(groups.items())),
        cut_weight=count_cut(instance, assignment),
        greedy_cut_weight=search.greedy_cut / scale,
        status=status,
        unplaceable=explain_infeasible(instance, names) if names else (),
        findings=tuple(findings),
        log=tuple(search.log),
    )
