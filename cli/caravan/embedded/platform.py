"""Starts and stops the embedded platform: as much as possible at once, and in case of failure all of it backwards."""

import asyncio
import contextlib
import os
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from caravan.embedded.folder import DataFolder, default_folder
from caravan.embedded.kept_tables import kept_tables
from caravan.embedded.postgres import OWNER, EmbeddedPostgres
from caravan.failures import CommandFailed, PlatformFault, PlatformUnavailable
from caravan.installed import installed_services
from caravan.tenants import DEMO, NamedTenant, create_tenant, make_token, remembered_tenants
from caravan_common.artifacts import ArtifactStore
from caravan_common.bus import InProcessBus
from caravan_common.settings import Settings
from caravan_common.worker import ChildPool, ChildSetup, WorkerRuntime
from caravan_common.worker.service import Service

if TYPE_CHECKING:
    import socket

    from fastapi import FastAPI

    from caravan_orchestrator.bootstrap import Orchestrator
    from caravan_orchestrator.store.database import SqlDatabase

APP, DISPATCH = "caravan_app", "caravan_dispatch"
_ANNOUNCE_SECONDS = 60.0
_CONNECTIONS = 20
_OURS = (CommandFailed, asyncio.CancelledError, KeyboardInterrupt, SystemExit)


