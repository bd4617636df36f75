"""The worker contract on the in-process bus, as the embedded platform runs it."""

import pytest

from caravan_common.bus import Bus, InProcessBus
from tests.support.echo_service import ECHO_SERVICE
from tests.worker_contract.suite import OpenBus, WorkerContract


@pytest.fixture
def open_bus() -> OpenBus:
    async def open_one() -> Bus:
        bus = InProcessBus()
        await bus.start()
        return bus

    return open_one


class TestEchoInProcess(WorkerContract):
    service = ECHO_SERVICE
