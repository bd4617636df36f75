"""What the artifact store holds too much is freed a day later; what it has lost holds up nothing else."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from caravan_common.artifacts import attempt_prefix, run_key
from caravan_common.contracts import Tenant
from caravan_orchestrator.loops.collecting import KEPT, Collecting
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.dispatch import Dispatch
from tests.integration.gateway.client import (
    ASSETS,
    HEADERS,
    RAW,
    Client,
    Gateway,
    Worker,
    machines,
    raw_rows,
    source_columns,
)

Gathered = Callable[..., Awaitable[Any]]


async def test_only_runs_that_nobody_refers_to_are_freed(
    ann: Client, gateway: Gateway, gathered: Gathered, database: SqlDatabase, tenant: Tenant
) -> None:
    flow = await gathered(3)
    store = gateway.store
    attempts = (await ann.json("GET", f"/flows/{flow['id']}/attempts"))["items"]
    ended = [attempt for attempt in attempts if attempt["status"] == "succeeded"]
    running = [attempt for attempt in attempts if attempt["status"] != "succeeded"]
    assert (len(ended), len(running)) == (2, 1)
    used = set(store.keys(f"{tenant.client_account_id}/{tenant.engagement_id}/{flow['id']}"))
    assert used

    prefixes = {each["id"]: attempt_prefix(tenant, flow["id"], each["id"]) for each in attempts}
    lost = run_key(prefixes[ended[0]["id"]], 1, uuid4(), "half.parquet")
    claim = f"{prefixes[ended[0]['id']]}/1/claim"
    going_on = run_key(prefixes[running[0]["id"]], 1, uuid4(), "half.parquet")
    for key in (lost, claim, going_on):
        store.put_bytes(key, b"x")

    dispatch = Dispatch(database.dispatch)
    young = Collecting(dispatch, database, store, KEPT)
    while await young.step():
        pass
    assert store.size(lost) == 1

    ripe = Collecting(dispatch, database, store, timedelta(0))
    while await ripe.step():
        pass
    assert store.size(lost) is None
    assert {store.size(key) for key in (claim, going_on)} == {1}
    assert all(store.size(key) for key in used)


async def test_a_dataset_whose_artifact_is_gone_holds_up_no_other(
    ann: Client, worker: Worker, gateway: Gateway, tenant: Tenant
) -> None:
    flows = [(await ann.create())["id"] for _ in range(2)]
    for flow in flows:
        await worker.complete(flow, [(RAW, raw_rows(3)), (HEADERS, source_columns())])
        await worker.complete(flow, [(ASSETS, machines(3))])
    store, folder = gateway.store, f"{tenant.client_account_id}/{tenant.engagement_id}/{flows[0]}"
    store.delete(list(store.keys(folder)))
    await worker.settle()

    async def indexed(flow: str) -> list[bool]:
        listed = (await ann.json("GET", f"/flows/{flow}/datasets"))["items"]
        return [each["indexed_at"] is not None for each in listed if each["index"] == "rows"]

    assert [await indexed(flow) for flow in flows] == [[False], [True]]
