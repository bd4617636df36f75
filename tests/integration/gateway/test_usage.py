"""What crews have spent, as clients see it: of every run, once, and of nobody else's."""

from typing import Any
from uuid import UUID

import httpx

from caravan_common.contracts import AttemptHeartbeat, Tenant, Usage, new_id
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.usecases.intake import take_in
from tests.integration.gateway.client import Client, Worker

MINI = Usage(
    model="some/mini", prompt_version="v1", calls=2, prompt_tokens=900, completion_tokens=100, cost_usd=0.25
)
GRAND = Usage(model="some/grand", prompt_version="v2", calls=1, prompt_tokens=500, cost_usd=1.0)
BOOKED = Usage(model="some/mini", prompt_version="v1", reserved_tokens=700, reserved_cost_usd=0.5)


async def spend(worker: Worker, flow: Any, *usage: Usage) -> None:
    await worker.complete(flow["id"], usage=usage)


async def move(database: SqlDatabase, tenant: Tenant, moment: str) -> None:
    """All that the client has spent was spent at a moment given in SQL: no day or month ends in a test."""
    async with database.transaction(tenant) as transaction:
        await transaction.connection.exec_driver_sql(f"update llm_usage set updated_at = {moment}")


async def test_usage_is_added_up_by_model_and_in_all(ann: Client, worker: Worker) -> None:
    for _ in range(2):
        await spend(worker, await ann.create(), MINI, GRAND)
    found = await ann.json("GET", "/usage")
    assert [(row["model"], row["runs"], row["calls"], row["prompt_tokens"]) for row in found["items"]] == [
        ("some/grand", 2, 2, 1000),
        ("some/mini", 2, 4, 1800),
    ]
    assert found["total"] == {
        "runs": 2,
        "calls": 6,
        "prompt_tokens": 2800,
        "completion_tokens": 200,
        "reserved_tokens": 0,
        "cost_usd": 2.5,
    }


async def test_metrics_show_what_models_have_used_this_month_and_not_for_whom(
    ann: Client, worker: Worker, outside: httpx.AsyncClient, tenant: Tenant, database: SqlDatabase
) -> None:
    async def read() -> dict[str, float]:
        text = (await outside.get("/metrics")).text
        assert str(tenant.client_account_id) not in text
        lines = [line.rpartition(" ") for line in text.splitlines() if line.startswith("caravan_llm_")]
        return {name: float(value) for name, _, value in lines}

    # A model of its own: what was spent on it before the month, or by others, is nothing.
    own = MINI.model_copy(update={"model": f"own/{new_id()}"})
    tokens, cost = (f'caravan_llm_{name}{{model="{own.model}"}}' for name in ("tokens", "cost_usd"))
    await spend(worker, await ann.create(), own, GRAND)
    await move(database, tenant, "now() - interval '32 days'")
    assert tokens not in await read()
    await spend(worker, await ann.create(), own, GRAND)
    await move(
        database,
        tenant,
        "case when updated_at > now() - interval '1 day' then now() + interval '1 hour' else updated_at end",
    )
    after = await read()
    assert (after[tokens], after[cost]) == (1000, 0.25)


async def test_groups_are_asked_for_and_come_in_pages(
    ann: Client, worker: Worker, database: SqlDatabase, tenant: Tenant
) -> None:
    flows = [await ann.create() for _ in range(3)]
    for flow in flows:
        await spend(worker, flow, MINI, GRAND)
    await move(database, tenant, "'2026-03-31 23:30:00+00'")
    pages = await ann.pages("/usage", by=["flow", "phase", "model"], limit=4)
    assert [len(page) for page in pages] == [4, 2]
    rows = [row for page in pages for row in page]
    assert {row["flow_id"] for row in rows} == {flow["id"] for flow in flows}
    assert {row["phase"] for row in rows} == {"read"}
    assert [row["day"] for row in rows] == [None] * 6
    (day,) = (await ann.json("GET", "/usage", params={"by": "day"}))["items"]
    versions = (await ann.json("GET", "/usage", params={"by": "prompt_version"}))["items"]
    assert (day["day"], day["calls"], day["model"]) == ("2026-03-31", 9, None)
    assert [row["prompt_version"] for row in versions] == ["v1", "v2"]


async def test_a_flow_says_what_its_budget_leaves_with_what_is_booked(
    ann: Client, worker: Worker, database: SqlDatabase, tenant: Tenant
) -> None:
    flow = await ann.create(configuration={"budget_tokens": 2000})
    await ann.create()
    head = await worker._begin(flow["id"])
    for usage in (BOOKED, BOOKED, BOOKED):
        beat = AttemptHeartbeat(**{**head, "run_id": new_id()}, usage=(usage,))
        again = AttemptHeartbeat(**{**head, "run_id": beat.run_id}, usage=(Usage(model="some/mini"),))
        await take_in(database, tenant, [beat, again, beat])
    found = await ann.json("GET", "/usage", params={"flow": flow["id"]})
    assert found["total"]["reserved_tokens"] == 2100
    assert found["total"]["cost_usd"] == 1.5
    assert found["budget"] == {"budget_tokens": 2000, "left_tokens": 0}
    assert (await ann.json("GET", "/usage"))["budget"] is None


async def test_an_attempt_says_what_its_runs_have_spent(ann: Client, worker: Worker) -> None:
    flow = await ann.create()
    await spend(worker, flow, MINI, GRAND)
    spent, unspent = (await ann.json("GET", f"/flows/{flow['id']}/attempts"))["items"]
    assert [(row["model"], row["runs"], row["calls"], row["cost_usd"]) for row in spent["usage"]] == [
        ("some/grand", 1, 1, 1.0),
        ("some/mini", 1, 2, 0.25),
    ]
    assert unspent["usage"] == []


async def test_usage_is_narrowed_by_time_phase_and_model(ann: Client, worker: Worker) -> None:
    await spend(worker, await ann.create(), MINI, GRAND)

    async def calls(**query: str) -> int:
        return int((await ann.json("GET", "/usage", params=query))["total"]["calls"])

    assert await calls(model="some/mini") == 2
    assert await calls(phase="gather") == 0
    assert await calls(since="2020-01-01", until="2100-01-01T00:00:00+02:00") == 3
    assert await calls(until="2020-01-01") == 0
    assert await ann.code("GET", "/usage", 422, params={"by": "colour"}) == "invalid_request"
    assert await ann.code("GET", "/usage", 422, params={"cursor": "x"}) == "invalid_cursor"


async def test_nobody_sees_what_others_have_spent(ann: Client, worker: Worker, stranger: Client) -> None:
    flow = await ann.create()
    await spend(worker, flow, MINI)
    assert (await stranger.json("GET", "/usage"))["items"] == []
    await stranger("GET", "/usage", 404, params={"flow": flow["id"]})
    await ann("GET", "/usage", 404, params={"flow": str(UUID(int=7))})
