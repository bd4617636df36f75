"""The in-process bus keeps the transport suite, and confirms commands only when they are acked."""

import asyncio

import pytest

from caravan_common.bus import DEAD, Bus, Delivery, InProcessBus, NotConfirmed, command_queue
from tests.integration.transport.suite import OpenBus, Recorder, TransportSuite, eventually, outgoing


@pytest.fixture
def open_bus() -> OpenBus:
    async def open_one() -> Bus:
        bus = InProcessBus()
        await bus.start()
        return bus

    return open_one


class TestInProcessTransport(TransportSuite):
    user = "caravan"

    async def test_a_command_is_confirmed_only_when_its_delivery_is_acked(self, bus: Bus) -> None:
        commands = command_queue("discovery", 1)
        await bus.declare_queue(commands)
        release = asyncio.Event()
        seen = Recorder(hold=release)
        await bus.subscribe(commands, seen, prefetch=1)
        publishing = asyncio.create_task(bus.publish(outgoing(commands.bindings[0])))
        await seen.received(1)
        assert not publishing.done()
        release.set()
        await publishing

    async def test_a_rejected_command_is_confirmed_when_its_dead_letter_is_acked(self, bus: Bus) -> None:
        commands = command_queue("discovery", 1)
        await bus.declare_queue(commands)

        async def reject(delivery: Delivery) -> None:
            await delivery.reject()

        await bus.subscribe(commands, reject, prefetch=1)
        publishing = asyncio.create_task(bus.publish(outgoing(commands.bindings[0])))
        await eventually(lambda: self._ready(bus, DEAD, 1))
        assert not publishing.done()
        await bus.subscribe(DEAD, Recorder(), prefetch=1)
        await publishing

    async def test_a_command_nobody_takes_in_time_is_withdrawn(self) -> None:
        bus = InProcessBus(publish_timeout=0.05)
        await bus.start()
        commands = command_queue("discovery", 1)
        await bus.declare_topology()
        await bus.declare_queue(commands)
        with pytest.raises(NotConfirmed):
            await bus.publish(outgoing(commands.bindings[0]))
        assert await bus.message_count(commands) == 0
        await bus.stop()
