"""Deliveries become batches: who comes while one is under way gets company, who comes alone waits for nobody."""

import asyncio
from collections.abc import Sequence

from caravan_orchestrator.consumers.batching import Batcher

_LONG = 3600.0


class Pauses:
    """The batcher's sleep: lasts until the test ends it, and keeps how long each should have been."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self._begun, self._ended = asyncio.Event(), asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        self._begun.set()
        await self._ended.wait()
        self._ended.clear()

    async def begun(self) -> None:
        await self._begun.wait()
        self._begun.clear()

    def end(self) -> None:
        self._ended.set()


async def putting(batcher: Batcher[int], item: int) -> "asyncio.Task[None]":
    """Returns when the batcher has it; the task ends with its batch."""
    put = asyncio.create_task(batcher.put(item))
    await asyncio.sleep(0)
    return put


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
    taken, pauses = Taken(), Pauses()
    batcher = Batcher(taken, 64, never, gather=_LONG, sleep=pauses)
    puts = [await putting(batcher, 1)]
    await asyncio.sleep(0)
    assert taken.batches == [[1]], "it came alone and waited for nobody"
    puts.append(await putting(batcher, 2))
    taken.let_go.set()
    await pauses.begun()
    puts.append(await putting(batcher, 3))
    assert taken.batches == [[1]]
    pauses.end()
    await asyncio.gather(*puts)
    assert taken.batches == [[1], [2, 3]]
    assert pauses.asked == [_LONG]


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
    taken, pauses = Taken(), Pauses()
    taken.let_go.set()
    batcher = Batcher(taken, 64, never, gather=_LONG, at_once=False, sleep=pauses)
    puts = [await putting(batcher, 1)]
    await pauses.begun()
    puts.append(await putting(batcher, 2))
    assert taken.batches == []
    pauses.end()
    await asyncio.gather(*puts)
    assert taken.batches == [[1, 2]]
    assert pauses.asked == [_LONG]


async def test_the_more_came_before_the_longer_the_next_batch_is_gathered() -> None:
    begun: asyncio.Queue[int] = asyncio.Queue()
    may_end = asyncio.Semaphore(0)

    async def take(items: Sequence[int]) -> None:
        begun.put_nowait(len(items))
        await may_end.acquire()

    pauses = Pauses()
    batcher = Batcher(take, 64, never, gather=_LONG / 40, longest=_LONG, sleep=pauses)
    puts = [await putting(batcher, 0)]
    sizes = [await begun.get()]
    # One, then thirty, then fifty: the time grows with each, and no further than it may.
    for came in (30, 50, 2):
        puts += [await putting(batcher, item) for item in range(came)]
        may_end.release()
        await pauses.begun()
        pauses.end()
        sizes.append(await begun.get())
    may_end.release()
    await asyncio.gather(*puts)
    assert sizes == [1, 30, 50, 2]
    assert pauses.asked == [_LONG / 40, _LONG / 40 * 30, _LONG]


async def test_one_bad_item_spoils_no_other() -> None:
    taken = Taken()
    taken.let_go.set()
    batcher = Batcher(taken, 64, never)
    outcomes = await asyncio.gather(*(batcher.put(item) for item in (1, -1, 2)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), ValueError, type(None)]
