"""RabbitMQ keeps the transport suite."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.transport.suite import OpenBus, TransportSuite
from tests.support import Broker
from tests.support.rabbit_buses import RabbitBuses


@pytest.fixture
async def open_bus(broker: Broker) -> AsyncIterator[OpenBus]:
    buses = RabbitBuses(broker)
    yield buses.open
    await buses.clear()


class TestRabbitTransport(TransportSuite):
    """In a virtual host of the run, each test under a namespace of its own."""
