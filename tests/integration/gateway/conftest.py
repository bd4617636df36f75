"""One migrated database and one gateway for all tests here; each test has tenants of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import insert

from caravan_common.artifacts import ArtifactStore
from caravan_common.contracts import Tenant, new_id
from caravan_orchestrator.api.app import GatewaySettings
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.tables.flow import approvals
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
    unit,
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
from tests.support.command import caravan_here
from tests.support.inprocess_platform import migrated, new_tenant
from tests.support.listening import served
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


@pytest.fixture
async def approval(ann: Client, worker: Worker, database: SqlDatabase, tenant: Tenant) -> tuple[str, str]:
    """A flow with a unit that waits for approval, and the approval."""
    flow = await ann.create()
    await worker.complete(flow["id"])
    await worker.complete(flow["id"])
    await worker.complete(flow["id"], units=(unit("move", needs_approval=True),))
    id_ = new_id()
    async with database.transaction(tenant) as transaction:
        row = {**tenant.model_dump(), "id": id_, "flow_id": UUID(flow["id"]), "phase": "polish"}
        row |= {"subject": "move", "status": "open", "requested_by": "ann"}
        await transaction.connection.execute(insert(approvals).values(**row))
    return flow["id"], str(id_)


@pytest.fixture(scope="module")
async def listening(gateway: Gateway) -> AsyncIterator[str]:
    """The address of the gateway, over HTTP."""
    async with served(gateway.app) as address:
        yield address


@pytest.fixture
def command_line(
    gateway: Gateway, tenant: Tenant, listening: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Awaitable[str]]:
    """What `caravan …` prints in a role."""

    async def run(*arguments: str, role: str) -> str:
        env = {
            "CARAVAN_URL": listening,
            "CARAVAN_TOKEN": gateway.token(tenant, role, subject="root"),
            "CARAVAN_DATA_DIR": str(tmp_path),
        }
        return await caravan_here(monkeypatch, *arguments, env=env)

    return run


@pytest.fixture
async def outside(gateway: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    """Without a token, at the root."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(gateway.app), base_url="http://gateway"
    ) as client:
        yield client
