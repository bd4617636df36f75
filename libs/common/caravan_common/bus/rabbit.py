"""The bus over RabbitMQ. Two connections, and one task that keeps queues and consumers as they are wanted."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

import structlog
from aio_pika import Channel
from aio_pika.exceptions import ChannelNotFoundEntity
from yarl import URL

from caravan_common.bus._port import (
    PUBLISH_TIMEOUT_SECONDS,
    BusError,
    BusUnavailable,
    Handler,
    OutgoingMessage,
    Subscription,
)
from caravan_common.bus._rabbit_consumer import RabbitSubscription
from caravan_common.bus._rabbit_link import RPC_TIMEOUT_SECONDS, Link, broker_call, close_channel
from caravan_common.bus._rabbit_publisher import Publisher
from caravan_common.bus._stopwatch import Stopwatch
from caravan_common.bus.topology import DEAD, EXCHANGES, ORCHESTRATOR_QUEUES, Exchange, Queue

TEND_SECONDS = 0.5
WATCH_SECONDS = 0.1

log = structlog.get_logger(__name__)


class RabbitBus:
    """See Bus. `namespace` goes before every name on the broker, for tests that share a virtual host."""

    def __init__(
        self,
        url: str,
        *,
        name: str = "caravan",
        namespace: str = "",
        publish_timeout: float = PUBLISH_TIMEOUT_SECONDS,
    ) -> None:
        self._namespace = namespace
        self._wake = asyncio.Event()
        self._consuming = Link(url, f"{name} consuming", self._wake.set)
        self._publishing = Link(url, f"{name} publishing", self._wake.set)
        self.user = URL(url).user or "guest"
        self._publisher = Publisher(
            self._publishing, user=self.user, namespace=namespace, timeout=publish_timeout
        )
        self._exchanges: dict[str, Exchange] = {}
        self._queues: dict[str, Queue] = {}
        self._subscriptions: list[RabbitSubscription] = []
        self._callbacks: list[Callable[[], Awaitable[None]]] = []
        self._blocked = Stopwatch()
        self._seen: tuple[object, object] = (None, None)
        self._stopping = False
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def connected(self) -> bool:
        return self._consuming.transport is not None and self._publishing.transport is not None

    @property
    def blocked(self) -> bool:
        return self._publishing.blocked

    def blocked_seconds(self) -> float:
        return self._blocked.seconds

    @property
    def server_version(self) -> str | None:
        """What the broker said of itself when it let us in."""
        transport = self._consuming.transport
        properties: Any = getattr(getattr(transport, "connection", None), "server_properties", None) or {}
        return None if properties.get("version") is None else str(properties["version"])

    async def start(self) -> None:
        await self._consuming.open()
        try:
            await self._publishing.open()
        except BusUnavailable:
            await self._consuming.close()
            raise
        self._seen = (self._consuming.transport, self._publishing.transport)
        self._tasks = [asyncio.create_task(self._keep()), asyncio.create_task(self._watch_blocking())]

    async def stop(self) -> None:
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for subscription in self._subscriptions:
            await subscription.close()
        await self._publisher.close()
        await self._publishing.close()
        await self._consuming.close()

    def on_reconnect(self, callback: Callable[[], Awaitable[None]]) -> None:
        self._callbacks.append(callback)

    async def publish(self, message: OutgoingMessage) -> None:
        await self._publisher.publish(message)

    async def publish_many(self, messages: Sequence[OutgoingMessage]) -> list[Exception | None]:
        outcomes = await asyncio.gather(*map(self._publisher.publish, messages), return_exceptions=True)
        return [outcome if isinstance(outcome, Exception) else None for outcome in outcomes]

    async def declare_topology(self, queues: Sequence[Queue] = ORCHESTRATOR_QUEUES) -> None:
        await self._declare(EXCHANGES, queues)
        self._exchanges |= {exchange.name: exchange for exchange in EXCHANGES}
        self._queues |= {queue.name: queue for queue in queues}

    async def declare_queue(self, queue: Queue) -> None:
        await self._declare((), (queue,))
        self._queues[queue.name] = queue
        self._wake.set()

    async def subscribe(self, queue: Queue, handler: Handler, *, prefetch: int) -> Subscription:
        subscription = RabbitSubscription(self._consuming, queue, handler, prefetch, self._namespace)
        self._subscriptions.append(subscription)
        await subscription.tend()
        return subscription

    async def consumer_count(self, queue: Queue) -> int:
        return (await self._counts(queue))[1]

    async def message_count(self, queue: Queue) -> int:
        return (await self._counts(queue))[0]

    async def _counts(self, queue: Queue) -> tuple[int, int]:
        channel: Channel | None = None
        try:
            channel = await self._consuming.open_channel()
            name = self._namespace + queue.name
            with broker_call():
                declared = await channel.declare_queue(name, passive=True, timeout=RPC_TIMEOUT_SECONDS)
        except ChannelNotFoundEntity:
            return 0, 0
        finally:
            await close_channel(channel)
        result = declared.declaration_result
        return result.message_count or 0, result.consumer_count or 0

    async def _declare(self, exchanges: Sequence[Exchange], queues: Sequence[Queue]) -> None:
        channel = await self._consuming.open_channel()
        try:
            with broker_call():
                for exchange in exchanges:
                    await channel.declare_exchange(
                        self._namespace + exchange.name,
                        exchange.kind.value,
                        durable=True,
                        timeout=RPC_TIMEOUT_SECONDS,
                    )
                for queue in queues:
                    await self._declare_one(channel, queue)
        except ChannelNotFoundEntity as error:
            raise BusError(f"The message broker refused: {error}") from error
        finally:
            await close_channel(channel)

    async def _declare_one(self, channel: Channel, queue: Queue) -> None:
        declared = await channel.declare_queue(
            self._namespace + queue.name,
            durable=not queue.exclusive,
            exclusive=queue.exclusive,
            auto_delete=queue.exclusive,
            arguments=dict(queue.arguments(self._namespace)),
            timeout=RPC_TIMEOUT_SECONDS,
        )
        for route in queue.bindings:
            await declared.bind(
                self._namespace + route.exchange,
                self._namespace + route.routing_key,
                timeout=RPC_TIMEOUT_SECONDS,
            )
        if dead_route := queue.dead_letter_route:
            dead = await channel.get_queue(self._namespace + DEAD.name, ensure=False)
            await dead.bind(
                self._namespace + dead_route.exchange,
                self._namespace + dead_route.routing_key,
                timeout=RPC_TIMEOUT_SECONDS,
            )

    async def _keep(self) -> None:
        """Brings back whatever is missing, at every loss and return of a connection and twice a second."""
        # aiormq now and then swallows a cancellation when its connection breaks at that moment.
        while not self._stopping:
            with suppress(TimeoutError):
                async with asyncio.timeout(TEND_SECONDS):
                    await self._wake.wait()
            self._wake.clear()
            self._subscriptions = [each for each in self._subscriptions if not each.closed]
            try:
                with broker_call():
                    await self._tend()
            except Exception:
                # Whatever it was, without this task no consumer would ever come back.
                log.exception("bus.tending_failed")

    async def _tend(self) -> None:
        now = (self._consuming.transport, self._publishing.transport)
        if None in now:
            return
        restored = now[0] is self._seen[0] or await self._declare_again(tuple(self._queues.values()))
        for subscription in self._subscriptions:
            if subscription.queue_missing and subscription.queue.name in self._queues:
                await self._declare_again((self._queues[subscription.queue.name],))
            await subscription.tend()
        if restored and now != self._seen:
            self._seen = now
            await self._tell_reconnected()

    async def _declare_again(self, queues: Sequence[Queue]) -> bool:
        """False while it can't be: the connection we lost may hold an exclusive queue for a while."""
        try:
            await self._declare(tuple(self._exchanges.values()), queues)
        except BusError as error:
            log.warning("bus.declare_failed", error=str(error))
            return False
        return True

    async def _tell_reconnected(self) -> None:
        log.info("bus.reconnected")
        for callback in self._callbacks:
            try:
                await callback()
            except Exception:
                log.exception("bus.reconnect_callback_failed")

    async def _watch_blocking(self) -> None:
        while True:
            blocked = self._publishing.blocked
            self._blocked.run(blocked, time.monotonic())
            if blocked:
                self._publisher.unblocked.clear()
            else:
                self._publisher.unblocked.set()
            await asyncio.sleep(WATCH_SECONDS)
