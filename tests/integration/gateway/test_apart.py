"""Work that fails again and again holds up no other: not of the same client, and not of another."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from polars.exceptions import PolarsError

from caravan_common.artifacts import ArtifactStore
from caravan_common.contracts import Tenant
from caravan_orchestrator.domain.errors import DoesNotExist
from caravan_orchestrator.loops.leases import LeaseClock
from caravan_orchestrator.loops.wakeups import Wakeups
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.dispatch import Dispatch
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
from tests.integration.gateway.conftest import SETTINGS
from tests.support.inprocess_platform import migrated
from tests.support.postgres import Database, create_database


@pytest.fixture
async def own(database_urls: Database) -> AsyncIterator[Database]:
    """What can't be done stays due: no other test shall meet it."""
    opened = await asyncio.to_thread(create_database, database_urls.owner)
    yield opened
    await asyncio.to_thread(opened.close)


@pytest.fixture
async def database(own: Database) -> AsyncIterator[SqlDatabase]:
    opened = await migrated(own)
    await announce(opened, LOOKED_AT)
    yield opened
    await opened.dispose()


@pytest.fixture
def gateway(database: SqlDatabase, tmp_path_factory: pytest.TempPathFactory) -> Gateway:
    return Gateway(database, ArtifactStore.open(tmp_path_factory.mktemp("artifacts").as_uri()), SETTINGS)


async def gathered(ann: Client, worker: Worker) -> str:
    flow = str((await ann.create())["id"])
    await worker.complete(flow, [(RAW, raw_rows(3)), (HEADERS, source_columns())])
    await worker.complete(flow, [(ASSETS, machines(3))])
    return flow


async def indexed(ann: Client, flow: str) -> list[bool]:
    listed = (await ann.json("GET", f"/flows/{flow}/datasets"))["items"]
    return [each["indexed_at"] is not None for each in listed if each["index"] == "rows"]


async def spoil_definition(database: SqlDatabase, tenant: Tenant, flow: str) -> None:
    """Nothing can be decided for the flow any more."""
    sql = "update migration_flows set definition_version = '9.9.9' where id = $1"
    async with database.transaction(tenant) as transaction:
        await transaction.connection.exec_driver_sql(sql, (UUID(flow),))


async def make_due(own: Database, kind: str, **flows: str) -> None:
    owner = await asyncpg.connect(own.owner)
    for moment, flow in flows.items():
        at = {"sooner": 7200, "later": 3600}[moment]
        await owner.execute(
            "update running.due set at = now() - make_interval(secs => $3), lease_at = -$3"
            " where kind = $1 and flow_id = $2",
            *(kind, UUID(flow), at),
        )
    await owner.close()


async def due(database: SqlDatabase, kind: str) -> dict[str, Any]:
    sql = "select flow_id, at from running.due where kind = $1"
    async with database.dispatch.connect() as connection:
        return {str(row[0]): row[1] for row in await connection.exec_driver_sql(sql, (kind,))}


async def test_a_dataset_that_can_not_be_read(
    ann: Client, stranger: Client, worker: Worker, gateway: Gateway, tenant: Tenant
) -> None:
    spoilt, sound = [await gathered(ann, worker) for _ in range(2)]
    prefix = f"{tenant.client_account_id}/{tenant.engagement_id}/{spoilt}"
    for key in list(gateway.store.keys(prefix)):
        if key.endswith(f"{ASSETS.name}.parquet"):
            gateway.store.put_bytes(key, b"no Parquet at all")
    with pytest.raises(PolarsError):
        await worker.settle()
    assert [await indexed(ann, flow) for flow in (spoilt, sound)] == [[False], [True]]


async def test_a_flow_that_can_not_be_woken(
    ann: Client, own: Database, database: SqlDatabase, tenant: Tenant
) -> None:
    spoilt, sound = [str((await ann.create())["id"]) for _ in range(2)]
    await spoil_definition(database, tenant, spoilt)
    await make_due(own, "wakeup", sooner=spoilt, later=sound)
    with pytest.raises(DoesNotExist):
        await Wakeups(Dispatch(database.dispatch), database).step()
    at = await due(database, "wakeup")
    # Claimed together, they would come back together; one that was looked at comes when it next has to.
    assert at[sound] - at[spoilt] > timedelta(seconds=10)


async def test_a_lease_that_can_not_be_ended(
    ann: Client, worker: Worker, own: Database, database: SqlDatabase, tenant: Tenant
) -> None:
    spoilt, sound = [str((await ann.create())["id"]) for _ in range(2)]
    for flow in (spoilt, sound):
        await worker._begin(flow)
    await spoil_definition(database, tenant, spoilt)
    await make_due(own, "lease", sooner=spoilt, later=sound)
    nothing: Any = None
    await LeaseClock(Dispatch(database.dispatch), database, nothing).ticked()
    assert list(await due(database, "lease")) == [spoilt]  # set aside, and said in the log
    (attempt,) = (await ann.json("GET", f"/flows/{sound}/attempts"))["items"]
    assert attempt["lease_losses"] == 1
