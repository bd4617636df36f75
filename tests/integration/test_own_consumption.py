"""A replica is healthy by its own consumer: another's of the same queue is no proof, though the broker counts it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from caravan_common.artifacts import ArtifactStore
from caravan_common.bus import REPLIES, RabbitBus
from caravan_common.contracts import AttemptHeartbeat
from caravan_common.worker import ChildPool, ChildSetup, WorkerRuntime
from caravan_orchestrator.bootstrap import Orchestrator
from caravan_orchestrator.serving import check_health
from tests.support import Database, PrivateBroker
from tests.support.echo_service import ECHO_SERVICE
from tests.support.inprocess_platform import migrated
from tests.worker_contract.bench import Bench

EVERYTHING = (".*", ".*", ".*")
# Exchanges and copies of CancelAttempt: a consumer of another queue is refused, while declaring and publishing go on.
NO_SHARED_QUEUE = (".*", ".*", r"^caravan\.(\w+|.+\.cancels\..+)$")


@pytest.fixture(scope="module")
def node() -> Iterator[PrivateBroker]:
    with PrivateBroker() as node:
        yield node


@pytest.fixture
async def muted(node: PrivateBroker) -> AsyncIterator[RabbitBus]:
    """A bus whose broker user may lose the right to consume, see `allow`."""
    await asyncio.to_thread(node.rabbitmqctl, "add_user", "muted", "secret")
    await asyncio.to_thread(node.rabbitmqctl, "set_permissions", "muted", *EVERYTHING)
    bus = RabbitBus(urlsplit(node.url)._replace(netloc=f"muted:secret@127.0.0.1:{node.port}").geturl())
    await bus.start()
    yield bus
    await bus.stop()
    await asyncio.to_thread(node.rabbitmqctl, "delete_user", "muted")


@pytest.fixture
async def hearing(node: PrivateBroker) -> AsyncIterator[RabbitBus]:
    bus = RabbitBus(node.url)
    await bus.start()
    yield bus
    await bus.stop()


async def allow(node: PrivateBroker, rights: tuple[str, str, str], *buses: RabbitBus) -> None:
    """Consumers go with their connections, which are closed; once all are back, each has those it may have."""
    back = [asyncio.Event() for _ in buses]
    for bus, event in zip(buses, back, strict=True):
        bus.on_reconnect(partial(_note, event))
    await asyncio.to_thread(node.rabbitmqctl, "set_permissions", "muted", *rights)
    await asyncio.to_thread(node.rabbitmqctl, "close_all_connections", "test")
    async with asyncio.timeout(15):
        await asyncio.gather(*(event.wait() for event in back))


async def _note(event: asyncio.Event) -> None:
    event.set()


@asynccontextmanager
async def opened_pool(folder: Path, worker: str) -> AsyncIterator[ChildPool]:
    setup = ChildSetup((ECHO_SERVICE,), (folder / "store").as_uri(), folder / worker, worker)
    pool = ChildPool(1, setup)
    await pool.start()
    yield pool
    await pool.close()


@pytest.fixture
async def pool(tmp_path: Path) -> AsyncIterator[ChildPool]:
    async with opened_pool(tmp_path, "w1") as pool:
        yield pool


@pytest.fixture
async def other_pool(tmp_path: Path) -> AsyncIterator[ChildPool]:
    async with opened_pool(tmp_path, "w2") as pool:
        yield pool


async def test_a_worker_that_lost_its_consumer_is_unhealthy_though_another_consumes_the_queue(
    node: PrivateBroker,
    muted: RabbitBus,
    hearing: RabbitBus,
    pool: ChildPool,
    other_pool: ChildPool,
    tmp_path: Path,
) -> None:
    bench = Bench(hearing, pool, ECHO_SERVICE, tmp_path, slots=2)
    await bench.open()
    other = WorkerRuntime(muted, other_pool, ECHO_SERVICE, slots=2)
    await other.start()
    assert await bench.runtime.is_consuming()
    assert await other.is_consuming()
    await allow(node, NO_SHARED_QUEUE, muted, hearing)
    assert await muted.consumer_count(bench.queue) == 2
    assert (await bench.runtime.is_consuming(), await other.is_consuming()) == (True, False)
    await allow(node, EVERYTHING, muted, hearing)
    assert await other.is_consuming()
    await other.stop()
    await bench.runtime.stop()


async def test_a_worker_with_work_in_hand_stays_healthy_while_the_broker_is_away(
    node: PrivateBroker, hearing: RabbitBus, pool: ChildPool, tmp_path: Path
) -> None:
    """Whoever ends it for that gives up what it has finished."""
    bench = Bench(hearing, pool, ECHO_SERVICE, tmp_path, slots=2)
    await bench.open()
    command = bench.phase("slow", configuration={"until": str(tmp_path / "go"), "pid": str(tmp_path / "pid")})
    bench.send(command)
    await bench.get(AttemptHeartbeat, command)
    await asyncio.to_thread(node.stop)
    try:
        await bench.until(lambda: not hearing.connected, "the loss")
        assert await bench.runtime.is_consuming()
    finally:
        await asyncio.to_thread(node.start)
    (tmp_path / "go").touch()
    await bench.until(lambda: bench.runtime.running == 0, "the end of the run")
    await bench.runtime.stop()


async def test_an_orchestrator_that_lost_its_consumer_is_not_ready_though_another_takes_replies(
    node: PrivateBroker, muted: RabbitBus, hearing: RabbitBus, database_urls: Database, tmp_path: Path
) -> None:
    database = await migrated(database_urls)
    store = ArtifactStore.open((tmp_path / "store").as_uri())
    replicas = [Orchestrator(database, bus, store, mapped=False) for bus in (muted, hearing)]
    for each in replicas:
        await each.start()
        assert (await check_health(each))["ready"]
    await allow(node, NO_SHARED_QUEUE, muted, hearing)
    assert await muted.consumer_count(REPLIES) == 1
    deaf, well = [await check_health(each) for each in replicas]
    assert deaf == {"ready": False, "checks": {"database": "ok", "replies": "no consumer of its own"}}
    assert well["ready"]
    await allow(node, EVERYTHING, muted, hearing)
    assert (await check_health(replicas[0]))["ready"]
    for each in replicas:
        await each.stop()
    await database.dispose()
