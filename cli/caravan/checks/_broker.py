"""Whether the broker lets us in, which version it is, and who consumes what."""

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from caravan.checks._check import BROKEN, FINE, LOOK, Check
from caravan.installed import installed_services

if TYPE_CHECKING:
    from caravan_common.bus import RabbitBus

_OLDEST = (3, 10)


async def look_at_broker(url: str, workers: Mapping[str, int]) -> AsyncIterator[Check]:
    """`workers` that have announced themselves lately, by flow type."""
    from caravan_common.bus import BusError, RabbitBus

    bus = RabbitBus(url)
    try:
        await bus.start()
        yield _server(bus, url)
        async for each in _queues(bus, workers):
            yield each
    except BusError as error:
        todo = "Start RabbitMQ, or mend CARAVAN_AMQP_URL: address, user, password, virtual host, certificate."
        yield Check(BROKEN, "broker", str(error), todo)
    finally:
        await bus.stop()


def _server(bus: "RabbitBus", url: str) -> Check:
    version = bus.server_version or "of unknown version"
    words = f"RabbitMQ {version}, {'TLS' if urlsplit(url).scheme == 'amqps' else 'no TLS'}"
    if bus.blocked:
        todo = (
            "Its memory or disk is short: free some; don't restart workers (docs/operating.md, The broker)."
        )
        return Check(BROKEN, "broker", f"{words}, alarmed: it takes no messages", todo)
    parts = version.split(".")
    if len(parts) > 1 and all(part.isdigit() for part in parts[:2]) and tuple(map(int, parts[:2])) < _OLDEST:
        return Check(LOOK, "broker", words, "Caravan is for RabbitMQ 3.10 to 4.3: upgrade it.")
    return Check(FINE, "broker", words)


async def _queues(bus: "RabbitBus", workers: Mapping[str, int]) -> AsyncIterator[Check]:
    from caravan_common.bus import DEAD, HEARTBEATS, REPLIES, command_queue

    services = {
        command_queue(s.definition.flow_type, s.definition.major): s.definition.flow_type
        for s in installed_services()
    }
    for queue in (REPLIES, HEARTBEATS, DEAD, *services):
        consumers, ready = await bus.consumer_count(queue), await bus.message_count(queue)
        words = f"{consumers} consumers, {ready} messages ready"
        if consumers:
            yield Check(FINE, f"queue {queue.name}", words)
        elif taken := workers.get(services.get(queue, ""), 0):
            words += f": every slot of {taken} workers is taken"
            yield Check(FINE, f"queue {queue.name}", words)
        else:
            who = "a worker of that flow type" if queue in services else "an orchestrator"
            yield Check(
                BROKEN, f"queue {queue.name}", words, f"Start {who}, or look why it does not consume."
            )
