"""One migrated database and one gateway for all tests here; each test has tenants of its own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from typer.testing import CliRunner

from caravan.main import app
from caravan_common.artifacts import ArtifactStore
from caravan_common.contracts import Tenant
from caravan_orchestrator.api.app import GatewaySettings
from caravan_orchestrator.store.database import SqlDatabase
from tests.integration.gateway.client import (
    ASSETS,
    HEADERS,
    LOOKED_AT,
    RAW,
    Client,
    Gateway,
    Worker,
    announce,
    machines,
    raw_rows,
    source_columns,
)
from tests.integration.gateway.joined import (
    COLUMNS,
    CONFLICTS,
    JOINED,
    MAPPINGS,
    columns,
    conflicts,
    meanings,
)
from tests.integration.gateway.planned import PLANNED
from tests.support import Database
from tests.support.inprocess_platform import migrated, new_tenant
from tests.support.waiting import eventually, free_port
from tests.support.waves_service import WAVED

SETTINGS = GatewaySettings(
    upload_bytes=200_000,
    body_bytes=50_000,
    event_poll=0.05,
    event_heartbeat=0.2,
    figures_age=0,
    batch_assets=30,
    rate=0,
)


@pytest.fixture(scope="session")
async def database(database_urls: Database) -> AsyncIterator[SqlDatabase]:
    opened = await migrated(database_urls)
    await announce(opened, LOOKED_AT)
    for definition in (JOINED, WAVED, PLANNED):
        await announce(opened, definition)
    yield opened
    await opened.dispose()


@pytest.fixture(scope="session")
def gateway(database: SqlDatabase, tmp_path_factory: pytest.TempPathFactory) -> Gateway:
    store = ArtifactStore.open(tmp_path_factory.mktemp("artifacts").as_uri())
    return Gateway(database, store, SETTINGS)


@pytest.fixture
async def tenant(database: SqlDatabase) -> Tenant:
    return await new_tenant(database)


@pytest.fixture
async def stranger(gateway: Gateway, database: SqlDatabase) -> Client:
    """Everything allowed, but for another client."""
    return gateway.client(await new_tenant(database), "operator", "approver", "admin")


@pytest.fixture
def ann(gateway: Gateway, tenant: Tenant) -> Client:
    """An operator."""
    return gateway.client(tenant, "operator")


@pytest.fixture
def worker(gateway: Gateway, tenant: Tenant, tmp_path: Path) -> Worker:
    return Worker(gateway, tenant, tmp_path)


@pytest.fixture
def gathered(ann: Client, worker: Worker) -> Callable[..., Awaitable[Any]]:
    """Makes a flow whose first two phases are computed, indexed and folded; the third is dispatched."""

    async def make(count: int = 3, **flow: Any) -> Any:
        created = await ann.create(**flow)
        await worker.complete(created["id"], [(RAW, raw_rows(count)), (HEADERS, source_columns())])
        await worker.complete(
            created["id"], [(ASSETS, machines(count))], summary={"assets": {"total": count}}
        )
        await worker.settle()
        return await ann.json("GET", f"/flows/{created['id']}")

    return make


@pytest.fixture
async def read(ann: Client, worker: Worker) -> str:
    """A flow whose files have been read; what their columns mean is being computed."""
    flow = await ann.create(flow_type="joined")
    await worker.complete(flow["id"], [(RAW, raw_rows()), (COLUMNS, columns("Host", "RAM (max.)"))])
    return str(flow["id"])


@pytest.fixture
async def merged(read: str, worker: Worker) -> str:
    """All three phases are done and indexed."""
    await worker.complete(read, [(MAPPINGS, meanings())])
    await worker.complete(read, [(ASSETS, machines(2)), (CONFLICTS, conflicts())])
    await worker.settle()
    return read


@pytest.fixture(scope="module")
async def listening(gateway: Gateway) -> AsyncIterator[str]:
    """The address of the gateway, over HTTP."""
    port = free_port()
    config = uvicorn.Config(gateway.app, port=port, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server.serve())

    async def started() -> bool:
        return server.started

    await eventually(started, what="the gateway listens")
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving


@pytest.fixture
def command_line(
    gateway: Gateway, tenant: Tenant, listening: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Awaitable[str]]:
    """What `caravan …` prints in a role: in a thread of this process, where signals can't be listened for. A process
    for each would take a second more."""
    monkeypatch.setattr("caravan.running.run", asyncio.run)

    async def run(*arguments: str, role: str) -> str:
        env = {
            "CARAVAN_URL": listening,
            "CARAVAN_TOKEN": gateway.token(tenant, role, subject="root"),
            "CARAVAN_DATA_DIR": str(tmp_path),
        }
        runner = CliRunner(env=env)
        done = await asyncio.to_thread(runner.invoke, app, list(arguments), catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return str(done.stdout)

    return run
