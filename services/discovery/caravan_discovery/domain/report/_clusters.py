"""Makes few boxes of many: what is tied most closely comes together, until a picture can hold it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Boxes of a picture that can still be read.
MOST_BOXES = 40


@dataclass(frozen=True)
class Tie:
    """What one end needs of the other. `count` of edges; `hard` if one of them is no soft one."""

    source: str
    target: str
    weight: float
    count: int
    hard: bool


@dataclass(frozen=True)
class Clusters:
    """By cluster its best connected member and its size; the ties between clusters; `inside` counts the edges within.

    `rest` is the cluster of small parts that nothing ties together, where there is one.
    """

    leads: Mapping[str, str]
    sizes: Mapping[str, int]
    rest: str | None
    ties: Sequence[Tie]
    inside: int

    @property
    def aggregated(self) -> bool:
        return any(size > 1 for size in self.sizes.values())


class _Union:
    """Names and the clusters they are in, each under the name of its first member."""

    def __init__(self, names: Sequence[str]) -> None:
        self._parent = {name: name for name in names}
        self.sizes = dict.fromkeys(names, 1)

    def find(self, name: str) -> str:
        parent = self._parent
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    def join(self, one: str, other: str, largest: float = math.inf) -> None:
        """Unless the cluster would become larger than that."""
        first, second = sorted((self.find(one), self.find(other)))
        if first != second and self.sizes[first] + self.sizes[second] <= largest:
            self._parent[second] = first
            self.sizes[first] += self.sizes.pop(second)


def cluster(ties: Sequence[Tie], most: int = MOST_BOXES) -> Clusters:
    """At most `most` clusters over all ends. Deterministic: hard and heavy ties first, then by name.

    Parts of the estate that no tie connects with the others and that are smaller than an average cluster make
    one rest. Clusters grow evenly: how large one may be is raised only when there are still too many.
    """
    names = sorted({end for tie in ties for end in (tie.source, tie.target)})
    union = _Union(names)
    rest: list[str] = []
    if len(names) > most:
        average = math.ceil(len(names) / most)
        rest = _small_parts(names, ties, average)
        for name in rest[1:]:
            union.join(rest[0], name)
        ranked = sorted(ties, key=lambda tie: (not tie.hard, -tie.weight, tie.source, tie.target))
        apart, largest = set(rest), float(average)
        ranked = [tie for tie in ranked if tie.source not in apart]
        while len(union.sizes) > most:
            for tie in ranked:
                if len(union.sizes) > most:
                    union.join(tie.source, tie.target, largest)
            largest *= 1.25
    members: dict[str, list[str]] = {}
    for name in names:
        members.setdefault(union.find(name), []).append(name)
    degree: dict[str, int] = {}
    for tie in ties:
        for end in (tie.source, tie.target):
            degree[end] = degree.get(end, 0) + tie.count
    between, within = _merge([(union.find(tie.source), union.find(tie.target), tie) for tie in ties])
    return Clusters(
        leads={
            root: min(inside, key=lambda name: (-degree[name], name))
            for root, inside in sorted(members.items())
        },
        sizes={root: len(inside) for root, inside in members.items()},
        rest=union.find(rest[0]) if rest else None,
        ties=between,
        inside=within,
    )


def _small_parts(names: Sequence[str], ties: Sequence[Tie], average: int) -> list[str]:
    """The names of all connected parts smaller than that."""
    parts = _Union(names)
    for tie in ties:
        parts.join(tie.source, tie.target)
    return [name for name in names if parts.sizes[parts.find(name)] < average]


def _merge(placed: Sequence[tuple[str, str, Tie]]) -> tuple[list[Tie], int]:
    merged: dict[tuple[str, str], Tie] = {}
    within = 0
    for source, target, tie in placed:
        if source == target:
            within += tie.count
            continue
        known = merged.get((source, target), Tie(source, target, 0.0, 0, hard=False))
        merged[source, target] = Tie(
            source, target, known.weight + tie.weight, known.count + tie.count, known.hard or tie.hard
        )
    return [merged[pair] for pair in sorted(merged)], within
