"""A client's quotas: tokens are reserved by what runs and given to nobody twice; flows and bytes end at the limit."""

import asyncio
import json
from typing import Any

import pytest

from caravan_common.contracts import Tenant, Usage
from caravan_orchestrator.store.database import SqlDatabase
from tests.integration.gateway.client import Client, Gateway, Worker, announce
from tests.support.judging_service import JUDGING

QUOTA = 10_000
BUDGET = 4_000
FLOW = {"flow_type": "looked_at", "name": "one more"}


@pytest.fixture
async def quota(database: SqlDatabase, tenant: Tenant) -> int:
    await announce(database, JUDGING)
    async with database.transaction(tenant) as transaction:
        await transaction.connection.exec_driver_sql(
            "update client_accounts set quotas = jsonb_build_object('llm_tokens', $1::int)"
            " where client_account_id = $2",
            (QUOTA, tenant.client_account_id),
        )
    return QUOTA


async def ask(client: Client, tokens: int = BUDGET) -> Any:
    return await client.create(flow_type="judging", configuration={"budget_tokens": tokens})


async def given(database: SqlDatabase, tenant: Tenant) -> list[int]:
    """Tokens of the commands under way, in the order of their attempts."""
    async with database.transaction(tenant) as transaction:
        rows = await transaction.connection.exec_driver_sql(
            "select budget_tokens, b.body::jsonb #>> '{budget,tokens}' from phase_attempts a"
            " join running.outbox b on b.attempt_id = a.id where a.status = 'dispatched' order by a.id"
        )
        found = rows.all()
    assert all(reserved == int(carried) for reserved, carried in found)
    return [reserved for reserved, _ in found]


async def test_flows_of_a_client_reserve_its_quota_until_nothing_is_left(
    ann: Client, quota: int, database: SqlDatabase, tenant: Tenant
) -> None:
    for _ in range(4):
        await ask(ann)
    assert await given(database, tenant) == [BUDGET, BUDGET, quota - 2 * BUDGET, 0]


async def test_what_a_phase_did_not_spend_returns_and_what_it_spent_does_not(
    ann: Client, worker: Worker, quota: int, database: SqlDatabase, tenant: Tenant
) -> None:
    first = await ask(ann, quota)
    usage = Usage(model="some/model", calls=1, prompt_tokens=2_500, completion_tokens=500)
    await worker.complete(first["id"], usage=(usage,))
    await worker.complete(first["id"])
    await ask(ann, quota)
    assert await given(database, tenant) == [quota - 3_000]


async def test_flows_created_at_once_are_given_no_more_than_the_quota(
    ann: Client, quota: int, database: SqlDatabase, tenant: Tenant
) -> None:
    await asyncio.gather(*(ask(ann) for _ in range(8)))
    reserved = await given(database, tenant)
    assert len(reserved) == 8
    assert sum(reserved) == quota


async def test_a_client_without_a_quota_is_bound_by_its_flows_budgets_alone(
    ann: Client, database: SqlDatabase, tenant: Tenant
) -> None:
    await announce(database, JUDGING)
    for _ in range(4):
        await ask(ann)
    assert await given(database, tenant) == [BUDGET] * 4


async def limit(database: SqlDatabase, tenant: Tenant, **quotas: int) -> None:
    async with database.transaction(tenant) as transaction:
        await transaction.connection.exec_driver_sql(
            "update client_accounts set quotas = $1::text::jsonb where client_account_id = $2",
            (json.dumps(quotas), tenant.client_account_id),
        )


async def test_no_more_flows_run_than_the_client_may(
    ann: Client, database: SqlDatabase, tenant: Tenant
) -> None:
    await limit(database, tenant, flows_running=2)
    first, second = [await ann.create() for _ in range(2)]
    refused = await ann("POST", "/flows", 429, json=FLOW)
    assert refused.json()["code"] == "quota_reached"
    assert int(refused.headers["Retry-After"]) > 0
    await ann.json("POST", f"/flows/{first['id']}/cancel")
    third = await ann.create()
    listed = {flow["id"]: flow["status"] for flow in (await ann.json("GET", "/flows"))["items"]}
    assert listed == {first["id"]: "cancelled", second["id"]: "active", third["id"]: "active"}


async def test_flows_created_at_once_do_not_share_the_last_place(
    ann: Client, database: SqlDatabase, tenant: Tenant
) -> None:
    await limit(database, tenant, flows_running=3)
    answers = await asyncio.gather(*(ann.http.post("/flows", json=FLOW) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [429] * 5


async def test_a_flow_that_ended_needs_a_place_again_to_go_on(
    ann: Client, worker: Worker, database: SqlDatabase, tenant: Tenant
) -> None:
    await limit(database, tenant, flows_running=1)
    failed = await ann.create()
    await worker.fail(failed["id"])
    other = await ann.create()
    assert await ann.code("POST", f"/flows/{failed['id']}/retry", 429) == "quota_reached"
    assert (await ann.json("GET", f"/flows/{failed['id']}"))["status"] == "failed"
    await ann.json("POST", f"/flows/{other['id']}/cancel")
    assert (await ann.json("POST", f"/flows/{failed['id']}/retry"))["status"] == "active"


async def test_no_more_bytes_are_delivered_than_the_client_may(
    ann: Client, gateway: Gateway, database: SqlDatabase, tenant: Tenant
) -> None:
    await limit(database, tenant, upload_bytes=100)
    await ann("POST", "/uploads", 201, files={"file": ("a.csv", b"x" * 60)})
    refused = await ann("POST", "/uploads", 429, files={"file": ("b.csv", b"x" * 60)})
    assert refused.json()["code"] == "quota_reached"
    kept = list(gateway.store.keys(f"{tenant.client_account_id}/{tenant.engagement_id}/uploads"))
    assert len(kept) == 1, "what is refused is not kept"
    await ann("POST", "/uploads", 201, files={"file": ("c.csv", b"x" * 40)})
