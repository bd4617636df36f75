"""The worker contract for the planning service, on the in-process bus."""

import pytest

from caravan_common.bus import Bus, InProcessBus
from caravan_planning.flow import SERVICE
from tests.worker_contract.suite import OpenBus, WorkerContract


@pytest.fixture
def open_bus() -> OpenBus:
    async def open_one() -> Bus:
        bus = InProcessBus()
        await bus.start()
        return bus

    return open_one


class TestPlanningInProcess(WorkerContract):
    service = SERVICE
