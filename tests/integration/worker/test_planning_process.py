"""The planning worker as the process that is deployed: alone on RabbitMQ, from its start to a result."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from caravan_common.bus import RabbitBus
from caravan_common.contracts import FlowTypeAnnounced
from caravan_common.worker import ChildPool, ChildSetup
from caravan_planning.flow import PLANNING, SERVICE
from tests.support import Broker
from tests.worker_contract.bench import Bench


async def test_python_m_caravan_planning_announces_its_flow_and_ends_when_told(
    broker: Broker, tmp_path: Path
) -> None:
    bus = RabbitBus(broker.url)
    await bus.start()
    store = (tmp_path / "store").as_uri()
    bench = Bench(
        bus, ChildPool(1, ChildSetup((SERVICE,), store, tmp_path / "scratch", "none")), SERVICE, tmp_path
    )
    await bench.listen()
    settings = {
        "CARAVAN_AMQP_URL": broker.url,
        "CARAVAN_ARTIFACTS_URL": store,
        "CARAVAN_DATA_DIR": str(tmp_path),
    }
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "caravan_planning", env=os.environ | settings
    )
    try:
        await bench.until(lambda: bench.of(FlowTypeAnnounced), "its announcement", 60)
        [announced] = bench.of(FlowTypeAnnounced)
        assert announced.definition.digest() == PLANNING.digest()
        worker.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(worker.wait(), 30) == 0
    finally:
        if worker.returncode is None:
            worker.kill()
            await worker.wait()
        await bus.stop()
