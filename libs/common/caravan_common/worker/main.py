"""The entry of a worker service: `run_service(SERVICE)` from its main.py, until SIGTERM or SIGINT."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
import tempfile
from pathlib import Path
from secrets import token_hex

import structlog

from caravan_common.artifacts import ArtifactStore, ArtifactStoreUnavailable, read_mark
from caravan_common.bus import Bus, BusError, BusUnavailable, RabbitBus
from caravan_common.crews import LlmSettings
from caravan_common.event_loop import run, spare_the_collector
from caravan_common.settings import Settings, SettingsAreInvalid
from caravan_common.telemetry import setup_telemetry
from caravan_common.worker._zygote_link import ZygoteFailed
from caravan_common.worker.children import ChildPool
from caravan_common.worker.health import HealthMark
from caravan_common.worker.runtime import WorkerRuntime
from caravan_common.worker.service import ChildSetup, Service

log = structlog.get_logger(__name__)

_CONNECT_AGAIN_SECONDS = 2.0


def run_service(service: Service) -> int:
    """Runs the service; the exit code for sys.exit."""
    try:
        settings = Settings.load()
        if settings.amqp_url is None or settings.artifacts_url is None:
            raise SettingsAreInvalid("CARAVAN_AMQP_URL and CARAVAN_ARTIFACTS_URL are needed by a worker.")
        # Read in the children only, where a wrong one would fail every phase that asks a crew.
        LlmSettings.load()
    except SettingsAreInvalid as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    flush = setup_telemetry(f"caravan-{service.definition.flow_type}", settings)
    try:
        return run(_serve(service, settings, settings.amqp_url, settings.artifacts_url))
    finally:
        flush()


def worker_name() -> str:
    """Of this replica: names its cancel queue and stands in its replies, for people."""
    return f"{socket.gethostname()}-{os.getpid()}-{token_hex(2)}"


async def _serve(service: Service, settings: Settings, amqp_url: str, artifacts_url: str) -> int:
    stopped = _stop_on_signals()
    worker = worker_name()
    scratch = (settings.data_dir or Path(tempfile.gettempdir())) / "caravan-scratch" / worker
    pool = ChildPool(settings.slots, ChildSetup((service,), artifacts_url, scratch, worker))
    bus = RabbitBus(amqp_url)
    try:
        await pool.start()
        await _connect(bus, stopped)
        await _until_marked(artifacts_url, stopped)
        if not stopped.is_set():
            await _work_until(stopped, WorkerRuntime(bus, pool, service), settings.data_dir)
    except ZygoteFailed as error:
        log.error("worker.not_started", error=str(error))  # noqa: TRY400  (its traceback is on stderr already)
        return 4
    finally:
        await bus.stop()
        await pool.close()
    log.info("worker.stopped", worker=worker)
    return 0


async def _work_until(stopped: asyncio.Event, runtime: WorkerRuntime, folder: Path | None) -> None:
    """`folder`: where a container looks whether we consume."""
    if not await _start(stopped, runtime):
        return
    log.info("worker.started", queue=runtime.queue.name)
    marking = folder and asyncio.create_task(HealthMark(folder, runtime.is_consuming).run())
    spare_the_collector()
    await stopped.wait()
    if marking:
        marking.cancel()
        await asyncio.wait({marking})
    await runtime.stop()


async def _start(stopped: asyncio.Event, runtime: WorkerRuntime) -> bool:
    """The exchanges are the orchestrator's to declare, and it may come up after us. False when told to stop."""
    while not stopped.is_set():
        try:
            await runtime.start()
        except BusError as error:
            log.warning("worker.orchestrator_awaited", error=str(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), _CONNECT_AGAIN_SECONDS)
        else:
            return True
    return False


def _stop_on_signals() -> asyncio.Event:
    stopped = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stopped.set)
    return stopped


async def _until_marked(artifacts_url: str, stopped: asyncio.Event) -> None:
    """A folder that is not mounted looks like an empty store, and would fail every phase that is given to us for good.
    The first orchestrator marks the store, and may come up after us."""
    store, said = ArtifactStore.open(artifacts_url), ""
    while not stopped.is_set():
        try:
            if await asyncio.to_thread(read_mark, store) is not None:
                return
            why = "it has no mark of Caravan's: no orchestrator has used it yet, or it is not mounted"
        except (ArtifactStoreUnavailable, OSError) as error:
            why = str(error)
        if why != said:
            log.warning("worker.artifact_store_awaited", store=artifacts_url, why=why)
            said = why
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), _CONNECT_AGAIN_SECONDS)


async def _connect(bus: Bus, stopped: asyncio.Event) -> None:
    """The broker may come up after us."""
    while not stopped.is_set():
        try:
            await bus.start()
            return
        except BusUnavailable as error:
            log.warning("worker.broker_unavailable", error=str(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), _CONNECT_AGAIN_SECONDS)
