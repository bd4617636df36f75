"""Sends replies and heartbeats. A final reply is kept and sent again until the broker confirms it."""

import asyncio
from uuid import UUID

import structlog

from caravan_common.bus import HEARTBEAT_ROUTE, REPLY_ROUTE, Bus, BusError, OutgoingMessage, Route
from caravan_common.contracts import Message, encode
from caravan_common.worker._frames import Result

log = structlog.get_logger(__name__)

_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 2.0


class Replies:
    """Publishes to the orchestrator's queues."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def send(self, message: OutgoingMessage) -> None:
        """Returns when it is confirmed, however long that takes; a second copy has no effect (message_id)."""
        pause = _FIRST_PAUSE_SECONDS
        while not await self.try_send(message):
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    async def try_send(self, message: OutgoingMessage, timeout: float | None = None) -> bool:
        """Whether it was confirmed within `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                await self._bus.publish(message)
        except (BusError, TimeoutError) as error:
            log.info("worker.reply_unconfirmed", type=message.type, error=type(error).__name__)
            return False
        return True


def reply_message(reply: Message, flow_id: UUID | None, traceparent: str | None) -> OutgoingMessage:
    return _message(REPLY_ROUTE, _worded(reply), flow_id, traceparent)


def heartbeat_message(beat: Message, flow_id: UUID, traceparent: str | None) -> OutgoingMessage:
    return _message(HEARTBEAT_ROUTE, _worded(beat), flow_id, traceparent)


def result_message(result: Result, flow_id: UUID, traceparent: str | None) -> OutgoingMessage:
    """What a child has worded already."""
    return _message(REPLY_ROUTE, result, flow_id, traceparent)


def _worded(message: Message) -> Result:
    return Result(type(message).__name__, encode(message), str(message.message_id))


def _message(route: Route, result: Result, flow_id: UUID | None, traceparent: str | None) -> OutgoingMessage:
    return OutgoingMessage(
        exchange=route.exchange,
        routing_key=route.routing_key,
        body=result.body,
        type=result.type,
        message_id=result.message_id,
        correlation_id=str(flow_id or ""),
        headers={"traceparent": traceparent} if traceparent else {},
    )
