"""Buses of one test on the broker of the run, under a namespace of their own that is gone afterwards.

Each quorum queue costs the broker three open files, and a Debian broker has a thousand: a whole run would not fit.
"""

from collections.abc import Sequence
from uuid import uuid4

from caravan_common.bus import ORCHESTRATOR_QUEUES, Bus, RabbitBus
from caravan_common.bus.topology import Queue
from tests.support.amqp import connect
from tests.support.broker import Broker


class RabbitBuses:
    """`open` is what the suites of transport and worker ask for; `clear` removes every queue that was declared."""

    def __init__(self, broker: Broker) -> None:
        self._url, self._namespace = broker.url, f"{broker.namespace}{uuid4().hex[:8]}."
        self._names: set[str] = set()

    async def open(self) -> Bus:
        bus = _NotingBus(self._url, self._namespace, self._names)
        await bus.start()
        return bus

    async def clear(self) -> None:
        async with await connect(self._url) as connection:
            channel = await connection.channel()
            for name in sorted(self._names):
                await channel.queue_delete(self._namespace + name)


class _NotingBus(RabbitBus):
    def __init__(self, url: str, namespace: str, names: set[str]) -> None:
        super().__init__(url, namespace=namespace)
        self._names = names

    async def declare_topology(self, queues: Sequence[Queue] = ORCHESTRATOR_QUEUES) -> None:
        self._names |= {queue.name for queue in queues}
        await super().declare_topology(queues)

    async def declare_queue(self, queue: Queue) -> None:
        self._names.add(queue.name)
        await super().declare_queue(queue)
