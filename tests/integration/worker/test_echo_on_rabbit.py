"""The worker contract on RabbitMQ."""

from collections.abc import AsyncIterator

import pytest

from tests.support import Broker
from tests.support.echo_service import ECHO_SERVICE
from tests.support.rabbit_buses import RabbitBuses
from tests.worker_contract.suite import OpenBus, WorkerContract


@pytest.fixture
async def open_bus(broker: Broker) -> AsyncIterator[OpenBus]:
    buses = RabbitBuses(broker)
    yield buses.open
    await buses.clear()


class TestEchoOnRabbit(WorkerContract):
    service = ECHO_SERVICE
