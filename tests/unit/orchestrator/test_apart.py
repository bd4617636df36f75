"""Each piece of work gets its turn, unless all of them would fail."""

import pytest

from caravan_common.artifacts import ArtifactStoreUnavailable
from caravan_orchestrator.loops.apart import each_apart


class Turns:
    """Pieces that fail as said, and which of them got their turn."""

    def __init__(self, *failures: Exception | None) -> None:
        self._failures, self.taken = failures, list[int]()

    async def take(self) -> None:
        await each_apart(range(len(self._failures)), self._work)

    async def _work(self, number: int) -> None:
        self.taken.append(number)
        if (failure := self._failures[number]) is not None:
            raise failure


async def test_after_a_failure_the_others_still_get_their_turn_and_the_first_failure_goes_on() -> None:
    turns = Turns(None, KeyError("bad"), None, ValueError("worse"), None)
    with pytest.raises(KeyError, match="bad"):
        await turns.take()
    assert turns.taken == [0, 1, 2, 3, 4]


async def test_what_did_not_fail_says_nothing() -> None:
    turns = Turns(None, None)
    await turns.take()
    assert turns.taken == [0, 1]


@pytest.mark.parametrize("away", [ConnectionRefusedError("gone"), ArtifactStoreUnavailable("gone")])
async def test_where_all_would_fail_none_is_tried_after_the_first(away: Exception) -> None:
    turns = Turns(None, away, None)
    with pytest.raises(type(away), match="gone"):
        await turns.take()
    assert turns.taken == [0, 1]
