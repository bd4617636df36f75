"""A chain with RabbitMQ between orchestrator and workers, and a worker that dies while it hands over."""

from pathlib import Path

from tests.support import Broker
from tests.support.chain_services import CHAIN
from tests.support.inprocess_platform import inprocess_platform
from tests.support.postgres import Database
from tests.support.rabbit_buses import RabbitBuses
from tests.support.waiting import eventually

GROWN = "select flow_type, status from migration_flows where estate_id = $1 order by id"


async def test_a_chain_goes_on_over_rabbitmq_though_a_worker_dies_while_it_hands_over(
    database_urls: Database, broker: Broker, tmp_path: Path
) -> None:
    buses = RabbitBuses(broker)
    bus = await buses.open()
    async with inprocess_platform(database_urls, tmp_path, *CHAIN, bus=bus) as platform:
        died = tmp_path / "died"
        root = await platform.create("harvest", configuration={"through": "shipping", "die": [str(died)]})

        async def all_have_ended() -> bool:
            rows = [tuple(row) for row in await platform.query(GROWN, root)]
            return rows == [(each.definition.flow_type, "completed") for each in CHAIN]

        await eventually(all_have_ended, timeout=90, what="three flows have completed, each once")
        assert died.exists()
    await buses.clear()
