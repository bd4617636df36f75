"""An orchestrator and what else is wanted, as separate processes on RabbitMQ and PostgreSQL, for a benchmark."""

import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.orchestration import processes
from caravan_common.artifacts import ArtifactStore
from caravan_common.contracts import Tenant
from caravan_orchestrator.local_key import key_file, local_key, make_token
from caravan_orchestrator.store.database import SqlDatabase
from tests.support.broker import choose_broker
from tests.support.inprocess_platform import migrated
from tests.support.postgres import choose_postgres
from tests.support.waiting import eventually, free_port

ORCHESTRATOR = "caravan_orchestrator"


@dataclass(frozen=True)
class Ground:
    """A migrated database, a vhost and a folder, and the settings of processes that are to work on them."""

    database: SqlDatabase
    owner: str
    folder: Path
    environment: dict[str, str]

    @property
    def store(self) -> ArtifactStore:
        return ArtifactStore.open(self.environment["CARAVAN_ARTIFACTS_URL"])

    @property
    def url(self) -> str:
        """Of the gateway, once it runs."""
        return f"http://127.0.0.1:{self.environment['CARAVAN_PORT']}"

    def token(self, tenant: Tenant) -> str:
        return make_token(
            local_key(key_file(self.folder)),
            subject="benchmark",
            client_account_id=tenant.client_account_id,
            engagement_ids=[tenant.engagement_id],
            roles=["operator"],
        )

    @contextmanager
    def running(self, *modules: str) -> Iterator[list[int]]:
        """The modules as processes; their pids."""
        with processes([[sys.executable, "-m", module] for module in modules], self.environment) as pids:
            yield pids

    async def until_ready(self) -> None:
        async def ready() -> bool:
            try:
                async with httpx.AsyncClient(trust_env=False) as client:
                    return (await client.get(f"{self.url}/health/ready")).status_code == 200
            except httpx.HTTPError:
                return False

        await eventually(ready, timeout=60, what="the gateway is ready")

    async def until_announced(self, flow_type: str) -> None:
        async def known() -> bool:
            async with self.database.dispatch.connect() as connection:
                return any(row[0] == flow_type for row in await connection.exec_driver_sql(_SERVED))

        await eventually(known, timeout=60, what=f"a worker of {flow_type} has announced itself")


_SERVED = "select flow_type from flow_types where slots > 0"


@asynccontextmanager
async def ground(**settings: str) -> AsyncIterator[Ground]:
    """`settings`: CARAVAN_… of the processes, without the prefix."""
    broker, urls = choose_broker().open(), choose_postgres().open()
    database = await migrated(urls)
    try:
        with tempfile.TemporaryDirectory(prefix="caravan-bench-") as folder:
            given = {
                "database_url": urls.as_role("caravan_app"),
                "database_dispatch_url": urls.as_role("caravan_dispatch"),
                "amqp_url": broker.url,
                "artifacts_url": (Path(folder) / "artifacts").as_uri(),
                "data_dir": folder,
                "port": str(free_port()),
                "announce": "open",
                **settings,
            }
            environment = {f"CARAVAN_{name.upper()}": value for name, value in given.items()}
            yield Ground(database, urls.owner, Path(folder), environment)
    finally:
        await database.dispose()
        urls.close()
        broker.close()
