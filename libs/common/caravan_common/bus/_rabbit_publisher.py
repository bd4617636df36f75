"""Confirmed publishing to RabbitMQ, on a connection of its own: the broker stops reading a blocked one."""

import asyncio
from typing import cast

import aiormq
from aio_pika import Channel, DeliveryMode
from aio_pika.exceptions import ChannelNotFoundEntity, DeliveryError, PublishError
from aiormq import spec

from caravan_common.bus._port import BusError, NotConfirmed, OutgoingMessage, Unroutable
from caravan_common.bus._rabbit_link import Link, broker_call, close_channel


class Publisher:
    """`user` is written into each message; the broker refuses any other than the connection's."""

    def __init__(self, link: Link, *, user: str, namespace: str, timeout: float) -> None:
        self._link = link
        self._user = user
        self._namespace = namespace
        self._timeout = timeout
        self._channel: Channel | None = None
        self._opening = asyncio.Lock()
        self.unblocked = asyncio.Event()
        self.unblocked.set()

    async def publish(self, message: OutgoingMessage) -> None:
        """Raises Unroutable or NotConfirmed, the latter at once when there is no connection."""
        try:
            async with asyncio.timeout(self._timeout):
                with broker_call():
                    await self._send(message)
        except PublishError as error:
            raise Unroutable(
                f"{message.type}: no queue for {message.exchange} / {message.routing_key}"
            ) from error
        except DeliveryError as error:
            raise NotConfirmed(f"{message.type}: refused by the broker") from error
        except TimeoutError as error:
            raise NotConfirmed(f"{message.type}: no confirm within {self._timeout:g} s") from error
        except (BusError, ChannelNotFoundEntity) as error:
            raise NotConfirmed(f"{message.type}: {error}") from error

    async def _send(self, message: OutgoingMessage) -> None:
        # Written while blocked, it would arrive later although reported as not confirmed.
        await self.unblocked.wait()
        channel = await self._open_channel()
        # Below aio-pika's Exchange, which has each message wait for the socket before the next is written.
        await channel.basic_publish(
            message.body,
            exchange=self._namespace + message.exchange,
            routing_key=self._namespace + message.routing_key,
            properties=self._properties(message),
            mandatory=message.mandatory,
            wait=False,
        )

    def _properties(self, message: OutgoingMessage) -> spec.Basic.Properties:
        return spec.Basic.Properties(
            delivery_mode=DeliveryMode.PERSISTENT,
            content_type="application/json",
            message_type=message.type,
            message_id=message.message_id,
            correlation_id=message.correlation_id,
            headers=dict(message.headers),
            user_id=self._user,
            expiration=None if message.expiration is None else str(round(message.expiration * 1000)),
        )

    async def _open_channel(self) -> aiormq.Channel:
        if self._channel is None or self._channel.is_closed:
            async with self._opening:
                if self._channel is None or self._channel.is_closed:
                    self._channel = await self._link.open_channel()
        return cast(aiormq.Channel, await self._channel.get_underlay_channel())

    async def close(self) -> None:
        await close_channel(self._channel)
        self._channel = None