class EmbeddedPlatform:
    """An async context manager: inside, requests are answered by `app` and flows run.

    `slots` is how many attempts run at once, each in a warm child process.
    """

    def __init__(
        self, folder: DataFolder, *, slots: int = 1, told: Callable[[str], None] = lambda _: None
    ) -> None:
        self.folder = folder
        self._slots = slots
        self._told = told
        self._closing = AsyncExitStack()
        self._postgres = EmbeddedPostgres(folder.postgres, durable=not folder.temporary)
        self._failed: asyncio.Future[None] | None = None
        self._is_up = False
        self.app: FastAPI
        self.orchestrator: Orchestrator
        self.database: SqlDatabase
        self.store: ArtifactStore

    def url(self, role: str = APP) -> str:
        """Of the database, for one of its roles."""
        return self._postgres.url(role)

    def token(self, named: NamedTenant = DEMO, *, subject: str = "caravan", hours: float = 24) -> str:
        return make_token(self.folder.path, named, subject=subject, seconds=hours * 3600)

    async def __aenter__(self) -> Self:
        """Raises PlatformUnavailable, with nothing left behind."""
        try:
            await self._start()
        except BaseException as error:
            await self._stop()
            if isinstance(error, _OURS):
                raise
            raise _explained(error, is_up=False) from error
        self._is_up = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def _stop(self) -> None:
        """Not cut short by a second signal: what is half stopped would stay behind."""
        closing = asyncio.create_task(self._closing.aclose())
        while not closing.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.shield(closing)
        closing.result()

    async def _start(self) -> None:
        self._told("starting PostgreSQL")
        self._closing.push_async_callback(self._postgres.stop)
        postgres = asyncio.create_task(self._start_postgres())
        self._closing.push_async_callback(_ended, postgres)
        services = await asyncio.to_thread(installed_services)
        pool = self._open_pool(services)
        await asyncio.to_thread(_import_orchestrator)
        await postgres
        self._told("starting the orchestrator")
        await self._start_orchestrator()
        self._told("starting the workers")
        await self._start_workers(pool, services)
        await self._until_announced(services)
        await self._put_tables_in_force()

    async def _start_postgres(self) -> None:
        await self._postgres.start()
        await asyncio.to_thread(_import_orchestrator)
        from caravan_orchestrator.store.upgrade import upgrade_database

        self._told("preparing the database")
        await upgrade_database(self.url(OWNER), self.url(APP), self.url(DISPATCH))
        for named in remembered_tenants(self.folder.path):
            await create_tenant(self.url(APP), named)

    def _open_pool(self, services: tuple[Service, ...]) -> ChildPool:
        """Its children import CrewAI for seconds: begun at once, waited for by the first attempt."""
        _keep_home_writable(self.folder.path)
        worker = f"embedded-{os.getpid()}"
        folder = self.folder
        setup = ChildSetup(services, folder.artifacts_url, folder.scratch, worker, log=folder.log)
        pool = ChildPool(self._slots, setup)
        starting = asyncio.create_task(pool.start(), name="children")
        self._closing.push_async_callback(pool.close)
        self._closing.push_async_callback(_ended, starting)
        self._failed = asyncio.get_running_loop().create_future()
        starting.add_done_callback(self._note_failure)
        return pool

    def _note_failure(self, starting: "asyncio.Task[None]") -> None:
        """Children that are slow to come are begun anew by their pool; attempts wait for them."""
        if (
            self._failed is not None
            and not starting.cancelled()
            and (error := starting.exception()) is not None
            and not isinstance(error, TimeoutError)
        ):
            self._failed.set_exception(_explained(error, is_up=self._is_up))
            self._failed.exception()  # it is told when somebody asks

    def check(self) -> None:
        """Raises PlatformUnavailable or PlatformFault when it can't go on: no child can be started, or PostgreSQL is
        gone."""
        if self._failed is not None and self._failed.done():
            self._failed.result()
        if not self._postgres.running:
            raise PlatformUnavailable(
                f"PostgreSQL has ended; {self._postgres.log} says why. Start Caravan again."
            )

    async def serve(self, bound: "socket.socket") -> int:
        """Answers over HTTP too, on a socket that listens already; its port."""
        from caravan_orchestrator.serving import HttpServer

        server = HttpServer(self.app, bound)
        self._closing.push_async_callback(server.stop)
        # Event streams end by themselves then, instead of being waited for and cut.
        self._closing.callback(self._gateway.stop)
        await server.start()
        return server.port

    async def _start_orchestrator(self) -> None:
        from caravan_orchestrator.api.app import create_app
        from caravan_orchestrator.api.auth import LocalVerifier
        from caravan_orchestrator.bootstrap import Orchestrator
        from caravan_orchestrator.local_key import key_file, local_key
        from caravan_orchestrator.serving import flow_defaults, gateway_services, gateway_settings
        from caravan_orchestrator.store.binding import StoreIsOfAnother, bind_store
        from caravan_orchestrator.store.database import SqlDatabase, make_engine

        settings = Settings.load()
        app = make_engine(self.url(APP), _CONNECTIONS)
        dispatch = make_engine(self.url(DISPATCH), _CONNECTIONS, autocommit=True)
        self.database = SqlDatabase(app, dispatch, flow_defaults(settings))
        self._closing.push_async_callback(self.database.dispose)
        self.store = ArtifactStore.open(self.folder.artifacts_url)
        try:
            await bind_store(dispatch, self.store)
        except StoreIsOfAnother as error:
            raise PlatformUnavailable(str(error)) from None
        self._bus = InProcessBus()
        await self._bus.start()
        self._closing.push_async_callback(self._bus.stop)
        self.orchestrator = Orchestrator(self.database, self._bus, self.store, mapped=False)
        self._closing.push_async_callback(self.orchestrator.stop)
        await self.orchestrator.start(boot=True)
        verifier = LocalVerifier(local_key(key_file(self.folder.path)), settings.jwt_audience)
        self._gateway = gateway_services(self.orchestrator, verifier, gateway_settings(settings))
        self._closing.push_async_callback(self._gateway.readings.write_all)
        self.app = create_app(self._gateway)

    async def _start_workers(self, pool: ChildPool, services: tuple[Service, ...]) -> None:
        for service in services:
            runtime = WorkerRuntime(self._bus, pool, service)
            self._closing.push_async_callback(runtime.stop)
            await runtime.start()

    async def _put_tables_in_force(self) -> None:
        """What `caravan lifecycle refresh` and `caravan price refresh` left in this folder, else for this user, for
        every tenant."""
        from caravan_orchestrator.usecases.reference_tables import replace_reference_table

        for name, rows in await asyncio.to_thread(kept_tables, (self.folder.path, default_folder())):
            for named in remembered_tenants(self.folder.path):
                async with self.database.transaction(named.tenant) as transaction:
                    await replace_reference_table(transaction, self.store, name, rows, "caravan")

    async def _until_announced(self, services: tuple[Service, ...]) -> None:
        missing = {(service.definition.flow_type, service.definition.version) for service in services}
        try:
            async with asyncio.timeout(_ANNOUNCE_SECONDS):
                while missing := missing - {
                    (name, version) for name, version, _ in await self.orchestrator.dispatch.windows()
                }:
                    self.check()
                    await asyncio.sleep(0.01)
        except TimeoutError:
            names = ", ".join(sorted(name for name, _ in missing))
            raise TimeoutError(f"not ready after {_ANNOUNCE_SECONDS:.0f} s: {names}") from None


async def _ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, Exception):
        await task


def _import_orchestrator() -> None:
    """Half a second of imports, off the loop, while PostgreSQL starts."""
    import caravan_orchestrator.api.app
    import caravan_orchestrator.serving
    import caravan_orchestrator.store.upgrade  # noqa: F401


def _explained(error: BaseException, *, is_up: bool) -> BaseException:
    """A failure of the machine in a sentence of ours. What fails once flows can run is no failure to start."""
    if isinstance(error, _OURS):
        return error
    first_line = (str(error).strip().partition("\n")[0] or type(error).__name__).rstrip(".")
    if is_up:
        return PlatformFault(
            f"The platform is up, but the processes that compute could not be started ({first_line});"
            " its log says why. Run the command again."
        )
    return PlatformUnavailable(
        f"The embedded platform could not start ({first_line}); `caravan doctor` says what is missing."
    )


def _keep_home_writable(folder: Path) -> None:
    """CrewAI makes folders below HOME; where that can't be written to they go to the data folder."""
    if not os.access(os.environ.get("HOME") or "/nonexistent", os.W_OK):
        os.environ["HOME"] = str(folder)
