"""One connection to RabbitMQ, made and made again by FastStream's broker, with plain aio-pika channels on it.

Why the channels are not FastStream's: docs/decisions/ADR-002-bus.md.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from aio_pika import Channel
from aio_pika.abc import TimeoutType, UnderlayConnection
from aio_pika.exceptions import AMQPChannelError, AMQPError, ChannelNotFoundEntity, DeliveryError
from aio_pika.robust_connection import RobustConnection
from faststream.rabbit import RabbitBroker
from yarl import URL

from caravan_common.bus._port import BusError, BusUnavailable

RECONNECT_SECONDS = 0.5
RPC_TIMEOUT_SECONDS = 5.0
CONNECT_TIMEOUT_SECONDS = 10.0
HEARTBEAT_SECONDS = 15

_LINK_ERRORS = (AMQPError, OSError, RuntimeError, TimeoutError)


@contextmanager
def broker_call() -> Iterator[None]:
    """Turns what aio-pika may raise into BusError (refused) or BusUnavailable (gone, silent).

    Let through: DeliveryError of a publish, ChannelNotFoundEntity.
    """
    try:
        yield
    except (BusError, DeliveryError, ChannelNotFoundEntity):
        raise
    except AMQPChannelError as error:
        raise BusError(f"The message broker refused: {error}") from error
    except asyncio.CancelledError as error:
        # aiormq cancels what waits on a lost connection; only our own canceller may end this task.
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise BusUnavailable("The connection to the message broker was lost.") from error
    except Exception as error:
        # aiormq fails what waits with a bare Exception when it knows no reason.
        if isinstance(error, _LINK_ERRORS) or type(error) is Exception:
            raise BusUnavailable(f"The message broker does not answer: {error}") from error
        raise


class _Connection(RobustConnection):
    """Closed when its first attempt fails: aio-pika leaves that to a finalizer, which finds no running loop."""

    async def connect(self, timeout: TimeoutType = None) -> None:
        try:
            await super().connect(timeout)
        except BaseException:
            await self.close()
            raise


class Link:
    """Reconnects for ever once opened. `on_change` is called at each loss and return."""

    def __init__(self, url: str, name: str, on_change: Callable[[], None]) -> None:
        target = URL(url)
        if "heartbeat" not in target.query:
            target = target.update_query(heartbeat=HEARTBEAT_SECONDS)
        self._broker = RabbitBroker(
            target.update_query(name=name),
            reconnect_interval=RECONNECT_SECONDS,
            timeout=CONNECT_TIMEOUT_SECONDS,
            logger=None,
            on_close=[lambda *_: on_change()],
            on_reconnected=[lambda *_: on_change()],
        )
        # FastStream has no option for the class, but hands these on to aio-pika as they are.
        self._broker._connection_kwargs["connection_class"] = _Connection  # noqa: SLF001
        self._connection: RobustConnection | None = None

    async def open(self) -> None:
        """Raises BusUnavailable when the broker can't be reached or refuses the user."""
        try:
            self._connection = await self._broker.connect()
        except _LINK_ERRORS as error:
            raise BusUnavailable(f"The message broker can't be reached: {error}") from error

    async def close(self) -> None:
        with suppress(BusError), broker_call():
            await self._broker.stop()
        self._connection = None

    @property
    def transport(self) -> UnderlayConnection | None:
        """The present connection, another object after each re-connection; None while there is none."""
        connection = self._connection
        if connection is None or not connection.connected.is_set():
            return None
        transport = connection.transport
        if transport is None or transport.connection.is_closed:
            return None
        return transport

    @property
    def blocked(self) -> bool:
        """aiormq tells of connection.blocked only through `ready()`, which waits until it is over."""
        transport = self.transport
        if transport is None:
            return False
        waiting: Any = transport.connection.ready()
        try:
            waiting.send(None)
        except StopIteration:
            return False
        waiting.close()
        return True

    async def open_channel(self, prefetch: int | None = None) -> Channel:
        """Confirms publishes, raises on returned ones. Raises BusUnavailable."""
        if self._connection is None or self.transport is None:
            raise BusUnavailable("There is no connection to the message broker now.")
        channel = Channel(self._connection, publisher_confirms=True, on_return_raises=True)
        with broker_call():
            async with asyncio.timeout(RPC_TIMEOUT_SECONDS):
                await channel.initialize()
                if prefetch is not None:
                    await channel.set_qos(prefetch_count=prefetch)
        return channel


async def close_channel(channel: Channel | None) -> None:
    """Also when it is closed already, or its connection is gone."""
    if channel is None or channel.is_closed:
        return
    with suppress(BusError), broker_call():
        async with asyncio.timeout(RPC_TIMEOUT_SECONDS):
            await channel.close()
