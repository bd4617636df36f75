"""One order about many assets: what it shows is what it does, and it is undone like any other decision."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest

from caravan_common.contracts import Tenant
from caravan_orchestrator.store.audit import verify_audit
from caravan_orchestrator.store.database import SqlDatabase
from tests.integration.gateway.client import Client, Gateway, Worker
from tests.support.statements import statements

Gathered = Callable[..., Awaitable[Any]]


async def preview(ann: Client, **body: Any) -> Any:
    return await ann.json("POST", "/assets:batch", json={"reason": "looked", **body, "preview": True})


async def carry_out(ann: Client, **body: Any) -> Any:
    """As its preview shows it."""
    digest = (await preview(ann, **body))["digest"]
    return await ann.json("POST", "/assets:batch", json={"reason": "looked", **body, "digest": digest})


async def test_a_preview_tells_what_would_be_set_and_sets_nothing(ann: Client, gathered: Gathered) -> None:
    flow = await gathered(6)
    before = await ann.json("GET", "/assets")
    shown = await preview(
        ann, filter={"asset_type": ["server"], "is_target": True}, set={"memory_gb": "32 GB"}
    )
    assert (shown["estate_id"], shown["count"], shown["unchanged"]) == (flow["id"], 2, 0)
    assert (shown["applied"], shown["decisions"]) == (False, [])
    assert sorted(row["natural_key"] for row in shown["sample"]) == ["host:web-02", "host:web-04"]
    assert [row["changes"] for row in shown["sample"]] == [{"memory_gb": {"old": 16.0, "new": 32.0}}] * 2
    assert await ann.json("GET", "/assets") == before
    assert (await ann.json("GET", f"/flows/{flow['id']}"))["stale"] is False


async def test_each_asset_gets_a_decision_and_the_batch_one_line_in_the_audit(
    ann: Client, worker: Worker, gathered: Gathered, database: SqlDatabase, tenant: Tenant
) -> None:
    flow = await gathered(6)
    values = {
        "environment": "staging",
        "last_seen": "2026-03-01T10:00:00+00:00",
        "tags": ["a"],
        "cpu_cores": None,
    }
    done = await carry_out(ann, filter={"q": "web-0"}, set=values)
    (made,) = done["decisions"]
    assert (done["applied"], done["count"]) == (True, 6)
    assert (made["flow_id"], made["first"], made["last"], made["stale"]) == (flow["id"], 1, 6, ["gather"])
    at_once = (await ann.json("GET", "/assets"))["items"]
    assert {asset["environment"] for asset in at_once} == {"staging"}
    assert sorted(asset["overridden"]["environment"] for asset in at_once) == [1, 2, 3, 4, 5, 6]
    await worker.settle()
    folded = (await ann.json("GET", "/assets"))["items"]
    assert [{**asset, "updated_at": None} for asset in folded] == [{**a, "updated_at": None} for a in at_once]
    (line,) = (await ann.json("GET", "/audit", params={"action": "decision.batch"}))["items"]
    assert (line["subject"], line["actor"], line["flow_id"]) == (done["digest"], "ann", flow["id"])
    assert line["details"] == {
        "first": 1, "last": 6, "count": 6, "phase": "gather", "value": values, "reason": "looked"
    }  # fmt: skip
    assert await verify_audit(database, tenant) == []
    lineage = await ann.json("GET", f"/assets/{folded[0]['id']}/lineage", params={"attribute": "environment"})
    (decision,) = lineage["attributes"][0]["decisions"]
    assert (decision["value"]["environment"], decision["old"]["environment"]) == ("staging", "test")


async def test_assets_are_named_by_id_and_those_set_already_are_left_out(
    ann: Client, gathered: Gathered
) -> None:
    await gathered(4)
    ids = [asset["id"] for asset in (await ann.json("GET", "/assets"))["items"]]
    body = {"set": {"environment": "production"}, "reason": "x"}
    await ann("PATCH", f"/assets/{ids[1]}", json=body)
    done = await carry_out(ann, ids=ids[:3], set={"environment": "production"})
    # What a phase merely computed to this value is set as well: it outlives the next run.
    assert (done["count"], done["unchanged"]) == (2, 1)
    again = await carry_out(ann, ids=ids[:3], set={"environment": "production"})
    assert (again["count"], again["unchanged"], again["decisions"]) == (0, 3, [])
    overridden = [asset["overridden"] for asset in (await ann.json("GET", "/assets"))["items"]]
    assert [bool(each) for each in overridden] == [True, True, True, False]


@pytest.mark.parametrize("change", ["a value", "the set", "the order"])
async def test_a_plan_that_is_no_longer_true_is_refused(
    ann: Client, worker: Worker, gathered: Gathered, change: str
) -> None:
    await gathered(4)
    asset = (await ann.json("GET", "/assets"))["items"][1]
    body: dict[str, Any] = {"filter": {"environment": ["production"]}, "set": {"memory_gb": 8}, "reason": "r"}
    digest = (await preview(ann, **body))["digest"]
    values = {"a value": {"memory_gb": 9}, "the set": {"environment": "test"}}.get(change)
    if values is not None:
        await ann("PATCH", f"/assets/{asset['id']}", json={"set": values, "reason": "x"})
    else:
        body["set"] = {"memory_gb": 80}
    refused = await ann.code("POST", "/assets:batch", 409, json={**body, "digest": digest})
    assert refused == "stale_digest"
    others = [found for found in (await ann.json("GET", "/assets"))["items"] if found["id"] != asset["id"]]
    assert {found["memory_gb"] for found in others} == {16.0}


async def test_a_batch_is_withdrawn_when_the_phase_that_owns_it_is_rolled_back(
    ann: Client, gathered: Gathered, database: SqlDatabase, tenant: Tenant
) -> None:
    flow = await gathered(3)
    await carry_out(ann, filter={}, set={"environment": "staging"})
    path = f"/flows/{flow['id']}/rollbacks"
    plan = await ann.json("POST", f"{path}:plan", json={"kind": "phase", "phase": "gather"})
    assert plan["decisions"] == [1, 2, 3]
    body = {"kind": "phase", "phase": "gather", "digest": plan["digest"], "reason": "again"}
    await ann("POST", path, 202, json=body)
    async with database.transaction(tenant) as transaction:
        sql = "select count(*) filter (where withdrawn_by is not null), count(*) from human_decisions"
        withdrawn = (await transaction.connection.exec_driver_sql(sql)).one()
    assert tuple(withdrawn) == (3, 3)


async def test_sent_again_under_its_key_a_batch_is_made_once(ann: Client, gathered: Gathered) -> None:
    await gathered(3)
    body = {"filter": {}, "set": {"environment": "staging"}, "reason": "r"}
    key = {"Idempotency-Key": "once"}
    digest = (await ann.json("POST", "/assets:batch", json={**body, "preview": True}, headers=key))["digest"]
    first = await ann("POST", "/assets:batch", json={**body, "digest": digest}, headers=key)
    again = await ann("POST", "/assets:batch", json={**body, "digest": digest}, headers=key)
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.json()["decisions"][0]["last"] == 3


async def test_a_batch_takes_as_many_statements_for_many_as_for_few(
    ann: Client, gathered: Gathered, database: SqlDatabase, gateway: Gateway
) -> None:
    """Apart from those that read whether the client has enrolled who asks."""
    await gathered(30)
    ids = [asset["id"] for asset in (await ann.json("GET", "/assets"))["items"]]
    counts = []
    for chosen in (ids[:2], ids):
        gateway.app.state.standing.forget()
        with statements(database.app) as sent:
            await carry_out(ann, ids=chosen, set={"environment": f"of {len(chosen)}"})
        # Read for the preview, and for the order too where that comes a second later: two statements each time.
        readings = sum("from users" in each.text.lower() for each in sent)
        assert readings in (1, 2)
        counts.append(len(sent) - 2 * readings)
    assert counts[0] == counts[1]


async def test_more_assets_than_a_batch_takes_are_refused(ann: Client, gathered: Gathered) -> None:
    await gathered(31)
    body = {"filter": {}, "set": {"environment": "x"}, "reason": "r", "preview": True}
    problem = await ann.json("POST", "/assets:batch", 422, json=body)
    assert problem["code"] == "too_many_assets"
    assert "at most 30" in problem["detail"]


async def test_a_batch_over_what_is_not_there_is_refused(
    ann: Client, gathered: Gathered, stranger: Client
) -> None:
    body: dict[str, Any] = {"set": {"environment": "x"}, "reason": "r", "preview": True}
    assert await ann.code("POST", "/assets:batch", 409, json={**body, "filter": {}}) == "no_assets"
    await gathered(1)
    mine = (await ann.json("GET", "/assets"))["items"][0]
    problem = await stranger.json("POST", "/assets:batch", 422, json={**body, "ids": [mine["id"]]})
    assert (problem["code"], problem["pointer"]) == ("unknown_asset", "/ids/0")
    unknown = {**body, "ids": [mine["id"], str(uuid4())]}
    assert (await ann.json("POST", "/assets:batch", 422, json=unknown))["pointer"] == "/ids/1"
    foreign = {**body, "filter": {}, "estate": mine["estate_id"]}
    assert await stranger.code("POST", "/assets:batch", 404, json=foreign) == "not_found"
    wrong = {**body, "filter": {}, "set": {"memory_gb": "much"}}
    assert (await ann.json("POST", "/assets:batch", 422, json=wrong))["pointer"] == "/set/memory_gb"


@pytest.mark.parametrize(
    "body",
    [
        {"preview": True},
        {"preview": True, "ids": [str(uuid4())], "filter": {}},
        {"filter": {}},
        {"filter": {}, "preview": True, "digest": "d"},
        {"ids": [str(uuid4())], "estate": str(uuid4()), "preview": True},
        {"filter": {"environmnet": ["x"]}, "preview": True},
    ],
)
async def test_an_order_that_says_too_little_or_too_much_is_refused(
    ann: Client, body: dict[str, Any]
) -> None:
    whole = {"set": {"environment": "x"}, "reason": "r", **body}
    assert await ann.code("POST", "/assets:batch", 422, json=whole) == "invalid_request"


async def test_assets_of_two_estates_are_set_one_estate_at_a_time(ann: Client, gathered: Gathered) -> None:
    first, second = await gathered(1), await gathered(1)
    ids = [
        (await ann.json("GET", "/assets", params={"estate": flow["id"]}))["items"][0]["id"]
        for flow in (first, second)
    ]
    body = {"ids": ids, "set": {"environment": "x"}, "reason": "r", "preview": True}
    problem = await ann.json("POST", "/assets:batch", 422, json=body)
    assert (problem["code"], problem["pointer"]) == ("several_estates", "/ids/1")
