"""Why units fit nowhere: the edges, capacities or dates that make it so, as few of them as can be."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TypeVar

from caravan_assessment.domain.waves.model import Edge, Instance, Unit, Unplaceable, Wave
from caravan_assessment.domain.waves.problem import (
    Problem,
    contract,
    drop_waves_too_small,
    find_components,
    find_effort_scale,
    fits_alone,
    read_units,
    set_aside,
)
from caravan_assessment.domain.waves.shortage import Shortages

T = TypeVar("T")
MOST_EDGES_TRIED = 400  # beyond, the ties of a lump are listed whole


def explain_infeasible(instance: Instance, units: Iterable[str] | None = None) -> tuple[Unplaceable, ...]:
    """One entry for each group that moves as one. `units`: those that a plan left out; default: those that no plan
    can place by size, dates and order (whether the waves' capacities suffice for all is not looked at then)."""
    problem = contract(read_units(instance))
    if units is None:
        nodes = set_aside(drop_waves_too_small(problem))[1]
    else:
        asked = set(units)
        nodes = [
            node
            for node, members in enumerate(problem.members)
            if any(instance.units[unit].key in asked for unit in members)
        ]
    explainer = _Explainer(instance, problem, Shortages(problem), _name_resources(instance))
    return tuple(explainer.explain(node) for node in sorted(nodes))


@dataclass(frozen=True, slots=True)
class _Rule:
    """One reason that closes waves to a unit; `says` in words."""

    unit: str
    says: str
    closes: Callable[[Wave], bool]
    lock: bool = False


@dataclass(frozen=True, slots=True)
class _Explainer:
    instance: Instance
    problem: Problem
    shortages: Shortages
    resources: list[tuple[str, int]]

    def explain(self, node: int) -> Unplaceable:
        members = [self.instance.units[unit] for unit in self.problem.members[node]]
        if not any(self.problem.allowed[node]):
            return self._explain_window(members)
        may = [wave for wave, allowed in enumerate(self.problem.allowed[node]) if allowed]
        if not any(fits_alone(self.problem, node, wave) for wave in may):
            return self._explain_size(node, members, may)
        chain = self._find_chain(node)
        if chain:
            return self._explain_order(node, chain)
        return self._explain_capacity(node, members)

    def _explain_window(self, members: Sequence[Unit]) -> Unplaceable:
        rules = [rule for unit in members for rule in _list_rules(unit)]
        rules += [_list_blackout(wave.index) for wave in self.instance.waves if wave.blackout]
        rules = _shrink(
            rules, lambda kept: all(any(rule.closes(wave) for rule in kept) for wave in self.instance.waves)
        )
        named = {rule.unit for rule in rules} - {""}
        edges = self._find_ties(members) if len(named) > 1 else []
        return Unplaceable(
            units=_keys(members),
            kind="lock" if any(rule.lock for rule in rules) else "window",
            detail=f"{_join(_keys(members))}: no wave is left by its dates: {'; '.join(rule.says for rule in rules)}",
            edges=_tell_edges(edges),
            dates=tuple(rule.says for rule in rules),
        )

    def _explain_size(self, node: int, members: Sequence[Unit], may: Sequence[int]) -> Unplaceable:
        capacities = tuple(self._tell_lack(node, may))
        edges = self._find_ties(members)
        tied = f"; tied by {len(edges)} edges" if edges else ""
        return Unplaceable(
            units=_keys(members),
            kind="size",
            detail=f"{_join(_keys(members))}: larger than any wave open to it: {'; '.join(capacities)}{tied}",
            edges=_tell_edges(edges),
            capacities=capacities,
        )

    def _tell_lack(self, node: int, may: Sequence[int]) -> Iterable[str]:
        """What is needed and what the roomiest wave has, of each resource that is short in some wave."""
        for resource, amount in self.problem.demand[node]:
            room = max(may, key=lambda wave: (self.problem.capacity[wave][resource], -wave))
            most = self.problem.capacity[room][resource]
            if any(self.problem.capacity[wave][resource] < amount for wave in may):
                name, scale = self.resources[resource]
                yield f"{name} {amount / scale:g}, at most {most / scale:g} (wave {self.problem.waves[room]})"

    def _find_ties(self, members: Sequence[Unit]) -> list[Edge]:
        """The hard edges without which the members would fall apart: none of them can be taken away."""
        keys = [unit.key for unit in members]
        known = set(keys)
        inside = [
            edge
            for edge in self.instance.edges
            if edge.kind != "soft"
            and edge.source != edge.target
            and edge.source in known
            and edge.target in known
        ]
        if len(inside) > MOST_EDGES_TRIED:
            return inside
        return _shrink(inside, lambda kept: _are_tied(keys, kept))

    def _find_chain(self, node: int) -> list[int]:
        """Nodes from one that can't move early to one that can't move late, over this one; empty if there is none."""
        allowed = self.problem.allowed

        def first(at: int) -> int:
            return next(
                (wave for wave, may in enumerate(allowed[at]) if may and fits_alone(self.problem, at, wave)),
                0,
            )

        def last(at: int) -> int:
            fitting = [
                wave for wave, may in enumerate(allowed[at]) if may and fits_alone(self.problem, at, wave)
            ]
            return max(fitting, default=len(allowed[at]))

        back, ahead = _reach(node, self.problem.before), _reach(node, self.problem.after)
        late, early = max(back, key=lambda at: (first(at), -at)), min(ahead, key=lambda at: (last(at), at))
        return back[late] + ahead[early][::-1][1:] if first(late) > last(early) else []

    def _explain_order(self, node: int, chain: list[int]) -> Unplaceable:
        of_unit = {unit: at for at in chain for unit in self.problem.members[at]}
        number = {unit.key: at for at, unit in enumerate(self.instance.units)}
        edges = [
            next(
                edge
                for edge in self.instance.edges
                if edge.kind != "soft"
                and (of_unit.get(number[edge.source]), of_unit.get(number[edge.target])) == step
            )
            for step in pairwise(chain)
        ]
        ends = [
            self.instance.units[unit] for at in (chain[0], chain[-1]) for unit in self.problem.members[at]
        ]
        dates = tuple(rule.says for unit in ends for rule in _list_rules(unit))
        members = [self.instance.units[unit] for unit in self.problem.members[node]]
        told = " → ".join([edges[0].source, *(edge.target for edge in edges)])
        return Unplaceable(
            units=_keys(members),
            kind="lock" if any(unit.locked is not None for unit in ends) else "order",
            detail=f"{_join(_keys(members))}: the order {told} leaves no wave: {'; '.join(dates)}",
            edges=_tell_edges(edges),
            dates=dates,
        )

    def _explain_capacity(self, node: int, members: Sequence[Unit]) -> Unplaceable:
        short = self.shortages.find(node)
        if short is None:
            detail = "no place was found beside the others, though none of the capacities alone is too small"
            return Unplaceable(_keys(members), "capacity", f"{_join(_keys(members))}: {detail}")
        name, scale = self.resources[short.resource]
        waves = [self.problem.waves[wave] for wave in short.waves]
        told = (
            f"{name}: {short.demand / scale:g} must go into waves {waves[0]} to {waves[-1]}, "
            f"which hold {short.capacity / scale:g}"
        )
        return Unplaceable(
            units=_keys(members),
            kind="capacity",
            detail=f"{_join(_keys(members))}: {told}",
            capacities=(told,),
        )


def _name_resources(instance: Instance) -> list[tuple[str, int]]:
    """Each resource's name and by what its whole numbers are to be divided, as `read_units` has made them."""
    teams = sorted({unit.team for unit in instance.units if unit.team is not None})
    scale = find_effort_scale(instance)
    return [("effort", scale), ("servers", 1), *((f"effort of {team}", scale) for team in teams)]


def _list_rules(unit: Unit) -> list[_Rule]:
    rules = []
    if unit.not_before is not None:
        day = unit.not_before
        rules.append(_Rule(unit.key, f"{unit.key} not before {day}", lambda wave: wave.starts < day))
    if unit.not_after is not None:
        end = unit.not_after
        rules.append(_Rule(unit.key, f"{unit.key} not after {end}", lambda wave: wave.ends > end))
    for first, last in unit.freezes:
        rules.append(_freeze(unit.key, (first, last)))
    if unit.locked is not None:
        locked = unit.locked
        rules.append(
            _Rule(
                unit.key,
                f"{unit.key} is locked to wave {locked}",
                lambda wave: wave.index != locked,
                lock=True,
            )
        )
    return rules


def _list_blackout(index: int) -> _Rule:
    return _Rule("", f"wave {index} is a blackout", lambda wave: wave.index == index)


def _freeze(key: str, span: tuple[date, date]) -> _Rule:
    first, last = span
    return _Rule(
        key,
        f"{key} is frozen from {first} to {last}",
        lambda wave: wave.starts <= last and first <= wave.ends,
    )


def _shrink(reasons: list[T], suffices: Callable[[list[T]], bool]) -> list[T]:
    """Leaves out one after the other what is not needed: none of what remains can be."""
    kept = list(reasons)
    for reason in reasons:
        fewer = [other for other in kept if other is not reason]
        if suffices(fewer):
            kept = fewer
    return kept


def _are_tied(keys: Sequence[str], edges: Sequence[Edge]) -> bool:
    number = {key: at for at, key in enumerate(keys)}
    after: list[list[int]] = [[] for _ in keys]
    for edge in edges:
        after[number[edge.source]].append(number[edge.target])
        if edge.kind == "must_together":
            after[number[edge.target]].append(number[edge.source])
    return len(set(find_components(after))) == 1


def _reach(start: int, steps: Sequence[Sequence[int]]) -> dict[int, list[int]]:
    """Every node that can be reached, itself included, with the way from it back to the start."""
    ways = {start: [start]}
    waiting = [start]
    for node in waiting:
        for other in steps[node]:
            if other not in ways:
                ways[other] = [other, *ways[node]]
                waiting.append(other)
    return ways


def _keys(members: Sequence[Unit]) -> tuple[str, ...]:
    return tuple(sorted(unit.key for unit in members))


def _join(keys: Sequence[str]) -> str:
    return ", ".join(keys[:5]) + (f" and {len(keys) - 5} more" if len(keys) > 5 else "")


def _tell_edges(edges: Sequence[Edge]) -> tuple[tuple[str, str, str], ...]:
    return tuple((edge.source, edge.target, edge.kind) for edge in edges)
