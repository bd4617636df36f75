"""Consuming from RabbitMQ: deliveries, and subscriptions that can pause and are tended back to life."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aio_pika import Channel
from aio_pika.abc import AbstractIncomingMessage, AbstractQueue
from aio_pika.exceptions import ChannelNotFoundEntity
from aiormq.abc import AbstractChannel as AbstractUnderlay

from caravan_common.bus._handling import cancel_all, run_handler
from caravan_common.bus._port import BusError, Delivery, Handler
from caravan_common.bus._rabbit_link import RPC_TIMEOUT_SECONDS, Link, broker_call, close_channel
from caravan_common.bus.topology import Queue

log = structlog.get_logger(__name__)


class RabbitDelivery(Delivery):
    """Settles on the channel it came by, or not at all."""

    def __init__(self, incoming: AbstractIncomingMessage, queue: str, namespace: str) -> None:
        headers: dict[str, Any] = dict(incoming.headers)
        deaths = headers.get("x-death") or [{}]
        death_queue = deaths[0].get("queue")
        super().__init__(
            body=incoming.body,
            type=incoming.type or "",
            message_id=incoming.message_id or "",
            correlation_id=incoming.correlation_id or "",
            headers={key: value for key, value in headers.items() if isinstance(value, str)},
            user_id=incoming.user_id,
            redelivered=bool(incoming.redelivered),
            delivery_count=int(headers.get("x-delivery-count", 0)),
            queue=queue,
            death_reason=deaths[0].get("reason"),
            death_queue=death_queue and death_queue.removeprefix(namespace),
        )
        self._incoming = incoming
        self._settled = False

    async def ack(self) -> bool:
        return await self._settle(self._incoming.ack)

    async def reject(self) -> bool:
        return await self._settle(lambda: self._incoming.reject(requeue=False))

    async def requeue(self) -> bool:
        return await self._settle(lambda: self._incoming.reject(requeue=True))

    async def _settle(self, verdict: Callable[[], Awaitable[None]]) -> bool:
        if self._settled:
            return False
        self._settled = True
        try:
            with broker_call():
                await verdict()
        except BusError as error:
            log.info("bus.delivery_lost", queue=self.queue, message_id=self.message_id, error=str(error))
            return False
        return True


class RabbitSubscription:
    """One consumer on a channel of its own. `tend` makes what is match what is wanted."""

    def __init__(self, link: Link, queue: Queue, handler: Handler, prefetch: int, namespace: str) -> None:
        self._link = link
        self.queue = queue
        self._handler = handler
        self._prefetch = prefetch
        self._namespace = namespace
        self._wanted = True
        self._closed = False
        self.queue_missing = False
        self._channel: Channel | None = None
        self._underlay: AbstractUnderlay | None = None
        self._amqp_queue: AbstractQueue | None = None
        self._tag: str | None = None
        self._changing = asyncio.Lock()
        self._running: set[asyncio.Task[None]] = set()
        # The broker counts anew for each consumer, so after pause and resume its bound alone would not hold.
        self._slots = asyncio.Semaphore(prefetch)

    @property
    def consuming(self) -> bool:
        return self._tag is not None and self._tag in self._consumers()

    @property
    def closed(self) -> bool:
        return self._closed

    async def pause(self) -> None:
        self._wanted = False
        async with self._changing:
            tag, self._tag = self._tag, None
            if tag is None or tag not in self._consumers() or self._amqp_queue is None:
                return
            try:
                with broker_call():
                    await self._amqp_queue.cancel(tag, timeout=RPC_TIMEOUT_SECONDS)
            except BusError:
                # A consumer that can't be cancelled must not go on: its channel goes with it.
                await close_channel(self._channel)

    async def resume(self) -> None:
        if self._closed:
            return
        self._wanted = True
        await self.tend()

    async def close(self) -> None:
        self._wanted, self._closed = False, True
        await cancel_all(set(self._running))
        async with self._changing:
            await close_channel(self._channel)
            self._channel, self._tag = None, None

    async def tend(self) -> None:
        """Starts consuming if that is wanted and not so. What fails is logged and left to the next call."""
        async with self._changing:
            if not self._wanted or self.consuming:
                return
            try:
                with broker_call():
                    await self._consume()
            except ChannelNotFoundEntity:
                if not self.queue_missing:
                    log.info("bus.queue_missing", queue=self.queue.name)
                self.queue_missing = True
            except BusError as error:
                log.info("bus.consume_failed", queue=self.queue.name, error=str(error))

    async def _consume(self) -> None:
        if self._channel is None or self._channel.is_closed:
            self._channel = await self._link.open_channel(self._prefetch)
            self._underlay = await self._channel.get_underlay_channel()
            self._amqp_queue = await self._channel.get_queue(self._namespace + self.queue.name, ensure=False)
        assert self._amqp_queue is not None
        self._tag = await self._amqp_queue.consume(self._take, timeout=RPC_TIMEOUT_SECONDS)
        self.queue_missing = False

    async def _take(self, incoming: AbstractIncomingMessage) -> None:
        """In a task of aiormq's that dies with the channel; the handler's own task does not."""
        if self._closed:
            return
        task = asyncio.create_task(self._handle(RabbitDelivery(incoming, self.queue.name, self._namespace)))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _handle(self, delivery: RabbitDelivery) -> None:
        async with self._slots:
            await run_handler(self._handler, delivery)

    def _consumers(self) -> dict[str, Any]:
        """As aiormq has them: a Basic.Cancel from the broker takes one out without a word to aio-pika."""
        if self._channel is None or self._channel.is_closed:
            return {}
        consumers: dict[str, Any] = getattr(self._underlay, "consumers", {})
        return consumers
