"""An orchestrator, a worker and the in-process bus in this process, on a real PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from caravan_common.artifacts import ArtifactStore
from caravan_common.bus import Bus, InProcessBus
from caravan_common.contracts import Tenant
from caravan_common.worker import ChildPool, ChildSetup, Service, WorkerRuntime
from caravan_orchestrator.bootstrap import Orchestrator
from caravan_orchestrator.store.database import SqlDatabase, make_engine
from caravan_orchestrator.store.upgrade import upgrade_database
from tests.support.flows import Flows, new_tenant
from tests.support.postgres import Database, create_database
from tests.support.waiting import eventually

__all__ = ["InProcessPlatform", "inprocess_platform", "migrated", "new_tenant", "platform_on"]


async def migrated(database: Database) -> SqlDatabase:
    """The real migrations, and engines of the two roles that own nothing."""
    app, dispatch = database.as_role("caravan_app"), database.as_role("caravan_dispatch")
    await upgrade_database(database.owner, app, dispatch)
    return SqlDatabase(make_engine(app), make_engine(dispatch, autocommit=True))


class InProcessPlatform(Flows):
    """`tenant` is ready to use; queries run as that tenant. `urls`: its own database, for other roles."""

    def __init__(
        self, urls: Database, database: SqlDatabase, orchestrator: Orchestrator, tenant: Tenant
    ) -> None:
        super().__init__(database, tenant, orchestrator.kick)
        self.urls, self.orchestrator = urls, orchestrator


@asynccontextmanager
async def inprocess_platform(
    server: Database, folder: Path, *services: Service, bus: Bus | None = None, slots: int = 2
) -> AsyncIterator[InProcessPlatform]:
    """On a new database beside `server`: an orchestrator takes whatever is due, and two of them with different
    stores would take datasets from each other that only the other one can read.
    """
    database = await asyncio.to_thread(create_database, server.owner)
    try:
        async with platform_on(database, folder, *services, bus=bus, slots=slots) as platform:
            yield platform
    finally:
        await asyncio.to_thread(database.close)


@asynccontextmanager
async def platform_on(
    database: Database, folder: Path, *services: Service, bus: Bus | None = None, slots: int = 2
) -> AsyncIterator[InProcessPlatform]:
    """On a database that nobody else uses, empty or not."""
    bus = bus or InProcessBus()
    store = ArtifactStore.open((folder / "artifacts").as_uri())
    sql = await migrated(database)
    await bus.start()
    orchestrator = Orchestrator(sql, bus, store, mapped=False)
    await orchestrator.start(boot=True)
    pool = ChildPool(slots, ChildSetup(services, store.url, folder / "scratch", "w1"))
    await pool.start()
    workers = [WorkerRuntime(bus, pool, service) for service in services]
    for worker in workers:
        await worker.start()
    wanted = {worker.queue.name for worker in workers}

    async def announced() -> bool:
        return wanted <= orchestrator.registry.windows.keys()

    await eventually(announced, what="every service has announced itself")
    try:
        yield InProcessPlatform(database, sql, orchestrator, await new_tenant(sql))
    finally:
        for worker in workers:
            await worker.stop()
        await orchestrator.stop()
        await pool.close()
        await bus.stop()
        await sql.dispose()
