"""A worker as the process that is deployed: what a signal, a kill and a second replica make of its attempts."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from caravan_common.artifacts import ArtifactStore
from caravan_common.bus import Delivery, RabbitBus
from caravan_common.contracts import AttemptAbandoned, AttemptHeartbeat, FlowTypeAnnounced, PhaseCompleted
from caravan_common.worker import ChildPool, ChildSetup
from tests.support import Broker
from tests.support.echo_service import ECHO_SERVICE
from tests.worker_contract.bench import Bench, mark_store

WORKER_HEALTH = Path(__file__).parents[3] / "deploy/images/worker_health.py"
# What a process needs to start on a busy machine.
START_SECONDS = 120
PROGRAM = """
import sys
from caravan_common.worker import run_service
from tests.support.echo_service import ECHO_SERVICE
sys.exit(run_service(ECHO_SERVICE))
"""
pytestmark = pytest.mark.timeout(300)


class Orchestrator(Bench):
    """The test's side of the bus only; workers are processes."""

    def __init__(self, bus: RabbitBus, folder: Path, url: str) -> None:
        setup = ChildSetup((ECHO_SERVICE,), (folder / "store").as_uri(), folder / "scratch", "none")
        super().__init__(bus, ChildPool(1, setup), ECHO_SERVICE, folder)
        self.url = url
        self.workers: list[asyncio.subprocess.Process] = []

    async def start_worker(self) -> asyncio.subprocess.Process:
        """Returns when it has announced itself."""
        announced = len(self.of(FlowTypeAnnounced))
        worker = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            PROGRAM,
            env=os.environ
            | {
                "CARAVAN_AMQP_URL": self.url,
                "CARAVAN_ARTIFACTS_URL": (self.folder / "store").as_uri(),
                "CARAVAN_DATA_DIR": str(self.folder),
            },
        )
        self.workers.append(worker)
        await self.until(
            lambda: len(self.of(FlowTypeAnnounced)) > announced, "its announcement", START_SECONDS
        )
        return worker

    async def empty_queue(self) -> None:
        """What a killed worker had not acked comes back; it is not the next test's business."""
        taken = asyncio.Event()

        async def take(delivery: Delivery) -> None:
            await delivery.ack()
            taken.set()

        subscription = await self.bus.subscribe(self.queue, take, prefetch=10)
        sentinel = self.send_raw("Sentinel", b"")
        await sentinel
        await taken.wait()
        await subscription.close()


@pytest.fixture
async def orchestrator(broker: Broker, tmp_path: Path) -> AsyncIterator[Orchestrator]:
    bus = RabbitBus(broker.url)
    await bus.start()
    side = Orchestrator(bus, tmp_path, broker.url)
    await side.listen()
    yield side
    for worker in side.workers:
        if worker.returncode is None:
            worker.kill()
            await worker.wait()
    await side.empty_queue()
    await bus.stop()


async def test_sigterm_hands_attempts_back_and_leaves_nothing_behind(
    orchestrator: Orchestrator, tmp_path: Path
) -> None:
    worker = await orchestrator.start_worker()
    configuration = {"until": str(tmp_path / "never"), "pid": str(tmp_path / "pid")}
    command = orchestrator.phase("slow", configuration=configuration, lease_seconds=6)
    orchestrator.send(command)
    await orchestrator.get(AttemptHeartbeat, command)
    worker.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(worker.wait(), 15) == 0
    await orchestrator.get(AttemptAbandoned, command)
    await orchestrator.is_gone(await orchestrator.pid_in(tmp_path / "pid"), within=0.5)
    assert list((tmp_path / "caravan-scratch").iterdir()) == []


async def test_no_child_or_grandchild_outlives_a_killed_worker(
    orchestrator: Orchestrator, tmp_path: Path
) -> None:
    worker = await orchestrator.start_worker()
    command = orchestrator.phase("grandchild", configuration={"pid": str(tmp_path / "pid")})
    orchestrator.send(command)
    grandchild = await orchestrator.pid_in(tmp_path / "pid")
    worker.kill()
    await worker.wait()
    await orchestrator.is_gone(grandchild)


