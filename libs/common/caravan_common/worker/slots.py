"""Slots of a worker: each is a consumer of its own that takes one delivery at a time, so a full worker takes none.

While a delivery is unacked the broker gives its slot no other; once it is acked but its run goes on, the slot's
consumer is stopped, and what waits stays ready for other replicas.
"""

import asyncio
from collections.abc import Awaitable, Callable

from caravan_common.bus import Bus, Delivery, Queue, Subscription

SlotHandler = Callable[[Delivery, "Slot"], Awaitable[None]]


class Slot:
    """Takes deliveries while nobody holds it. Changes come one after another, the last wish wins."""

    def __init__(self) -> None:
        self.subscription: Subscription | None = None
        self._holders = 0
        self._closed = False
        self._taking = True
        self._changing = asyncio.Lock()

    @property
    def held(self) -> bool:
        """Whether somebody works in it, or it rests: then having no consumer is as it should be."""
        return self._holders > 0

    async def take(self) -> None:
        """No more deliveries to this slot until it is free again."""
        self._holders += 1
        await self._apply()

    async def free(self) -> None:
        """Deliveries come again, unless someone else still holds it or the worker is stopping."""
        self._holders -= 1
        await self._apply()

    async def stop(self) -> None:
        """Takes nothing more, for good; what was delivered can still be settled."""
        self._closed = True
        await self._apply()

    async def _apply(self) -> None:
        async with self._changing:
            taking = self._holders == 0 and not self._closed
            if taking == self._taking or self.subscription is None:
                return
            self._taking = taking
            await (self.subscription.resume() if taking else self.subscription.pause())


class Slots:
    """The consumers of one command queue."""

    def __init__(self, bus: Bus, queue: Queue, count: int, handler: SlotHandler) -> None:
        self._bus = bus
        self._queue = queue
        self._handler = handler
        self._slots = [Slot() for _ in range(count)]

    async def open(self) -> None:
        """Consuming begins as soon as the queue exists."""
        for slot in self._slots:
            slot.subscription = await self._bus.subscribe(self._queue, self._handler_of(slot), prefetch=1)

    async def stop(self) -> None:
        for slot in self._slots:
            await slot.stop()

    async def close(self) -> None:
        for slot in self._slots:
            if slot.subscription is not None:
                await slot.subscription.close()

    @property
    def consuming(self) -> int:
        """Slots that the broker knows as consumers now."""
        return sum(1 for slot in self._slots if slot.subscription is not None and slot.subscription.consuming)

    @property
    def full(self) -> bool:
        """Whether none is to take anything now."""
        return all(slot.held for slot in self._slots)

    def _handler_of(self, slot: Slot) -> Callable[[Delivery], Awaitable[None]]:
        async def handle(delivery: Delivery) -> None:
            await self._handler(delivery, slot)

        return handle
