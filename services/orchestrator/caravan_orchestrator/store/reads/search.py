"""Which assets or flows a search means: rare words are looked up first, frequent ones are checked by the list itself.

Row-level security lets an index serve equality and range on text, not LIKE. A plan made for a rare word takes seconds
for a frequent one and the other way round, so how frequent a word is gets asked here and is not left to statistics.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, any_, cast, func, literal, select, true, union_all
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_orchestrator.store.tables.data import search_terms

# So many terms of a word are looked at before it counts as frequent.
RARE_TERMS = 1_000
# So many are hashed without a thought: 20,000 take 5 ms. A word with more is hashed only where no other is.
HASHED_TERMS = 20_000
# Sorts behind every character a term can hold; the terms' collation is C.
BEHIND_ALL = "\U0010ffff"
# A plan that is made for any word takes a frequent one for rare, and compares each row with each of its terms; one that
# has no memory for a hash of the word's terms reads them all for each row.
_SETTINGS = {"plan_cache_mode": "force_custom_plan", "work_mem": "64MB"}
_t = search_terms.c


@dataclass(frozen=True)
class Found:
    """`ids`: only these can be meant; None when no word is rare. `frequent`: words that are still to be checked, the
    rarest first, with how many terms begin with them, as far as that was counted."""

    ids: frozenset[UUID] | None
    frequent: tuple[tuple[str, int], ...]
    kind: str
    engagement: UUID

    def conditions(self, id_: ColumnElement[UUID]) -> list[ColumnElement[bool]]:
        """For a statement over the rows themselves, which may read them in any order and stop when it has enough."""
        if self.ids is not None:
            given = any_(cast(literal(sorted(self.ids), ARRAY(Uuid)), ARRAY(Uuid)))
            return [id_ == given, *(self._probed(word, id_) for word, _ in self.frequent)]
        return [
            self._hashed(word, id_) if place == 0 or terms <= HASHED_TERMS else self._probed(word, id_)
            for place, (word, terms) in enumerate(self.frequent)
        ]

    def _probed(self, word: str, id_: ColumnElement[UUID]) -> ColumnElement[bool]:
        """Of a few rows, or where most have it, each is asked for."""
        return (
            select(literal(1)).where(_t.entity_id == id_, *_begins(word, self.kind, self.engagement)).exists()
        )

    def _hashed(self, word: str, id_: ColumnElement[UUID]) -> ColumnElement[bool]:
        """Of many, all are gathered first. `is true` keeps it a condition on each row: as a join, the rows would be
        looked up one after the other and then sorted."""
        return id_.in_(select(_t.entity_id).where(*_begins(word, self.kind, self.engagement))).is_(true())


async def find(connection: AsyncConnection, kind: str, words: Sequence[str], engagement: UUID) -> Found:
    """One statement, none without words. `kind`: asset or flow. From here on plans are made for the words at hand."""
    if not words:
        return Found(None, (), kind, engagement)
    several = len(words) > 1
    looks = [_first_terms(place, word, kind, engagement, counted=several) for place, word in enumerate(words)]
    found = await connection.execute(union_all(*looks))
    seen = {row[0]: (row[1] or [], row[2]) for row in found}
    rare = [frozenset(ids) for ids, _ in seen.values() if len(ids) <= RARE_TERMS]
    frequent = [
        (word, seen[place][1]) for place, word in enumerate(words) if len(seen[place][0]) > RARE_TERMS
    ]
    ordered = tuple(sorted(frequent, key=lambda each: each[1]))
    return Found(frozenset.intersection(*rare) if rare else None, ordered, kind, engagement)


def _first_terms(place: int, word: str, kind: str, engagement: UUID, *, counted: bool) -> Select[Any]:
    """Ids of the first terms, and how many there are, up to what is hashed; 0 unless `counted`."""
    begun = _begins(word, kind, engagement)
    first = select(_t.entity_id).where(*begun).limit(RARE_TERMS + 1).subquery()
    some = select(literal(1)).where(*begun).limit(HASHED_TERMS + 1).subquery()
    terms = select(func.count()).select_from(some).scalar_subquery() if counted else literal(0)
    settings = [func.set_config(name, value, True) for name, value in _SETTINGS.items()]
    return select(literal(place), func.array_agg(first.c.entity_id), terms, *settings)


def _begins(word: str, kind: str, engagement: UUID) -> list[ColumnElement[bool]]:
    return [
        _t.engagement_id == engagement,
        _t.entity_kind == kind,
        _t.term >= word,
        _t.term < word + BEHIND_ALL,
    ]