async def test_an_attempt_of_a_worker_killed_at_once_goes_to_another(
    orchestrator: Orchestrator, tmp_path: Path
) -> None:
    first = await orchestrator.start_worker()
    configuration = {"until": str(tmp_path / "go"), "pid": str(tmp_path / "pids")}
    command = orchestrator.phase("slow", configuration=configuration)
    orchestrator.send(command)
    await orchestrator.pid_in(tmp_path / "pids")
    first.kill()
    await first.wait()
    await orchestrator.start_worker()
    await orchestrator.until(lambda: len((tmp_path / "pids").read_text().split()) == 2, "the second run")
    (tmp_path / "go").touch()
    await orchestrator.get(PhaseCompleted, command)


async def test_a_worker_waits_for_a_broker_that_is_not_up_yet(tmp_path: Path) -> None:
    worker = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ
        | {"CARAVAN_AMQP_URL": "amqp://127.0.0.1:1/", "CARAVAN_ARTIFACTS_URL": (tmp_path / "s").as_uri()},
    )
    assert worker.stderr is not None
    while b"worker.broker_unavailable" not in (
        line := await asyncio.wait_for(worker.stderr.readline(), START_SECONDS)
    ):
        assert line, "it ended"
    worker.send_signal(signal.SIGTERM)
    await worker.communicate()
    assert worker.returncode == 0


async def test_a_worker_takes_nothing_until_its_store_is_the_one_that_an_orchestrator_has_marked(
    orchestrator: Orchestrator, tmp_path: Path
) -> None:
    """A folder that is not mounted would fail every phase for good, as fast as they come."""
    worker = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ
        | {
            "CARAVAN_AMQP_URL": orchestrator.url,
            "CARAVAN_ARTIFACTS_URL": (tmp_path / "empty").as_uri(),
            "CARAVAN_DATA_DIR": str(tmp_path),
        },
    )
    orchestrator.workers.append(worker)
    assert worker.stderr is not None
    line = b""
    while b"worker.artifact_store_awaited" not in line:
        line = await asyncio.wait_for(worker.stderr.readline(), START_SECONDS)
        assert line, "it ended"
    assert b"not mounted" in line
    assert not orchestrator.of(FlowTypeAnnounced)
    mark_store(ArtifactStore.open((tmp_path / "empty").as_uri()))
    await orchestrator.until(
        lambda: bool(orchestrator.of(FlowTypeAnnounced)), "its announcement", START_SECONDS
    )


async def test_a_wrong_setting_of_the_model_ends_the_worker_in_a_sentence() -> None:
    settings = {
        "CARAVAN_AMQP_URL": "amqp://127.0.0.1:1/",
        "CARAVAN_ARTIFACTS_URL": "file:///nowhere",
        "CARAVAN_LLM_RETRIES": "some",
    }
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, stderr=asyncio.subprocess.PIPE, env=os.environ | settings
    )
    _, said = await worker.communicate()
    assert (worker.returncode, said[:22]) == (2, b"CARAVAN_LLM_RETRIES: i")


async def test_a_worker_without_settings_says_which_it_needs() -> None:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("CARAVAN_")}
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, stderr=asyncio.subprocess.PIPE, env=bare
    )
    _, said = await worker.communicate()
    assert worker.returncode == 2
    assert b"CARAVAN_AMQP_URL" in said


async def test_a_container_learns_from_a_file_whether_the_broker_counts_the_workers_consumers(
    orchestrator: Orchestrator, tmp_path: Path
) -> None:
    async def healthy() -> bool:
        asked = await asyncio.create_subprocess_exec(
            sys.executable, WORKER_HEALTH, env=os.environ | {"CARAVAN_DATA_DIR": str(tmp_path)}
        )
        return await asked.wait() == 0

    assert not await healthy()
    worker = await orchestrator.start_worker()
    mark = tmp_path / "consuming"
    await orchestrator.until(mark.exists, "its mark", START_SECONDS)
    assert await healthy()
    # Else it might renew the mark in between.
    worker.send_signal(signal.SIGSTOP)
    old = time.time() - 60
    os.utime(mark, (old, old))
    assert not await healthy()
    worker.send_signal(signal.SIGCONT)
    worker.send_signal(signal.SIGTERM)
    await worker.wait()
    assert not mark.exists()
