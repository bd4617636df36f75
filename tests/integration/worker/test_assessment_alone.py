"""The assessment service started as it is deployed, on RabbitMQ and with nothing of the orchestrator."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from caravan_assessment.flow import SERVICE
from caravan_common.bus import RabbitBus
from caravan_common.contracts import FlowTypeAnnounced
from caravan_common.worker import ChildPool, ChildSetup
from tests.support import Broker
from tests.worker_contract.bench import Bench


@pytest.fixture
async def side(broker: Broker, tmp_path: Path) -> AsyncIterator[Bench]:
    bus = RabbitBus(broker.url)
    await bus.start()
    pool = ChildPool(1, ChildSetup((SERVICE,), (tmp_path / "store").as_uri(), tmp_path / "scratch", "none"))
    bench = Bench(bus, pool, SERVICE, tmp_path)
    await bench.listen()
    yield bench
    await bus.stop()


async def test_the_service_starts_by_itself_and_announces_its_flow(
    side: Bench, broker: Broker, tmp_path: Path
) -> None:
    environment = os.environ | {
        "CARAVAN_AMQP_URL": broker.url,
        "CARAVAN_ARTIFACTS_URL": (tmp_path / "store").as_uri(),
        "CARAVAN_DATA_DIR": str(tmp_path),
    }
    worker = await asyncio.create_subprocess_exec(sys.executable, "-m", "caravan_assessment", env=environment)
    try:
        await side.until(lambda: bool(side.of(FlowTypeAnnounced)), "its announcement", 60)
    finally:
        worker.terminate()
        code = await worker.wait()
    announced = side.of(FlowTypeAnnounced)[0]
    assert announced.definition == SERVICE.definition
    assert code == 0
