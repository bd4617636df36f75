"""Chains over the API: started whole, drawn, handed over by hand, refused with the reason."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from typer.testing import CliRunner

from caravan.failures import BadInput
from caravan.main import app
from caravan_common.artifacts import ArtifactStore
from caravan_common.contracts import new_id
from caravan_orchestrator.api.app import GatewaySettings
from tests.integration.gateway.client import Client, Gateway
from tests.support.chain_services import CHAIN
from tests.support.inprocess_platform import InProcessPlatform, inprocess_platform
from tests.support.postgres import Database
from tests.support.waiting import eventually, free_port

FIRST = {"flow_type": "harvest", "name": "Orchard"}


@pytest.fixture(scope="module")
async def platform(
    database_urls: Database, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[InProcessPlatform]:
    folder = tmp_path_factory.mktemp("platform")
    async with inprocess_platform(database_urls, folder, *CHAIN) as running:
        yield running


@pytest.fixture(scope="module")
def gateway(platform: InProcessPlatform, tmp_path_factory: pytest.TempPathFactory) -> Gateway:
    store = ArtifactStore.open(tmp_path_factory.mktemp("uploads").as_uri())
    return Gateway(platform.database, store, GatewaySettings(rate=0))


@pytest.fixture
def ann(gateway: Gateway, platform: InProcessPlatform) -> Client:
    return gateway.client(platform.tenant, "operator")


async def ended(ann: Client, flow_id: str, flows: int) -> dict[str, Any]:
    """The chain once so many flows have completed."""

    async def found() -> dict[str, Any] | None:
        chain = await ann.json("GET", f"/flows/{flow_id}/chain")
        done = [flow for flow in chain["flows"] if flow["status"] == "completed"]
        return chain if len(done) == flows else None

    chain = await eventually(found, timeout=60, what=f"{flows} flows have completed")
    assert chain is not None
    return chain


async def test_a_chain_is_started_by_one_request_and_drawn_by_another(ann: Client) -> None:
    body = {**FIRST, "through": "shipping", "auto_accept": True, "scope": {"assets": ["apple 1"]}}
    answer = await ann("POST", "/chains", 202, json=body)
    flow_id = answer.json()["flow_id"]
    assert answer.headers["Location"] == f"/api/v1/flows/{flow_id}/chain"
    chain = await ended(ann, flow_id, 3)
    assert chain["flow_types"] == ["harvest", "sorting", "shipping"]
    assert (chain["root_flow_id"], chain["through"], chain["progress"]) == (flow_id, "shipping", 1.0)
    assert [flow["flow_type"] for flow in chain["flows"]] == ["harvest", "sorting", "shipping"]
    parents = [flow["parent_flow_id"] for flow in chain["flows"]]
    assert parents == [None, *(flow["id"] for flow in chain["flows"][:2])]
    assert {flow["configuration"]["scope"]["assets"][0] for flow in chain["flows"]} == {"apple 1"}
    assert [edge["status"] for edge in chain["handoffs"]] == ["accepted", "accepted"]
    assert [given["name"] for given in chain["handoffs"][1]["datasets"]] == ["crates", "fruit"]
    assert chain["handoffs"][1]["datasets"][1]["flow_id"] == flow_id, "handed on, not made anew"
    last = chain["flows"][2]["id"]
    assert await ann.json("GET", f"/flows/{last}/chain") == chain, "the same from any of its flows"


async def test_a_flow_alone_stays_alone_until_it_is_handed_over(ann: Client) -> None:
    flow = await ann.create(flow_type="harvest")
    chain = await ended(ann, flow["id"], 1)
    assert (chain["flow_types"], chain["handoffs"]) == (["harvest"], [])
    handoff = await ann.json("POST", f"/flows/{flow['id']}/handoffs", 202)
    assert (handoff["target_flow_type"], handoff["requested_by"]) == ("sorting", "ann")
    chain = await ended(ann, flow["id"], 2)
    assert chain["flows"][1]["created_by"] == "ann"
    (kept,) = (await ann.json("GET", f"/flows/{flow['id']}/handoffs"))["items"]
    assert (kept["status"], kept["target_flow_id"]) == ("accepted", chain["flows"][1]["id"])
    assert all(rule["passed"] for rule in kept["rules"])


async def test_a_flow_that_begins_with_a_handoff_is_refused_at_once_and_says_what_to_do(ann: Client) -> None:
    body = {"flow_type": "sorting", "name": "an orchard without fruit"}
    problem = await ann.json("POST", "/flows", 422, json=body)

    assert (problem["code"], problem["pointer"]) == ("needs_handoff", "/flow_type")
    assert "(fruit)" in problem["detail"]
    assert "POST /chains" in problem["detail"]
    assert (await ann.json("GET", "/flows", params={"q": "without fruit"}))["items"] == []


async def test_the_command_refuses_such_a_flow_before_it_delivers_any_file(
    gateway: Gateway, platform: InProcessPlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("caravan.running.run", asyncio.run)
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(gateway.app, port=port, log_level="warning", lifespan="off"))
    serving = asyncio.ensure_future(server.serve())

    async def started() -> bool:
        return server.started

    await eventually(started, what="the gateway listens")
    file = tmp_path / "fruit.csv"
    file.write_text("name\napple\n", encoding="utf-8")
    env = {
        "CARAVAN_URL": f"http://127.0.0.1:{port}",
        "CARAVAN_TOKEN": gateway.token(platform.tenant, "operator"),
    }
    arguments = ["flow", "create", str(file), "--type", "sorting", "--data-dir", str(tmp_path)]
    done = await asyncio.to_thread(CliRunner(env=env).invoke, app, arguments)
    server.should_exit = True
    await serving

    assert isinstance(done.exception, BadInput)
    assert "--through sorting" in str(done.exception)
    async with platform.database.transaction(platform.tenant) as transaction:
        counted = await transaction.connection.exec_driver_sql(
            "select count(*) from uploads where name = 'fruit.csv'"
        )
        assert counted.scalar() == 0


async def test_a_failed_handoff_shows_the_rule_that_did_not_hold(ann: Client) -> None:
    flow = await ann.create(flow_type="harvest", configuration={"apples": 0, "through": "sorting"})

    async def failed() -> dict[str, Any] | None:
        items = (await ann.json("GET", f"/flows/{flow['id']}/handoffs"))["items"]
        return items[-1] if items and items[-1]["status"] == "failed" else None

    handoff = await eventually(failed, timeout=30, what="the handoff has failed")
    assert handoff is not None
    assert handoff["error"]["message"] == "there is fruit: 0 apples"
    assert [rule["rule"] for rule in handoff["rules"] if not rule["passed"]] == ["there is fruit"]
    (entry,) = (await ann.json("GET", "/inbox", params={"flow": flow["id"]}))["items"]
    assert (entry["kind"], entry["id"], entry["error"]) == ("handoff", handoff["id"], handoff["error"])
    (action,) = entry["actions"]
    await ann.json(action["method"], action["path"], 202, json=action["body"])


async def test_chains_need_a_place_among_the_flows_that_the_client_may_run(
    ann: Client, platform: InProcessPlatform
) -> None:
    done = await ann.create(flow_type="harvest")
    await ended(ann, done["id"], 1)
    quota = "update client_accounts set quotas = $1::text::jsonb where client_account_id = $2"
    client = platform.tenant.client_account_id
    async with platform.database.transaction(platform.tenant) as transaction:
        await transaction.connection.exec_driver_sql(quota, ('{"flows_running": 0}', client))
    try:
        body = {**FIRST, "through": "sorting"}
        assert await ann.code("POST", "/chains", 429, json=body) == "quota_reached"
        assert await ann.code("POST", f"/flows/{done['id']}/handoffs", 429) == "quota_reached"
        assert (await ann.json("GET", f"/flows/{done['id']}/handoffs"))["items"] == []
    finally:
        async with platform.database.transaction(platform.tenant) as transaction:
            await transaction.connection.exec_driver_sql(quota, ("{}", client))
    await ann.json("POST", f"/flows/{done['id']}/handoffs", 202)
    await ended(ann, done["id"], 2)


async def test_a_chain_and_a_handoff_sent_twice_under_a_key_are_made_once(ann: Client) -> None:
    first, second = ({"Idempotency-Key": str(new_id())} for _ in range(2))
    body = {**FIRST, "through": "harvest"}
    made = await ann("POST", "/chains", 202, json=body, headers=first)
    again = await ann("POST", "/chains", 202, json=body, headers=first)
    assert again.json() == made.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    flow_id = made.json()["flow_id"]
    await ended(ann, flow_id, 1)
    path = f"/flows/{flow_id}/handoffs"
    asked = await ann.json("POST", path, 202, headers=second)
    assert await ann.json("POST", path, 202, headers=second) == asked
    await ended(ann, flow_id, 2)
    assert [each["id"] for each in (await ann.json("GET", path))["items"]] == [asked["id"]]


@pytest.mark.parametrize(
    ("path", "body", "code", "pointer"),
    [
        ("/chains", {**FIRST, "through": "nowhere"}, "unreachable_flow_type", "/through"),
        (
            "/chains",
            {**FIRST, "flow_type": "sorting", "through": "harvest"},
            "unreachable_flow_type",
            "/through",
        ),
        ("/chains", {"name": "x", "through": "y", "flow_type": "z"}, "unknown_flow_type", "/flow_type"),
        (
            "/chains",
            {**FIRST, "through": "sorting", "uploads": [f"{1:032x}"]},
            "unknown_upload",
            "/uploads/0",
        ),
        (
            "/flows",
            {**FIRST, "configuration": {"through": "nowhere"}},
            "unreachable_flow_type",
            "/configuration/through",
        ),
    ],
)
async def test_a_chain_that_leads_nowhere_is_refused(
    ann: Client, path: str, body: dict[str, Any], code: str, pointer: str
) -> None:
    problem = await ann.json("POST", path, 422, json=body)
    assert (problem["code"], problem["pointer"]) == (code, pointer)


async def test_what_can_not_be_handed_over_says_why(ann: Client) -> None:
    started = await ann.json("POST", "/chains", 202, json={**FIRST, "through": "shipping"})
    last = (await ended(ann, started["flow_id"], 3))["flows"][2]
    path = f"/flows/{last['id']}/handoffs"
    assert await ann.code("POST", path, 422) == "no_next_flow_type"
    assert await ann.code("POST", path, 422, json={"target_flow_type": "shipping"}) == "no_next_flow_type"
    # It picks no number of apples: whether it is tried again or has failed by now, it is not completed.
    broken = await ann.create(flow_type="harvest", configuration={"apples": "many"})
    path = f"/flows/{broken['id']}/handoffs"
    assert await ann.code("POST", path, 409, json={"target_flow_type": "sorting"}) == "not_completed"


async def test_chains_are_the_tenants_own_and_a_viewer_starts_none(
    ann: Client, gateway: Gateway, platform: InProcessPlatform
) -> None:
    viewer = gateway.client(platform.tenant, "viewer")
    flow = await ann.create(flow_type="harvest")
    assert await viewer.code("POST", "/chains", 403, json={**FIRST, "through": "sorting"}) == "forbidden"
    assert await viewer.code("POST", f"/flows/{flow['id']}/handoffs", 403) == "forbidden"
    await viewer("GET", f"/flows/{flow['id']}/chain")
