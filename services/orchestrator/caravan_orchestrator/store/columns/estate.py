"""The columns of one estate: its assets in the order of the list, each value as a small number. Pure; never changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt

ID_BYTES = 16
Places = npt.NDArray[np.int32]
"""Places in the list, from 0, in its order."""


_SMALL = np.iinfo(np.uint16).max


@dataclass(frozen=True)
class Ranks:
    """Where the value of each asset stands among the `known` different ones; the unknown have the code `known`."""

    known: int
    codes: npt.NDArray[np.integer[Any]]

    def order(self, *, descending: bool) -> Places:
        """All places by value, the unknown last; those alike in the order of the list."""
        # Numbers of 16 bits are sorted in one pass by numpy, in a tenth of the time.
        codes = self.codes.astype(np.uint16) if self.known <= _SMALL else self.codes
        if descending:
            codes = np.where(codes == self.known, codes, max(self.known - 1, 0) - codes)
        return np.argsort(codes, kind="stable").astype(np.int32)


def narrow(ranks: Ranks) -> Ranks:
    """In as few bytes as they need."""
    return Ranks(ranks.known, ranks.codes.astype(np.uint16)) if ranks.known <= _SMALL else ranks


@dataclass(frozen=True)
class Column:
    """The value of each asset as a place among `values`, which ascend; null is a value like others, the last."""

    values: tuple[Any, ...]
    codes: npt.NDArray[np.int32]

    @property
    def ranks(self) -> Ranks:
        return Ranks(max(len(self.values) - 1, 0), self.codes)

    @cached_property
    def holds_addresses(self) -> bool:
        """Whether one of the texts may hold an e-mail address."""
        return any(isinstance(value, str) and "@" in value for value in self.values)

    def count(self, places: Places | None) -> Iterable[tuple[Any, int]]:
        """Those that occur, with how often."""
        codes = self.codes if places is None else self.codes[places]
        counts = np.bincount(codes, minlength=len(self.values)).tolist()
        return ((value, count) for value, count in zip(self.values, counts, strict=True) if count)

    def are(self, wanted: Iterable[Any]) -> npt.NDArray[np.bool_]:
        known = np.zeros(len(self.values), dtype=np.bool_)
        known[[place for place, value in enumerate(self.values) if value in wanted]] = True
        return known[self.codes]


class EstateColumns:
    """`version`: of the counts that stood before these were read and after. `ids` hold 16 bytes for each asset.
    `ranks`: of attributes that are only sorted by."""

    def __init__(
        self,
        version: int,
        ids: bytes,
        columns: Mapping[str, Column],
        ranks: Mapping[str, Ranks] = MappingProxyType({}),
    ) -> None:
        self.version, self.columns, self._ranks = version, columns, ranks
        self._ids = ids
        halves = _halves(ids)
        self.size = len(halves)
        self._order = np.lexsort((halves[:, 1], halves[:, 0])).astype(np.int32)
        self._first, self._second = halves[self._order].T.copy()

    @property
    def memory(self) -> int:
        """About how many bytes it takes."""
        ranks = sum(each.codes.nbytes for each in self._ranks.values())
        return self.size * (2 * ID_BYTES + 4 + 4 * len(self.columns)) + ranks

    def places(self, ids: bytes) -> Places:
        """Of those among the ids that are of this estate, each once, in the order of the list."""
        wanted = _halves(ids)
        at = np.minimum(np.searchsorted(self._first, wanted[:, 0]), max(self.size - 1, 0))
        if not self.size:
            return np.zeros(0, dtype=np.int32)
        same = self._first[at] == wanted[:, 0]
        hit = same & (self._second[at] == wanted[:, 1])
        found = [self._order[at[hit]]]
        # Two that begin with the same eight bytes lie next to each other; there is hardly ever one.
        found += [self._order[place : place + 1] for place in self._next(wanted[same & ~hit])]
        return np.unique(np.concatenate(found))

    def _next(self, wanted: npt.NDArray[np.uint64]) -> Iterable[int]:
        for first, second in wanted.tolist():
            begin, end = (
                int(np.searchsorted(self._first, np.uint64(first), side)) for side in ("left", "right")
            )
            yield from (place for place in range(begin, end) if int(self._second[place]) == second)

    def chosen(
        self, texts: Mapping[str, Sequence[str]], is_target: bool | None, found: Sequence[Places]
    ) -> Places | None:
        """Those with one of the values of each attribute, and in each of `found`; None: all."""
        wanted: dict[str, Sequence[Any]] = {name: given for name, given in texts.items() if given}
        if is_target is not None:
            wanted["is_target"] = (is_target,)
        if not wanted and not found:
            return None
        fit = np.ones(self.size, dtype=np.bool_)
        for each in found:
            only = np.zeros(self.size, dtype=np.bool_)
            only[each] = True
            fit &= only
        for name, values in wanted.items():
            fit &= self.columns[name].are(set(values))
        return np.flatnonzero(fit).astype(np.int32)

    def place(self, id_: UUID) -> int | None:
        """None: it is not of this estate."""
        found = self.places(id_.bytes)
        return int(found[0]) if len(found) else None

    def order(self, attribute: str, *, descending: bool) -> Places:
        """All places by that attribute: see `Ranks`."""
        column = self.columns.get(attribute)
        ranks = self._ranks[attribute] if column is None else column.ranks
        return ranks.order(descending=descending)

    def page(
        self, chosen: Places | None, after: int | None, limit: int, order: Places | None = None
    ) -> list[UUID]:
        """At most `limit` of the chosen behind that place, in that order; None: that of the list."""
        if order is not None:
            return [self._id(place) for place in self._behind(chosen, after, order)[:limit].tolist()]
        begin = 0 if after is None else after + 1
        if chosen is None:
            shown = range(begin, min(begin + limit, self.size))
            return [self._id(place) for place in shown]
        first = int(np.searchsorted(chosen, begin))
        return [self._id(place) for place in chosen[first : first + limit].tolist()]

    def _behind(self, chosen: Places | None, after: int | None, order: Places) -> Places:
        rest = order if after is None else order[int(np.flatnonzero(order == after)[0]) + 1 :]
        if chosen is None:
            return rest
        fit = np.zeros(self.size, dtype=np.bool_)
        fit[chosen] = True
        found: Places = rest[fit[rest]]
        return found

    def _id(self, place: int) -> UUID:
        return UUID(bytes=self._ids[place * ID_BYTES : (place + 1) * ID_BYTES])


def _halves(ids: bytes) -> npt.NDArray[np.uint64]:
    return np.frombuffer(ids, dtype=">u8").astype(np.uint64).reshape(-1, 2)
