"""Deliveries become batches: who comes while one is under way gets company, who comes alone waits for nobody."""

import asyncio
from collections.abc import Sequence

from caravan_orchestrator.consumers.batching import Batcher

_LONG = 0.2


class Taken:
    """Keeps the batches; the first one lasts until it is let go."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.let_go = asyncio.Event()

    async def __call__(self, items: Sequence[int]) -> None:
        self.batches.append(list(items))
        if any(item < 0 for item in items):
            raise ValueError("negative")
        if len(self.batches) == 1:
            await self.let_go.wait()


def never(_error: BaseException) -> bool:
    return False


async def test_what_comes_while_a_batch_is_under_way_gets_company() -> None:
    taken = Taken()
    batcher = Batcher(taken, 64, never, gather=_LONG)
    puts = [asyncio.create_task(batcher.put(1))]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert taken.batches == [[1]], "it came alone and waited for nobody"
    puts.append(asyncio.create_task(batcher.put(2)))
    await asyncio.sleep(0)
    taken.let_go.set()
    await asyncio.sleep(_LONG / 10)
    puts.append(asyncio.create_task(batcher.put(3)))
    await asyncio.gather(*puts)
    assert taken.batches == [[1], [2, 3]]


async def test_without_gathering_each_batch_follows_the_last_at_once() -> None:
    taken = Taken()
    taken.let_go.set()
    batcher = Batcher(taken, 2, never)
    await asyncio.gather(*(batcher.put(item) for item in range(5)))
    assert taken.batches == [[0, 1], [2, 3], [4]]


async def test_a_full_batch_is_not_kept_waiting() -> None:
    taken = Taken()
    taken.let_go.set()
    batcher = Batcher(taken, 2, never, gather=3600.0, at_once=False)
    await asyncio.gather(*(batcher.put(item) for item in range(2)))
    assert taken.batches == [[0, 1]]


async def test_what_is_in_no_hurry_waits_for_company_from_the_first() -> None:
    taken = Taken()
    taken.let_go.set()
    batcher = Batcher(taken, 64, never, gather=_LONG, at_once=False)
    first = asyncio.create_task(batcher.put(1))
    await asyncio.sleep(_LONG / 10)
    await asyncio.gather(first, batcher.put(2))
    assert taken.batches == [[1, 2]]


async def test_the_more_came_before_the_longer_the_next_batch_is_gathered() -> None:
    batches: list[int] = []
    second = asyncio.Event()

    async def take(items: Sequence[int]) -> None:
        batches.append(len(items))
        if len(batches) == 2:
            second.set()
        await asyncio.sleep(_LONG / 10)

    batcher = Batcher(take, 64, never, gather=_LONG / 20, longest=_LONG)
    puts = [asyncio.create_task(batcher.put(0))]
    await asyncio.sleep(0)
    puts += [asyncio.create_task(batcher.put(item)) for item in range(1, 31)]
    await second.wait()
    puts.append(asyncio.create_task(batcher.put(31)))
    await asyncio.sleep(_LONG / 2)
    puts.append(asyncio.create_task(batcher.put(32)))
    await asyncio.gather(*puts)
    assert batches == [1, 30, 2]


async def test_one_bad_item_spoils_no_other() -> None:
    taken = Taken()
    taken.let_go.set()
    batcher = Batcher(taken, 64, never)
    outcomes = await asyncio.gather(*(batcher.put(item) for item in (1, -1, 2)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), ValueError, type(None)]
