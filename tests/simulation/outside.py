"""The outside world: the artifact store's claims, and a ledger of every effect done and undone."""

from collections import defaultdict
from collections.abc import Callable, Collection
from uuid import UUID

from caravan_common.contracts import Receipt
from tests.simulation.sample import BUILT_ON, UNDOABLE

Effect = tuple[UUID, str]


class Outside:
    """`alive` holds, by flow and unit key, the ids of effects that are there now."""

    def __init__(self, below: Callable[[UUID], Collection[UUID]]) -> None:
        """`below`: the flows that have grown from one, directly or not."""
        self._below = below
        self.alive: dict[Effect, list[str]] = defaultdict(list)
        self.claims: dict[str, str] = {}
        self.breaches: list[str] = []
        self.done = self.undone = 0

    def put_if_absent(self, key: str, value: str) -> bool:
        """Whether the key is ours now; putting the same again is no loss."""
        return self.claims.setdefault(key, value) == value

    def apply(self, effect: Effect, effect_id: str) -> Receipt:
        """The effect happens. Twice at once is what must never be."""
        if self.alive[effect]:
            self.breaches.append(f"effect {effect[1]} was done twice without having been undone")
        self.alive[effect].append(effect_id)
        self.done += 1
        return Receipt(effect_id=effect_id)

    def find(self, effect: Effect) -> Receipt | None:
        there = self.alive[effect]
        return Receipt(effect_id=there[0]) if there else None

    def undo(self, effect: Effect, effect_ids: set[str]) -> bool:
        """Removes what these receipts speak of; False when nothing of it is there."""
        there = self.alive[effect]
        if there and any(self.alive[effect[0], other] for other in BUILT_ON[effect[1]]):
            self.breaches.append(f"effect {effect[1]} was undone before what was built on it")
        if there and any(self.alive[flow, key] for flow in self._below(effect[0]) for key in UNDOABLE):
            self.breaches.append(
                f"effect {effect[1]} was undone before those of a flow that has grown from its own"
            )
        left = [effect_id for effect_id in there if effect_id not in effect_ids]
        self.alive[effect] = left
        self.undone += len(there) - len(left)
        return len(left) < len(there)
