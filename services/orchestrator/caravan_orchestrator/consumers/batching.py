"""Turns single deliveries into batches: each waits for the outcome of the batch that held it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Batcher(Generic[Item]):
    """`take(items)` handles up to `size` items at once. When it fails, each is tried alone, so that one
    bad item spoils no other. A failure that `is_passing` (database away) is tried again in place, for ever.

    What comes while a batch is under way gets `gather` seconds of company before the next, for each item of the one
    before if there is a `longest` time: the more comes, the fewer and larger the batches. Whoever comes alone waits
    for nobody, unless `at_once` is false.
    """

    def __init__(
        self,
        take: Callable[[Sequence[Item]], Awaitable[None]],
        size: int,
        is_passing: Callable[[BaseException], bool],
        *,
        gather: float = 0.0,
        longest: float | None = None,
        at_once: bool = True,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._take, self._size, self._is_passing = take, size, is_passing
        self._gather, self._longest, self._at_once = gather, longest, at_once
        self._sleep = sleep
        self._waiting: list[tuple[Item, asyncio.Future[None]]] = []
        self._busy: asyncio.Task[None] | None = None

    async def put(self, item: Item) -> None:
        """Returns once the item has been taken in; raises what taking it alone raised."""
        outcome: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, outcome))
        if self._busy is None or self._busy.done():
            self._busy = asyncio.create_task(self._drain())
        await outcome

    async def _drain(self) -> None:
        gather = 0.0 if self._at_once else self._gather
        while self._waiting:
            if gather and len(self._waiting) < self._size:
                await self._sleep(gather)
            batch, self._waiting = self._waiting[: self._size], self._waiting[self._size :]
            gather = self._gather if self._longest is None else min(self._gather * len(batch), self._longest)
            error = await self._attempt([item for item, _ in batch])
            for item, outcome in batch:
                failure = None if error is None else await self._attempt([item]) if len(batch) > 1 else error
                if outcome.done():
                    continue  # the consumer was cancelled; the broker delivers again and the inbox knows it
                if failure is None:
                    outcome.set_result(None)
                else:
                    outcome.set_exception(failure)

    async def _attempt(self, items: Sequence[Item]) -> Exception | None:
        pause = 0.1
        while True:
            try:
                await self._take(items)
            except Exception as error:  # noqa: BLE001 - handed to whoever put the item
                if not self._is_passing(error):
                    return error
                await self._sleep(pause)
                pause = min(5.0, pause * 2)
            else:
                return None
