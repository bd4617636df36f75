"""The orchestrator process: loops, consumers and gateway, until SIGTERM or SIGINT. Replicas share the work."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

import structlog
from sqlalchemy.exc import DBAPIError

from caravan_common.artifacts import ArtifactStore, ArtifactStoreUnavailable
from caravan_common.bus import BusUnavailable, RabbitBus
from caravan_common.event_loop import run, spare_the_collector
from caravan_common.settings import Settings, SettingsAreInvalid
from caravan_common.telemetry import setup_telemetry
from caravan_orchestrator.api.app import create_app
from caravan_orchestrator.api.auth import JwksVerifier, LocalVerifier, TokenVerifier
from caravan_orchestrator.api.jwks import ProviderKeys
from caravan_orchestrator.bootstrap import Orchestrator
from caravan_orchestrator.local_key import key_file, local_key
from caravan_orchestrator.serving import (
    HttpServer,
    PortIsTaken,
    flow_defaults,
    gateway_services,
    gateway_settings,
    listen,
)
from caravan_orchestrator.store.binding import StoreIsOfAnother, bind_store
from caravan_orchestrator.store.database import SqlDatabase, make_engine
from caravan_orchestrator.store.schema import SchemaIsOlder, require_schema

log = structlog.get_logger()

_AGAIN_SECONDS = 2.0
_NOT_YET = (
    BusUnavailable,
    ArtifactStoreUnavailable,
    SchemaIsOlder,
    DBAPIError,
    OSError,
    TimeoutError,
)


@dataclass(frozen=True)
class _Needed:
    """The settings that this process can't do without."""

    database: str
    dispatch: str
    amqp: str
    artifacts: str

    @classmethod
    def of(cls, settings: Settings) -> "_Needed":
        """Raises SettingsAreInvalid."""
        names = ("database_url", "database_dispatch_url", "amqp_url", "artifacts_url")
        missing = [f"CARAVAN_{name.upper()}" for name in names if getattr(settings, name) is None]
        if missing:
            raise SettingsAreInvalid(f"The orchestrator needs {', '.join(missing)}.")
        return cls(*(getattr(settings, name) for name in names))


def main() -> int:
    """Runs until it is told to stop; the exit code for sys.exit."""
    try:
        settings = Settings.load()
        needed = _Needed.of(settings)
        verifier = make_verifier(settings)
    except (SettingsAreInvalid, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    flush = setup_telemetry("caravan-orchestrator", settings)
    try:
        return run(_serve(settings, needed, verifier))
    except PortIsTaken as error:
        print(f"{error}; name another with CARAVAN_PORT.", file=sys.stderr)  # noqa: T201
        return 4
    except StoreIsOfAnother as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 4
    finally:
        flush()


def make_verifier(settings: Settings) -> TokenVerifier:
    """The identity provider's keys, else a key of our own in the data folder. Raises SettingsAreInvalid, OSError."""
    if settings.jwks_url is not None:
        return JwksVerifier(ProviderKeys(settings.jwks_url), settings.jwt_audience, settings.jwt_issuer)
    if settings.data_dir is None:
        raise SettingsAreInvalid(
            "The orchestrator needs CARAVAN_JWKS_URL, or CARAVAN_DATA_DIR for a key of its own."
        )
    return LocalVerifier(local_key(key_file(settings.data_dir)), settings.jwt_audience)


async def _serve(settings: Settings, needed: _Needed, verifier: TokenVerifier) -> int:
    stopped = _stop_on_signals()
    async with AsyncExitStack() as closing:
        bound = listen("0.0.0.0", settings.port)  # noqa: S104 - behind a container's or pod's own network
        closing.callback(bound.close)
        database = SqlDatabase(
            make_engine(needed.database),
            make_engine(needed.dispatch, autocommit=True),
            flow_defaults(settings),
        )
        closing.push_async_callback(database.dispose)
        bus = RabbitBus(needed.amqp)
        store = ArtifactStore.open(needed.artifacts)
        orchestrator = Orchestrator(database, bus, store, mapped=settings.announce == "mapped")
        await _until_done(partial(require_schema, database.app), stopped, "migrations")
        await _until_done(
            partial(bind_store, database.dispatch, store), stopped, "database and artifact store"
        )
        closing.push_async_callback(bus.stop)
        await _until_done(bus.start, stopped, "broker")
        closing.push_async_callback(orchestrator.stop)
        await _until_done(orchestrator.start, stopped, "database")
        services = gateway_services(orchestrator, verifier, gateway_settings(settings))
        closing.push_async_callback(services.readings.write_all)
        server = HttpServer(create_app(services), bound)
        closing.push_async_callback(server.stop)
        await server.start()
        spare_the_collector()
        await stopped.wait()
        services.stop()
        # Whoever sends requests here must notice first; until then they are answered.
        await asyncio.sleep(settings.drain_seconds)
    return 0


async def _until_done(deed: Callable[[], Awaitable[object]], stopped: asyncio.Event, what: str) -> None:
    """Broker and database may come up after us, and the migrations after them."""
    while not stopped.is_set():
        try:
            await deed()
            return
        except _NOT_YET as error:
            log.warning("orchestrator.waiting", what=what, error=str(error).partition("\n")[0])
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), _AGAIN_SECONDS)


def _stop_on_signals() -> asyncio.Event:
    stopped = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stopped.set)
    return stopped
