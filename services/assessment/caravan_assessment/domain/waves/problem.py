"""The planner's own view of an instance: whole numbers by position, open waves only, tied units folded into one."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, floor

import rustworkx as rx

from caravan_assessment.domain.waves.model import Instance, Unit, Wave

UNLIMITED = 1 << 40
FINEST = (
    1000  # fractions of person-days and weights are kept to three places, demand rounded up, capacity down
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Nodes 0 … n-1, in an order that keeps `after` forward wherever the order edges have no cycle.

    members: units of each node. demand: (resource, amount) pairs. capacity[wave][resource]. allowed[node][wave].
    before, after: neighbours by hard order. neighbours: (node, soft weight) pairs, both ways.
    """

    members: list[list[int]]
    waves: list[int]
    demand: list[tuple[tuple[int, int], ...]]
    capacity: list[list[int]]
    allowed: list[list[bool]]
    before: list[list[int]]
    after: list[list[int]]
    neighbours: list[list[tuple[int, int]]]

    @property
    def size(self) -> int:
        return len(self.members)


def read_units(instance: Instance) -> Problem:
    """One node a unit; a must_together edge is an order edge both ways. Blackout waves are left out."""
    open_waves = [wave for wave in instance.waves if not wave.blackout]
    teams = sorted({unit.team for unit in instance.units if unit.team is not None})
    number = {key: at for at, key in enumerate(unit.key for unit in instance.units)}
    scale = find_effort_scale(instance)
    count = len(instance.units)
    after: list[set[int]] = [set() for _ in range(count)]
    soft: list[dict[int, int]] = [{} for _ in range(count)]
    shared = {unit.key for unit in instance.units if unit.shared}
    weight_scale = find_weight_scale(instance)
    for edge in instance.edges:
        source, target = number[edge.source], number[edge.target]
        if source == target:
            continue
        if edge.kind != "soft":
            after[source].add(target)
            if edge.kind == "must_together":
                after[target].add(source)
        elif not (edge.shared or edge.source in shared or edge.target in shared):
            weight = round(edge.weight * weight_scale)
            soft[source][target] = soft[source].get(target, 0) + weight
            soft[target][source] = soft[target].get(source, 0) + weight
    return Problem(
        members=[[at] for at in range(count)],
        waves=[wave.index for wave in open_waves],
        demand=[_read_demand(unit, teams, scale) for unit in instance.units],
        capacity=[_read_capacity(wave, teams, scale) for wave in open_waves],
        allowed=[
            [may_be_in(unit, wave) for wave in open_waves] if _is_bound(unit) else [True] * len(open_waves)
            for unit in instance.units
        ],
        before=_reverse(after),
        after=[sorted(targets) for targets in after],
        neighbours=[sorted(row.items()) for row in soft],
    )


def find_scale(values: Sequence[float]) -> int:
    return 1 if all(float(value).is_integer() for value in values) else FINEST


def find_effort_scale(instance: Instance) -> int:
    limits = [limit for wave in instance.waves for limit in (wave.effort, *wave.teams.values())]
    return find_scale(
        [unit.effort for unit in instance.units] + [limit for limit in limits if limit is not None]
    )


def find_weight_scale(instance: Instance) -> int:
    return find_scale([edge.weight for edge in instance.edges if edge.kind == "soft"])


def may_be_in(unit: Unit, wave: Wave) -> bool:
    """By its own dates and lock; capacities and edges are another matter."""
    return (
        not wave.blackout
        and (unit.locked is None or unit.locked == wave.index)
        and (unit.not_before is None or wave.starts >= unit.not_before)
        and (unit.not_after is None or wave.ends <= unit.not_after)
        and not any(wave.starts <= last and first <= wave.ends for first, last in unit.freezes)
    )


def _is_bound(unit: Unit) -> bool:
    dates = (unit.locked, unit.not_before, unit.not_after)
    return bool(unit.freezes) or any(date is not None for date in dates)


def _read_demand(unit: Unit, teams: list[str], scale: int) -> tuple[tuple[int, int], ...]:
    effort = ceil(unit.effort * scale - 1e-6)
    demand = [(0, effort), (1, unit.servers)]
    if unit.team is not None:
        demand.append((2 + teams.index(unit.team), effort))
    return tuple((resource, amount) for resource, amount in demand if amount)


def _read_capacity(wave: Wave, teams: list[str], scale: int) -> list[int]:
    def read(limit: float | None, factor: int) -> int:
        return UNLIMITED if limit is None else floor(limit * factor + 1e-6)

    return [
        read(wave.effort, scale),
        read(wave.servers, 1),
        *(read(wave.teams.get(team), scale) for team in teams),
    ]


def _reverse(after: Sequence[Sequence[int] | set[int]]) -> list[list[int]]:
    before: list[list[int]] = [[] for _ in after]
    for source, targets in enumerate(after):
        for target in sorted(targets):
            before[target].append(source)
    return before


def find_components(after: Sequence[Sequence[int]]) -> list[int]:
    """The strong component of each node; components are numbered so that order edges run upwards."""
    graph: rx.PyDiGraph[None, None] = rx.PyDiGraph(multigraph=False)
    graph.add_nodes_from([None] * len(after))
    graph.add_edges_from_no_data(
        [(source, target) for source, targets in enumerate(after) for target in targets]
    )
    component = [0] * len(after)
    # Tarjan's algorithm finds a component after all that can be reached from it: reversed, that is the order.
    for at, nodes in enumerate(reversed(rx.strongly_connected_components(graph))):
        for node in nodes:
            component[node] = at
    return component


