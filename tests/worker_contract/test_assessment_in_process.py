"""The worker contract for the assessment service, on the in-process bus."""

import pytest

from caravan_assessment.flow import SERVICE
from caravan_common.bus import Bus, InProcessBus
from tests.worker_contract.suite import OpenBus, WorkerContract


@pytest.fixture
def open_bus() -> OpenBus:
    async def open_one() -> Bus:
        bus = InProcessBus()
        await bus.start()
        return bus

    return open_one


class TestAssessmentInProcess(WorkerContract):
    service = SERVICE
