"""What wave planning takes in and gives back: units, edges, waves; a plan, its violations, what cannot be placed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

EdgeKind = Literal["must_together", "hard_order", "soft"]
Status = Literal["greedy", "improved", "optimal"]
KINDS: tuple[EdgeKind, ...] = ("must_together", "hard_order", "soft")


@dataclass(frozen=True, slots=True)
class Unit:
    """What gets one wave: an application, or a group of targets without one. Retained units are left out.

    `effort` in person-days. `not_before`: its wave starts on that date or later; `not_after`: its wave ends on
    that date or earlier; `freezes`: no wave that overlaps one of these spans (both ends included). `locked`: a
    person's word; it has that wave or none. `shared`: a shared service, whose soft edges do not count as cut.
    """

    key: str
    effort: float = 1.0
    servers: int = 0
    team: str | None = None
    not_before: date | None = None
    not_after: date | None = None
    freezes: tuple[tuple[date, date], ...] = ()
    pilot: bool = False
    criticality: int = 3
    locked: int | None = None
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """`hard_order`: the source's wave is not later than the target's. Only soft edges have a weight."""

    source: str
    target: str
    kind: EdgeKind
    weight: float = 1.0
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Wave:
    """A slot of the calendar. A capacity of None is no limit; a team that `teams` does not name has none either."""

    index: int
    starts: date
    ends: date
    blackout: bool = False
    effort: float | None = None
    servers: int | None = None
    teams: Mapping[str, float] = field(default_factory=dict)


class InstanceIsNotUsable(ValueError):
    """The input names something that does not exist, or twice; the text says what to put right."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One planning problem. `assets`: asset → unit key, for the checker; without it a unit counts as one asset."""

    units: tuple[Unit, ...]
    edges: tuple[Edge, ...]
    waves: tuple[Wave, ...]
    assets: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        keys = {unit.key for unit in self.units}
        if len(keys) != len(self.units):
            raise InstanceIsNotUsable("a unit's key stands twice; give every application one row")
        indexes = [wave.index for wave in self.waves]
        if indexes != sorted(set(indexes)):
            raise InstanceIsNotUsable(
                f"waves must stand in ascending order of their index, once each: {indexes}"
            )
        for edge in self.edges:
            if edge.source not in keys or edge.target not in keys:
                raise InstanceIsNotUsable(f"an edge names an unknown unit: {edge.source!r} → {edge.target!r}")
            if edge.kind not in KINDS:
                raise InstanceIsNotUsable(f"edge kind {edge.kind!r} is none of {', '.join(KINDS)}")
        for asset, owner in self.assets.items():
            if owner not in keys:
                raise InstanceIsNotUsable(f"asset {asset!r} belongs to an unknown unit: {owner!r}")
        for unit in self.units:
            if unit.effort < 0 or unit.servers < 0:
                raise InstanceIsNotUsable(f"{unit.key!r} has a negative effort or number of servers")
            if unit.locked is not None and unit.locked not in indexes:
                raise InstanceIsNotUsable(
                    f"{unit.key!r} is locked to wave {unit.locked}, which does not exist"
                )


@dataclass(frozen=True, slots=True)
class Unplaceable:
    """Units that move as one and fit nowhere, with what makes it so. `kind` says which of the lists to read first:

    size (no wave is large enough for the group), window (dates, freezes, blackouts leave no wave), order (the
    order edges between dated units leave no wave), lock (a lock contradicts the rest), capacity (waves are full).
    """

    units: tuple[str, ...]
    kind: Literal["size", "window", "order", "lock", "capacity"]
    detail: str
    edges: tuple[tuple[str, str, str], ...] = ()
    capacities: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The wave of each unit (None: unplaceable, and in `unplaceable`), in order of key.

    `groups`: unit → key of the first unit of those it moves with (its contracted unit). `cut_weight`: soft weight
    between waves, shared services left out; `greedy_cut_weight` before any improvement. `status` is optimal only
    where CP-SAT proved it. `log`: one line a step; holds no times.
    """

    assignment: dict[str, int | None]
    groups: dict[str, str]
    cut_weight: float
    greedy_cut_weight: float
    status: Status
    unplaceable: tuple[Unplaceable, ...] = ()
    findings: tuple[str, ...] = ()
    log: tuple[str, ...] = ()