def fold(problem: Problem, label: Sequence[int]) -> Problem:
    """One node a label (0 … k-1); what is inside a node no longer counts as an edge."""
    count = max(label, default=-1) + 1
    members: list[list[int]] = [[] for _ in range(count)]
    demand: list[dict[int, int]] = [defaultdict(int) for _ in range(count)]
    allowed = [[True] * len(problem.waves) for _ in range(count)]
    after: list[set[int]] = [set() for _ in range(count)]
    soft: list[dict[int, int]] = [{} for _ in range(count)]
    for node, at in enumerate(label):
        members[at] += problem.members[node]
        for resource, amount in problem.demand[node]:
            demand[at][resource] += amount
        allowed[at] = [one and other for one, other in zip(allowed[at], problem.allowed[node], strict=True)]
        after[at].update(label[target] for target in problem.after[node] if label[target] != at)
        for other, weight in problem.neighbours[node]:
            if label[other] != at:
                soft[at][label[other]] = soft[at].get(label[other], 0) + weight
    return replace(
        problem,
        members=[sorted(row) for row in members],
        demand=[tuple(sorted(row.items())) for row in demand],
        allowed=allowed,
        before=_reverse(after),
        after=[sorted(row) for row in after],
        neighbours=[sorted(row.items()) for row in soft],
    )


def contract(problem: Problem) -> Problem:
    """Folds what the order edges tie together, until none runs in a circle."""
    return fold(problem, find_components(problem.after))


def restrict(problem: Problem, keep: Sequence[int]) -> Problem:
    """Only those nodes, in the same order; edges to others vanish."""
    place = {node: at for at, node in enumerate(keep)}

    def select(rows: list[list[int]]) -> list[list[int]]:
        return [[place[other] for other in rows[node] if other in place] for node in keep]

    return replace(
        problem,
        members=[problem.members[node] for node in keep],
        demand=[problem.demand[node] for node in keep],
        allowed=[problem.allowed[node] for node in keep],
        before=select(problem.before),
        after=select(problem.after),
        neighbours=[
            [(place[other], weight) for other, weight in problem.neighbours[node] if other in place]
            for node in keep
        ],
    )


def fits_alone(problem: Problem, node: int, wave: int) -> bool:
    return all(amount <= problem.capacity[wave][resource] for resource, amount in problem.demand[node])


def drop_waves_too_small(problem: Problem) -> Problem:
    """Forbids each node the waves that could not hold it even if they were empty."""
    smallest = [min(column) for column in zip(*problem.capacity, strict=True)]

    def narrow(node: int, row: list[bool]) -> list[bool]:
        if smallest and all(amount <= smallest[resource] for resource, amount in problem.demand[node]):
            return row
        return [may and fits_alone(problem, node, wave) for wave, may in enumerate(row)]

    return replace(problem, allowed=[narrow(node, row) for node, row in enumerate(problem.allowed)])


def narrow_windows(problem: Problem) -> Problem:
    """Forbids waves that some node before or after rules out. A node may be left without any.

    Needs the order edges free of cycles and the nodes in their order, as `contract` leaves them.
    """
    last = len(problem.waves)
    allowed = [list(row) for row in problem.allowed]
    for node, row in enumerate(allowed):
        earliest = max((_first(allowed[other]) for other in problem.before[node]), default=0)
        row[:earliest] = [False] * min(earliest, last)
    for node in reversed(range(problem.size)):
        latest = min((_last(allowed[other]) for other in problem.after[node]), default=last - 1)
        allowed[node][latest + 1 :] = [False] * (last - 1 - latest)
    return replace(problem, allowed=allowed)


def set_aside(problem: Problem) -> tuple[list[int], list[int]]:
    """Nodes that have a wave even by the order edges; and those that have none, taken out until the others do."""
    keep = list(range(problem.size))
    left_out: list[int] = []
    while True:
        own = [node for node in keep if not any(problem.allowed[node])]
        if not own:
            narrowed = narrow_windows(restrict(problem, keep)).allowed
            own = [node for at, node in enumerate(keep) if not any(narrowed[at])]
        if not own:
            return keep, left_out
        left_out += own
        out = set(own)
        keep = [node for node in keep if node not in out]


def _first(row: list[bool]) -> int:
    """Of a node without any wave: 0, so that it alone is reported and not all that follow it."""
    return row.index(True) if True in row else 0


def _last(row: list[bool]) -> int:
    return len(row) - 1 - row[::-1].index(True) if True in row else len(row) - 1


def measure_cut(problem: Problem, place: Sequence[int]) -> int:
    return sum(
        weight
        for node, row in enumerate(problem.neighbours)
        for other, weight in row
        if node < other and place[node] != place[other]
    )


def measure_excess(problem: Problem, place: Sequence[int]) -> int:
    """How much of the demands lies above the capacities, over all waves and resources."""
    free = [list(row) for row in problem.capacity]
    for node, wave in enumerate(place):
        for resource, amount in problem.demand[node]:
            free[wave][resource] -= amount
    return sum(-left for row in free for left in row if left < 0)
