"""Counts what a plan breaks, over the original assets and edges. Shares no code with the planner, so it can catch it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from caravan_assessment.domain.waves.model import Instance, Unit, Wave

ROUNDING = 1e-6  # person-days; sums of floats differ by their order


@dataclass(frozen=True, slots=True)
class Violations:
    """Sentences by kind: unassigned, split, must_together, precedence, capacity, window, lock. All must be empty.

    window: blackout, freeze, not_before, not_after. What is unassigned is not judged again by its edges.
    """

    by_kind: dict[str, list[str]] = field(
        default_factory=lambda: {
            kind: []
            for kind in ("unassigned", "split", "must_together", "precedence", "capacity", "window", "lock")
        }
    )

    @property
    def counts(self) -> dict[str, int]:
        return {kind: len(sentences) for kind, sentences in self.by_kind.items()}

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def check_plan(instance: Instance, assignment: Mapping[str, int | None]) -> Violations:
    """`assignment` is unit → wave index; or asset → wave index where the instance has assets."""
    found = Violations()
    wave_of = _gather_waves(instance, assignment, found)
    waves = {wave.index: wave for wave in instance.waves}
    for edge in instance.edges:
        source, target = wave_of.get(edge.source), wave_of.get(edge.target)
        if source is None or target is None:
            continue
        if edge.kind == "must_together" and source != target:
            found.by_kind["must_together"].append(
                f"{edge.source} (wave {source}) must move with {edge.target} (wave {target})"
            )
        if edge.kind == "hard_order" and source > target:
            found.by_kind["precedence"].append(
                f"{edge.source} (wave {source}) must not move after {edge.target} (wave {target})"
            )
    for unit in instance.units:
        if unit.key in wave_of:
            _check_dates(unit, waves[wave_of[unit.key]], found)
    _check_capacities(instance, wave_of, found)
    return found


def _gather_waves(
    instance: Instance, assignment: Mapping[str, int | None], found: Violations
) -> dict[str, int]:
    """The wave of each unit whose assets all have one that exists, the same; everything else is a violation."""
    known = {wave.index for wave in instance.waves}
    units = {unit.key for unit in instance.units}
    owners = (
        instance.assets if instance.assets and not units & assignment.keys() else {key: key for key in units}
    )
    chosen: dict[str, set[int | None]] = {key: set() for key in sorted(units)}
    for name in sorted(owners):
        wave = assignment.get(name)
        chosen[owners[name]].add(wave if wave in known else None)
    wave_of = {}
    for key, waves in chosen.items():
        if not waves or None in waves:
            found.by_kind["unassigned"].append(f"{key} has no wave, or some of its assets have none")
        elif len(waves) > 1:
            found.by_kind["split"].append(
                f"{key} lies in waves {sorted(wave for wave in waves if wave is not None)}"
            )
        else:
            wave_of[key] = next(wave for wave in waves if wave is not None)
    return wave_of


def _check_dates(unit: Unit, wave: Wave, found: Violations) -> None:
    where = f"{unit.key} is in wave {wave.index} ({wave.starts} to {wave.ends})"
    window = found.by_kind["window"]
    if wave.blackout:
        window.append(f"{where}, a blackout")
    if unit.not_before is not None and wave.starts < unit.not_before:
        window.append(f"{where}, but may not move before {unit.not_before}")
    if unit.not_after is not None and wave.ends > unit.not_after:
        window.append(f"{where}, but must have moved by {unit.not_after}")
    for first, last in unit.freezes:
        if wave.starts <= last and first <= wave.ends:
            window.append(f"{where}, but is frozen from {first} to {last}")
    if unit.locked is not None and unit.locked != wave.index:
        found.by_kind["lock"].append(f"{where}, but is locked to wave {unit.locked}")


def measure_loads(instance: Instance, assignment: Mapping[str, int | None]) -> dict[int, dict[str, float]]:
    """Of each wave: effort, servers, and effort by team under "team:<name>". Units without a wave count nowhere."""
    loads: dict[int, dict[str, float]] = {wave.index: {"effort": 0, "servers": 0} for wave in instance.waves}
    for unit in instance.units:
        wave = assignment.get(unit.key)
        if wave is not None and wave in loads:
            load = loads[wave]
            load["effort"] += unit.effort
            load["servers"] += unit.servers
            if unit.team is not None:
                load[f"team:{unit.team}"] = load.get(f"team:{unit.team}", 0) + unit.effort
    return loads


def _check_capacities(instance: Instance, wave_of: Mapping[str, int], found: Violations) -> None:
    loads = measure_loads(instance, wave_of)
    for wave in instance.waves:
        load = loads[wave.index]
        limits: dict[str, float | None] = {"effort": wave.effort, "servers": wave.servers}
        limits |= {f"team:{team}": limit for team, limit in wave.teams.items()}
        for what, limit in limits.items():
            used = load.get(what, 0)
            if limit is not None and used > limit + ROUNDING:
                found.by_kind["capacity"].append(f"wave {wave.index} holds {used:g} of {limit:g} {what}")


def measure_cut(instance: Instance, assignment: Mapping[str, int | None]) -> float:
    """Weight of the soft edges whose ends have different waves; what touches a shared service does not count.

    An edge of a unit without a wave is cut, so that leaving units out never looks better.
    """
    shared = {unit.key for unit in instance.units if unit.shared}
    cut: dict[bool, float] = defaultdict(float)
    for edge in instance.edges:
        if (
            edge.kind == "soft"
            and not edge.shared
            and edge.source not in shared
            and edge.target not in shared
        ):
            source, target = assignment.get(edge.source), assignment.get(edge.target)
            cut[source is None or source != target] += edge.weight
    return cut[True]
