"""One queue in memory: ready messages, consumers taking turns, and what becomes of a settled delivery."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from caravan_common.bus._handling import cancel_all, run_handler
from caravan_common.bus._port import Delivery, Handler, OutgoingMessage
from caravan_common.bus.topology import Queue


@dataclass(eq=False)
class Item:
    """A message in a queue. `done` is set once it has left the bus; dead-lettering carries it along."""

    message: OutgoingMessage
    done: asyncio.Future[None]
    expires_at: float | None = None
    delivery_count: int = 0
    redelivered: bool = False
    death_reason: str | None = None
    death_queue: str | None = None

    @property
    def expired(self) -> bool:
        return self.expires_at is not None and time.monotonic() >= self.expires_at


DeadLetter = Callable[[Item, Queue, str], None]


class InProcessDelivery(Delivery):
    def __init__(self, item: Item, user: str, consumer: "InProcessSubscription") -> None:
        message = item.message
        super().__init__(
            body=message.body,
            type=message.type,
            message_id=message.message_id,
            correlation_id=message.correlation_id,
            headers=dict(message.headers),
            user_id=user,
            redelivered=item.redelivered,
            delivery_count=item.delivery_count,
            queue=consumer.queue.spec.name,
            death_reason=item.death_reason,
            death_queue=item.death_queue,
        )
        self._consumer = consumer

    async def ack(self) -> bool:
        item = self._consumer.settle(self)
        if item and not item.done.done():
            item.done.set_result(None)
        return item is not None

    async def reject(self) -> bool:
        item = self._consumer.settle(self)
        if item:
            self._consumer.queue.bury(item, "rejected")
        return item is not None

    async def requeue(self) -> bool:
        item = self._consumer.settle(self)
        if item:
            self._consumer.queue.put_back(item)
        return item is not None


class InProcessSubscription:
    """See Subscription."""

    def __init__(self, queue: "InProcessQueue", handler: Handler, prefetch: int, user: str) -> None:
        self.queue = queue
        self._handler = handler
        self._prefetch = prefetch
        self._user = user
        self._wanted = True
        self._closed = False
        self._unsettled: dict[InProcessDelivery, Item] = {}
        self._running: set[asyncio.Task[None]] = set()

    @property
    def consuming(self) -> bool:
        return self._wanted and self.queue.declared

    @property
    def has_room(self) -> bool:
        return self.consuming and len(self._unsettled) < self._prefetch

    async def pause(self) -> None:
        self._wanted = False

    async def resume(self) -> None:
        self._wanted = not self._closed
        self.queue.give_out()

    async def close(self) -> None:
        self._wanted, self._closed = False, True
        if self in self.queue.consumers:
            self.queue.consumers.remove(self)
        await cancel_all(set(self._running))
        lost, self._unsettled = self._unsettled, {}
        for item in reversed(lost.values()):
            self.queue.put_back(item)
        if self.queue.spec.exclusive and not self.queue.consumers:
            self.queue.remove()

    def take(self, item: Item) -> None:
        delivery = InProcessDelivery(item, self._user, self)
        self._unsettled[delivery] = item
        task = asyncio.create_task(run_handler(self._handler, delivery))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def settle(self, delivery: InProcessDelivery) -> Item | None:
        """The delivery's message, once. Room for the next one is made."""
        item = self._unsettled.pop(delivery, None)
        asyncio.get_running_loop().call_soon(self.queue.give_out)
        return item


@dataclass(eq=False)
class InProcessQueue:
    """`declared` is False while only a subscription has named it: messages are not routed here yet."""

    spec: Queue
    dead_letter: DeadLetter
    declared: bool = False
    ready: deque[Item] = field(default_factory=deque)
    consumers: deque[InProcessSubscription] = field(default_factory=deque)

    def put(self, item: Item) -> None:
        self.ready.append(item)
        self.give_out()

    def put_back(self, item: Item) -> None:
        """At the front, marked and counted; past the limit it is dead."""
        item.redelivered = True
        item.delivery_count += 1
        if item.delivery_count > self.spec.delivery_limit:
            self.bury(item, "delivery_limit")
        else:
            self.ready.appendleft(item)
        self.give_out()

    def bury(self, item: Item, reason: str) -> None:
        self.dead_letter(item, self.spec, reason)

    def withdraw(self, item: Item) -> None:
        """Takes back what nobody has been given yet."""
        if item in self.ready:
            self.ready.remove(item)

    def remove(self) -> None:
        """With what is in it. A later declaration begins anew."""
        self.declared = False
        self.ready.clear()

    def give_out(self) -> None:
        """Ready messages to consumers with room, in turn."""
        while self.ready and (consumer := self._next_consumer()):
            item = self.ready.popleft()
            if item.expired:
                self.bury(item, "expired")
            else:
                consumer.take(item)

    def _next_consumer(self) -> InProcessSubscription | None:
        for _ in range(len(self.consumers)):
            consumer = self.consumers[0]
            self.consumers.rotate(-1)
            if consumer.has_room:
                return consumer
        return None
