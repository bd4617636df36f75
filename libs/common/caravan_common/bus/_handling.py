"""How a handler is run, alike in both transports."""

import asyncio

import structlog

from caravan_common.bus._port import Delivery, Handler

log = structlog.get_logger(__name__)


async def run_handler(handler: Handler, delivery: Delivery) -> None:
    """Rejects the delivery when the handler fails; leaves it alone when the handler is cancelled."""
    try:
        await handler(delivery)
    except Exception:
        log.exception(
            "bus.handler_failed",
            queue=delivery.queue,
            type=delivery.type,
            message_id=delivery.message_id,
            correlation_id=delivery.correlation_id,
        )
        await delivery.reject()


async def cancel_all(tasks: set[asyncio.Task[None]]) -> None:
    """Cancels and waits until they have ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
