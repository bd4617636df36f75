"""The bus inside one process, for the embedded platform: the semantics of RabbitMQ, nothing kept on disk.

A message to a queue with `confirm_on_ack` is confirmed when its delivery is acked (or, dead-lettered, when
that is), because the process takes its memory along when it dies. So publishing it lasts as long as it waits
for a consumer, and publish_many as long as the slowest: whoever publishes for others must not wait for one
call before making the next. After the publish timeout a message that nobody has been given is withdrawn.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from caravan_common.bus._inprocess_queue import InProcessQueue, InProcessSubscription, Item
from caravan_common.bus._port import (
    PUBLISH_TIMEOUT_SECONDS,
    Handler,
    NotConfirmed,
    OutgoingMessage,
    Subscription,
    Unroutable,
)
from caravan_common.bus.topology import (
    DEAD,
    EXCHANGES,
    ORCHESTRATOR_QUEUES,
    Exchange,
    ExchangeKind,
    Queue,
    Route,
)


class InProcessBus:
    """See Bus. All in one event loop; `user` is what every delivery names as its publisher."""

    def __init__(self, *, user: str = "caravan", publish_timeout: float = PUBLISH_TIMEOUT_SECONDS) -> None:
        self._user = user
        self._publish_timeout = publish_timeout
        self._running = False
        self._exchanges: dict[str, Exchange] = {}
        self._bindings: dict[str, dict[tuple[str, str], InProcessQueue]] = {}
        self._queues: dict[str, InProcessQueue] = {}

    @property
    def user(self) -> str:
        return self._user

    @property
    def connected(self) -> bool:
        return self._running

    @property
    def blocked(self) -> bool:
        return False

    def blocked_seconds(self) -> float:
        return 0.0

    async def start(self) -> None:
        self._running = True

    async def stop(self) -> None:
        self._running = False
        for queue in self._queues.values():
            for consumer in tuple(queue.consumers):
                await consumer.close()

    def on_reconnect(self, callback: Callable[[], Awaitable[None]]) -> None:
        """There is no connection to lose: `callback` is never called."""

    async def publish(self, message: OutgoingMessage) -> None:
        if not self._running:
            raise NotConfirmed(f"{message.type}: the bus is stopped")
        queues = self._route(message.exchange, message.routing_key)
        if not queues and message.mandatory:
            raise Unroutable(f"{message.type}: no queue for {message.exchange} / {message.routing_key}")
        await self._confirm(message, [(queue, self._enqueue(message, queue)) for queue in queues])

    async def publish_many(self, messages: Sequence[OutgoingMessage]) -> list[Exception | None]:
        outcomes = await asyncio.gather(*map(self.publish, messages), return_exceptions=True)
        return [outcome if isinstance(outcome, Exception) else None for outcome in outcomes]

    async def declare_topology(self, queues: Sequence[Queue] = ORCHESTRATOR_QUEUES) -> None:
        self._exchanges |= {exchange.name: exchange for exchange in EXCHANGES}
        for queue in queues:
            await self.declare_queue(queue)

    async def declare_queue(self, queue: Queue) -> None:
        mine = self._queue(queue)
        mine.spec, mine.declared = queue, True
        for route in queue.bindings:
            self._bind(route, mine)
        if dead_route := queue.dead_letter_route:
            self._bind(dead_route, self._queue(DEAD))
        mine.give_out()

    async def subscribe(self, queue: Queue, handler: Handler, *, prefetch: int) -> Subscription:
        mine = self._queue(queue)
        subscription = InProcessSubscription(mine, handler, prefetch, self._user)
        mine.consumers.append(subscription)
        mine.give_out()
        return subscription

    async def consumer_count(self, queue: Queue) -> int:
        return sum(consumer.consuming for consumer in self._queue(queue).consumers)

    async def message_count(self, queue: Queue) -> int:
        return len(self._queue(queue).ready)

    async def _confirm(self, message: OutgoingMessage, sent: list[tuple[InProcessQueue, Item]]) -> None:
        held = [(queue, item) for queue, item in sent if queue.spec.confirm_on_ack]
        if not held:
            return
        _, pending = await asyncio.wait([item.done for _, item in held], timeout=self._publish_timeout)
        if pending:
            for queue, item in held:
                queue.withdraw(item)
            raise NotConfirmed(f"{message.type}: no confirm within {self._publish_timeout:g} s")

    def _enqueue(self, message: OutgoingMessage, queue: InProcessQueue) -> Item:
        expires_at = None if message.expiration is None else time.monotonic() + message.expiration
        item = Item(message, asyncio.get_running_loop().create_future(), expires_at)
        queue.put(item)
        return item

    def _dead_letter(self, item: Item, queue: Queue, reason: str) -> None:
        route = queue.dead_letter_route
        graves = self._route(*route) if route else []
        item.death_reason, item.death_queue, item.expires_at = reason, queue.name, None
        item.delivery_count, item.redelivered = 0, False
        for grave in graves:
            grave.put(item)
        if not graves and not item.done.done():
            item.done.set_result(None)

    def _queue(self, spec: Queue) -> InProcessQueue:
        if spec.name not in self._queues:
            self._queues[spec.name] = InProcessQueue(spec, self._dead_letter)
        return self._queues[spec.name]

    def _bind(self, route: Route, queue: InProcessQueue) -> None:
        self._bindings.setdefault(route.exchange, {})[route.routing_key, queue.spec.name] = queue

    def _route(self, exchange_name: str, routing_key: str) -> list[InProcessQueue]:
        exchange = self._exchanges.get(exchange_name)
        if exchange is None:
            raise NotConfirmed(f"There is no exchange {exchange_name}.")
        bound = self._bindings.get(exchange_name, {})
        matching = {
            name: queue
            for (pattern, name), queue in bound.items()
            if queue.declared and matches(exchange.kind, pattern, routing_key)
        }
        return list(matching.values())


def matches(kind: ExchangeKind, pattern: str, key: str) -> bool:
    if kind is ExchangeKind.FANOUT:
        return True
    if kind is ExchangeKind.DIRECT:
        return pattern == key
    return _matches_words(pattern.split("."), key.split("."))


def _matches_words(pattern: list[str], words: list[str]) -> bool:
    """`*` is one word, `#` any number of them, none included."""
    if not pattern:
        return not words
    if pattern[0] == "#":
        return any(_matches_words(pattern[1:], words[skipped:]) for skipped in range(len(words) + 1))
    return bool(words) and pattern[0] in ("*", words[0]) and _matches_words(pattern[1:], words[1:])
