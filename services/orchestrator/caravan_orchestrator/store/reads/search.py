"""Which assets or flows a search means: rare words are looked up first, frequent ones are checked by the list itself.

Row-level security lets an index serve equality and range on text, not LIKE. A plan made for a rare word takes seconds
for a frequent one and the other way round, so how frequent a word is gets asked here and is not left to statistics.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, any_, cast, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_orchestrator.store.tables.data import search_terms

# So many terms of a word are looked at before it counts as frequent.
RARE_TERMS = 1_000
# Sorts behind every character a term can hold; the terms' collation is C.
_BEHIND_ALL = "\U0010ffff"
_t = search_terms.c


@dataclass(frozen=True)
class Found:
    """`ids`: only these can be meant; None when no word is rare. `frequent`: words that are still to be checked."""

    ids: frozenset[UUID] | None
    frequent: tuple[str, ...]
    kind: str
    engagement: UUID

    def conditions(self, id_: ColumnElement[UUID]) -> list[ColumnElement[bool]]:
        """For a statement over the rows themselves."""
        if self.ids is not None:
            given = any_(cast(literal(sorted(self.ids), ARRAY(Uuid)), ARRAY(Uuid)))
            return [id_ == given, *(self._probed(word, id_) for word in self.frequent)]
        return [id_.in_(self._gathered(word)) for word in self.frequent]

    def _probed(self, word: str, id_: ColumnElement[UUID]) -> ColumnElement[bool]:
        """Of a few rows, each is asked for."""
        return (
            select(literal(1)).where(_t.entity_id == id_, *_begins(word, self.kind, self.engagement)).exists()
        )

    def _gathered(self, word: str) -> Select[Any]:
        """Of many, all are gathered first: materialized, so that no plan looks up one after the other."""
        named = select(_t.entity_id).where(*_begins(word, self.kind, self.engagement))
        return select(named.cte().prefix_with("materialized", dialect="postgresql").c.entity_id)


async def find(connection: AsyncConnection, kind: str, words: Sequence[str], engagement: UUID) -> Found:
    """One statement, none without words. `kind`: asset or flow."""
    if not words:
        return Found(None, (), kind, engagement)
    looks = [_first_terms(place, word, kind, engagement) for place, word in enumerate(words)]
    found = await connection.execute(union_all(*looks))
    seen = {place: ids or [] for place, ids, _ in found}
    rare = [frozenset(ids) for ids in seen.values() if len(ids) <= RARE_TERMS]
    frequent = tuple(word for place, word in enumerate(words) if len(seen[place]) > RARE_TERMS)
    return Found(frozenset.intersection(*rare) if rare else None, frequent, kind, engagement)


def _first_terms(place: int, word: str, kind: str, engagement: UUID) -> Select[Any, Any, Any]:
    """And for the rest of the transaction, plans for the words at hand: one that is made for any word takes a frequent
    one for rare, and compares each row with each of its terms."""
    terms = select(_t.entity_id).where(*_begins(word, kind, engagement)).limit(RARE_TERMS + 1).subquery()
    planned_anew = func.set_config("plan_cache_mode", "force_custom_plan", True)
    return select(literal(place), func.array_agg(terms.c.entity_id), planned_anew)


def _begins(word: str, kind: str, engagement: UUID) -> list[ColumnElement[bool]]:
    return [
        _t.engagement_id == engagement,
        _t.entity_kind == kind,
        _t.term >= word,
        _t.term < word + _BEHIND_ALL,
    ]
