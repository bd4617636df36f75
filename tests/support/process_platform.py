"""A platform of separate processes on a private broker and a private PostgreSQL, each to be killed by its name.

The orchestrators and workers are those that are deployed; nothing but their settings is made for tests.
"""

import asyncio
import json
import os
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import asyncpg

from caravan_common.contracts import Tenant
from caravan_orchestrator.store.database import SqlDatabase, make_engine
from caravan_orchestrator.store.failures import is_passing
from caravan_orchestrator.store.upgrade import upgrade_database
from tests.support.amqp import connect
from tests.support.command import caravan
from tests.support.flows import Flows, new_tenant
from tests.support.private_broker import PrivateBroker
from tests.support.private_postgres import PrivatePostgres
from tests.support.program import ROOT, Program
from tests.support.waiting import eventually, wait_until

T = TypeVar("T")
START_SECONDS = 180
_AWAY_SECONDS = 60


class ProcessPlatform(Flows):
    """`orchestrator-1`, …, `<service>-1`, …, `broker` and `postgres`. Queries wait while PostgreSQL is away.

    `mapped`: every service has a broker user of its own, made by `caravan service add`; its address is in `urls`.
    `password`: of these users, and of the database's roles; otherwise some password, and none.
    """

    def __init__(
        self,
        folder: Path,
        services: Mapping[str, str],
        broker: PrivateBroker,
        postgres: PrivatePostgres,
        *,
        orchestrators: int = 2,
        workers: int = 2,
        slots: int = 2,
        settings: Mapping[str, str] | None = None,
        mapped: bool = False,
        password: str | None = None,
    ) -> None:
        self._mapped, self._password = mapped, password
        self.folder, self.broker, self.postgres = folder, broker, postgres
        self._settings = dict(settings or {})
        self.services, self._sizes = services, (orchestrators, workers, slots)
        self.programs: dict[str, Program] = {}
        self.urls: dict[str, str] = {}
        self.environment: dict[str, str] = {}

    @property
    def orchestrators(self) -> list[Program]:
        return [program for name, program in self.programs.items() if name.startswith("orchestrator-")]

    @property
    def workers(self) -> list[Program]:
        return [program for name, program in self.programs.items() if not name.startswith("orchestrator-")]

    async def open(self) -> None:
        """Returns once every process works and every service has announced itself."""
        await asyncio.gather(asyncio.to_thread(self.broker.start), asyncio.to_thread(self.postgres.start))
        owner, app, dispatch = (
            self.postgres.url_of("postgres", user) for user in ("postgres", "caravan_app", "caravan_dispatch")
        )
        if self._password is not None:
            quoted = quote(self._password, safe="")
            app, dispatch = (url.replace("@", f":{quoted}@", 1) for url in (app, dispatch))
        await self.migrate(owner, app, dispatch)
        database = SqlDatabase(make_engine(app), make_engine(dispatch, autocommit=True))
        super().__init__(database, await self.make_tenant(database), lambda: None)
        orchestrators, workers, slots = self._sizes
        self.environment = {
            "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", ""))),
            "CARAVAN_DATABASE_URL": app,
            "CARAVAN_DATABASE_DISPATCH_URL": dispatch,
            "CARAVAN_AMQP_URL": self.broker.url,
            "CARAVAN_ARTIFACTS_URL": self.artifacts_url,
            "CARAVAN_DATA_DIR": str(self.folder),
            "CARAVAN_PORT": "0",
            "CARAVAN_SLOTS": str(slots),
            "CARAVAN_ANNOUNCE": "open",
            **self._settings,
        }
        if self._mapped:
            self.environment |= {"CARAVAN_ANNOUNCE": "mapped"}
            for service in self.services:
                self.urls[service] = await asyncio.to_thread(self.add_service, service)
        modules = [("orchestrator", "caravan_orchestrator", orchestrators)]
        modules += [(service, module, workers) for service, module in self.services.items()]
        for kind, module, count in modules:
            for number in range(1, count + 1):
                name = f"{kind}-{number}"
                own = {"CARAVAN_AMQP_URL": self.urls.get(kind, self.broker.url)}
                self.programs[name] = self.make_program(name, module, self.environment | own)
                self.start(name)
        await self._until_up()
        await asyncio.to_thread(self.broker.settle)

    async def migrate(self, owner: str, app: str, dispatch: str) -> None:
        """Roles and tables, before anything runs on them."""
        await upgrade_database(owner, app, dispatch)

    async def make_tenant(self, database: SqlDatabase) -> Tenant:
        """The one that flows are created for."""
        return await new_tenant(database)

    def make_program(self, name: str, module: str, environment: dict[str, str]) -> Program:
        """Of this very code; it is not started."""
        return Program(name, module, self.folder, environment)

    def add_service(self, service: str) -> str:
        """By `caravan service add`; its broker user's address."""
        if self._password is None:
            password = self.service("add", service)["password"]
        else:
            password, file = self._password, self.folder / "password"
            file.write_text(password)
            self.service("add", service, "--password-file", str(file))
            file.unlink()
        return f"amqp://{service}:{quote(password, safe='')}@127.0.0.1:{self.broker.port}/"

    def service(self, *arguments: str) -> Any:
        """`caravan service …` on this platform's broker; what it prints."""
        management = f"http://guest:guest@127.0.0.1:{self.broker.management_port}"
        done = self.command("service", *arguments, "--management-url", management, "--vhost", "/", "--json")
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return json.loads(done.stdout)

    @property
    def artifacts_url(self) -> str:
        return (self.folder / "artifacts").as_uri()

    async def _until_up(self) -> None:
        events = {program: f'"{_kind_of(program)}.started"' for program in self.programs.values()}

        async def is_up() -> bool:
            for program in events:
                if not program.is_running:
                    raise RuntimeError(f"{program.name} ended at once:\n{program.log.read_text()[-3000:]}")
            announced = await self.as_owner("select count(distinct flow_type) from flow_types")
            started = all(program.said(event) for program, event in events.items())
            return started and bool(announced[0][0] == len(self.services))

        await eventually(is_up, timeout=START_SECONDS, every=0.2, what=f"a start of {sorted(self.programs)}")

    def url(self, name: str) -> str:
        """Of the gateway of one orchestrator. Blocks until it listens."""
        port = wait_until(self.programs[name].listens_on, timeout=START_SECONDS, what=f"{name} to listen")
        return f"http://127.0.0.1:{port}"

    def command(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """`caravan …` with this platform's settings and, for migrations, its database's owner; to its end."""
        owner = {"CARAVAN_DATABASE_OWNER_URL": self.postgres.url_of("postgres")}
        return caravan(*arguments, env={**self.environment, **owner})

    def kill(self, name: str) -> None:
        """Kill -9. Blocks until it is gone."""
        (self._server(name) or self.programs[name]).kill()

    def start(self, name: str) -> None:
        """A server has started when this returns, a program has only begun to."""
        (self._server(name) or self.programs[name]).start()

    def _server(self, name: str) -> PrivateBroker | PrivatePostgres | None:
        servers: dict[str, PrivateBroker | PrivatePostgres] = {
            "broker": self.broker,
            "postgres": self.postgres,
        }
        return servers.get(name)

    async def as_owner(self, sql: str, *arguments: Any) -> Sequence[Any]:
        """A statement from outside, across all tenants; read-only ones please, as it may be repeated."""

        async def ask() -> Sequence[Any]:
            connection = await asyncpg.connect(self.postgres.url, timeout=10)
            try:
                return list(await connection.fetch(sql, *arguments))
            finally:
                await connection.close()

        return await self._while_away(ask)

    async def query(self, sql: str, *arguments: Any, **options: Any) -> Sequence[Any]:
        parent = super().query
        return await self._while_away(lambda: parent(sql, *arguments, **options))

    async def _while_away(self, ask: Callable[[], Awaitable[T]]) -> T:
        deadline = asyncio.get_running_loop().time() + _AWAY_SECONDS
        while True:
            try:
                return await ask()
            except Exception as error:
                if asyncio.get_running_loop().time() > deadline or not _passes(error):
                    raise
            await asyncio.sleep(0.1)

    async def consumers(self, *queues: str) -> list[int]:
        """How many consumers the broker counts on each queue, asked by a connection of the test's own."""
        connection = await connect(self.broker.url, timeout=5)
        async with connection:
            channel = await connection.channel()
            declared = [await channel.declare_queue(queue, passive=True) for queue in queues]
            return [queue.declaration_result.consumer_count or 0 for queue in declared]

    async def close(self) -> None:
        for program in self.programs.values():
            program.kill()
        if self.postgres.is_running and hasattr(self, "database"):
            await self.database.dispose()
        await asyncio.gather(asyncio.to_thread(self.broker.close), asyncio.to_thread(self.postgres.close))


def _passes(error: Exception) -> bool:
    away = asyncpg.PostgresConnectionError | asyncpg.OperatorInterventionError | asyncpg.InterfaceError
    return isinstance(error, away) or is_passing(error)


def _kind_of(program: Program) -> str:
    return "orchestrator" if program.name.startswith("orchestrator-") else "worker"


@asynccontextmanager
async def process_platform(
    folder: Path,
    services: Mapping[str, str],
    *,
    broker: PrivateBroker | None = None,
    postgres: Mapping[str, str] | None = None,
    settings: Mapping[str, str] | None = None,
    mapped: bool = False,
    password: str | None = None,
    **sizes: int,
) -> AsyncIterator[ProcessPlatform]:
    """`services`: the name of each with the module to run. `postgres`: settings of its server.

    `settings`: CARAVAN_… of all processes; those of whoever runs the tests don't reach them.
    """
    options = {"max_connections": "200", **(postgres or {})}
    platform = ProcessPlatform(
        folder,
        services,
        broker or PrivateBroker(management=mapped),
        PrivatePostgres(options),
        settings=settings,
        mapped=mapped,
        password=password,
        **sizes,
    )
    try:
        await platform.open()
        yield platform
    finally:
        await platform.close()
