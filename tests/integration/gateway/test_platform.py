"""Errors, health, metrics, dead letters, and the document that describes it all."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest

from caravan_common.artifacts import ArtifactStore
from caravan_common.bus import BusUnavailable
from caravan_common.contracts import Tenant, new_id
from caravan_orchestrator.api.app import create_app
from caravan_orchestrator.store.database import SqlDatabase, make_engine
from caravan_orchestrator.store.dead_letters import DeadLetter, park
from caravan_orchestrator.usecases.service_accounts import Key
from tests.integration.gateway.client import Client, Gateway
from tests.integration.gateway.conftest import SETTINGS
from tests.support.postgres import Database


async def test_unknown_paths_and_methods_are_problems_too(ann: Client) -> None:
    for method, path, status, code in (
        ("GET", "/nowhere", 404, "not_found"),
        ("PUT", "/flows", 405, "method_not_allowed"),
    ):
        answer = await ann.http.request(method, path)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.headers["content-type"] == "application/problem+json"
        assert len(answer.json()["trace_id"]) == 32


async def test_a_body_that_is_no_json_or_too_large_is_refused(ann: Client) -> None:
    headers = {"Content-Type": "application/json"}
    assert (await ann("POST", "/flows", 400, content=b"{", headers=headers)).json()[
        "code"
    ] == "malformed_json"
    large = b'{"name": "' + b"x" * SETTINGS.body_bytes + b'"}'
    assert (await ann("POST", "/flows", 413, content=large, headers=headers)).json()["code"] == "too_large"

    async def streamed() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 5000):
            yield large[start : start + 5000]

    answer = await ann("POST", "/flows", 413, content=streamed(), headers=headers)
    assert answer.json()["code"] == "too_large"


async def test_every_fault_of_a_body_is_named_with_its_pointer(ann: Client) -> None:
    problem = await ann.json("POST", "/flows", 422, json={"name": "", "auto_accept": "perhaps"})
    pointers = {fault["pointer"] for fault in problem["errors"]}
    assert {"/flow_type", "/name", "/auto_accept"} <= pointers
    query = await ann.json("GET", "/flows", 422, params={"limit": 0})
    assert (query["pointer"], query["errors"][0]["parameter"]) == (None, "limit")


@pytest.mark.parametrize("awkward", ["\\u0000", "\\ud800", "1e999", "123456789012345678901234567890"])
async def test_values_that_can_not_be_stored_are_the_clients_fault(ann: Client, awkward: str) -> None:
    value = awkward if awkward[0] == "1" else f'"{awkward}"'
    body = f'{{"flow_type": "looked_at", "name": "x", "configuration": {{"scope": [{value}]}}}}'
    headers = {"Content-Type": "application/json"}
    answer = await ann("POST", "/flows", 422, content=body.encode(), headers=headers)
    assert answer.json()["code"] == "invalid_request"


async def test_without_its_database_the_gateway_asks_to_come_again(
    gateway: Gateway, tenant: Tenant, ann: Client, tmp_path: Any
) -> None:
    away = SqlDatabase(
        make_engine("postgresql://caravan_app@127.0.0.1:1/none"),
        make_engine("postgresql://x@127.0.0.1:1/none"),
    )
    lost = Gateway(away, ArtifactStore.open(tmp_path.as_uri()), SETTINGS)
    client = lost.client(tenant, "operator")
    for method, path, body in (
        ("GET", "/flows", None),
        ("POST", "/flows", {"flow_type": "looked_at", "name": "x"}),
    ):
        answer = await client(method, path, 503, json=body)
        assert answer.json()["code"] == "database_unavailable"
        assert int(answer.headers["Retry-After"]) >= 1
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(lost.app), base_url="http://gateway"
    ) as outside:
        assert (await outside.get("/metrics")).status_code == 503
        assert (await outside.get("/health/live")).status_code == 200


@pytest.mark.parametrize("key", [False, True])
async def test_who_waits_too_long_for_a_connection_is_told_that_too_many_ask(
    database_urls: Database, tenant: Tenant, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, *, key: bool
) -> None:
    """The database is there; so it is not said to be away. Also where a service account's key is looked up."""
    app = make_engine(database_urls.as_role("caravan_app"), size=1)
    monkeypatch.setattr(app.sync_engine.pool, "_timeout", 0.05)
    database = SqlDatabase(app, make_engine(database_urls.as_role("caravan_dispatch")))
    full = Gateway(database, ArtifactStore.open(tmp_path.as_uri()), SETTINGS)
    client = full.client(tenant, "operator")
    await client.json("GET", "/flows")  # its standing is known for a second
    if key:
        client.http.headers["Authorization"] = f"Bearer {Key.new(tenant.client_account_id, new_id())}"
    async with app.connect():
        answer = await client("GET", "/flows", 503)
    assert answer.json()["code"] == "busy"
    assert int(answer.headers["Retry-After"]) >= 1
    await database.dispose()


async def test_without_its_artifact_store_an_upload_asks_to_come_again(
    database: SqlDatabase, tenant: Tenant, tmp_path: Any
) -> None:
    folder = tmp_path / "artifacts"
    lost = Gateway(database, ArtifactStore.open(folder.as_uri()), SETTINGS)
    folder.rmdir()
    folder.write_text("a file where the folder was")
    answer = await lost.client(tenant, "operator").upload(status=503)
    assert answer["code"] == "artifact_store_unavailable"


async def test_health_says_whether_the_platform_is_ready(
    gateway: Gateway, outside: httpx.AsyncClient
) -> None:
    assert (await outside.get("/health/live")).json() == {"status": "ok"}
    assert (await outside.get("/health/ready")).json()["ready"] is True
    gateway.ready = False
    try:
        answer = await outside.get("/health/ready")
    finally:
        gateway.ready = True
    assert (answer.status_code, answer.json()["ready"]) == (503, False)


async def test_metrics_count_without_naming_anybody(
    ann: Client, outside: httpx.AsyncClient, tenant: Tenant
) -> None:
    def read(text: str) -> dict[str, float]:
        lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
        return {name: float(value) for name, _, value in lines}

    before = read((await outside.get("/metrics")).text)
    flow = await ann.create()
    await ann("POST", f"/flows/{(await ann.create())['id']}/cancel")
    answer = await outside.get("/metrics")
    after = read(answer.text)
    assert answer.headers["content-type"].startswith("text/plain")
    active, cancelled = 'caravan_flows{status="active"}', 'caravan_flows{status="cancelled"}'
    assert after[active] == before.get(active, 0) + 1
    assert after[cancelled] == before.get(cancelled, 0) + 1
    assert after["caravan_attempts_waiting"] == before["caravan_attempts_waiting"] + 1
    assert after["caravan_flows_without_wakeup"] == 0
    assert after["caravan_outbox_lag_seconds"] > 0
    assert flow["id"] not in answer.text
    assert str(tenant.client_account_id) not in answer.text


async def test_workers_are_counted_as_flow_types_know_them_and_one_without_any_shows_zero(
    ann: Client, outside: httpx.AsyncClient, database: SqlDatabase
) -> None:
    served, deserted = f"served_{new_id().hex[:8]}", f"deserted_{new_id().hex[:8]}"
    insert = """
    insert into flow_types (flow_type, version, digest, definition, replicas)
    select $1, $2, 'd', definition, jsonb_build_object('lately', jsonb_build_object('slots', 1, 'at', now()
    - make_interval(mins => $3)), 'gone', jsonb_build_object('slots', 1, 'at', now() - interval '4 minutes'))
    from flow_types limit 1
    """
    async with database.app.begin() as connection:
        for row in ((served, "1.0.0", 0), (served, "1.1.0", 2), (deserted, "1.0.0", 5)):
            await connection.exec_driver_sql(insert, row)
    text = (await outside.get("/metrics")).text
    listed = (await ann.json("GET", "/flow-types"))["items"]
    async with database.app.begin() as connection:
        for name in (served, deserted):
            await connection.exec_driver_sql("delete from flow_types where flow_type = $1", (name,))
    shown = dict(re.findall(r'^caravan_workers{flow_type="(\w+)"} (\d+)\.0$', text, re.MULTILINE))
    assert (shown[served], shown[deserted]) == ("2", "0")
    assert shown == {each["flow_type"]: str(sum(v["workers"] for v in each["versions"])) for each in listed}


async def test_a_flow_that_nothing_would_wake_is_counted(
    ann: Client, outside: httpx.AsyncClient, database: SqlDatabase, tenant: Tenant
) -> None:
    flow = await ann.create()
    async with database.transaction(tenant) as transaction:
        sql = "update migration_flows set next_wakeup_at = {} where id = $1"
        await transaction.connection.exec_driver_sql(sql.format("null"), (UUID(flow["id"]),))
    assert "caravan_flows_without_wakeup 1.0" in (await outside.get("/metrics")).text
    async with database.transaction(tenant) as transaction:
        await transaction.connection.exec_driver_sql(sql.format("now()"), (UUID(flow["id"]),))


def letter_of(flow: Any, attempt: Any, group: str) -> DeadLetter:
    return DeadLetter(
        id=new_id(),
        queue="caravan.orchestrator.replies.v1",
        reason="rejected",
        error_group=group,
        type="PhaseCompleted",
        message_id=str(new_id()),
        attempt_id=UUID(attempt["id"]),
        flow_id=UUID(flow["id"]),
        headers={},
        body=b"secret",
    )


async def test_dead_letters_are_listed_and_replayed_by_their_own_engagement_only(
    gateway: Gateway, database: SqlDatabase, tenant: Tenant, ann: Client, stranger: Client
) -> None:
    flow = await ann.create()
    attempt = (await ann.json("GET", f"/flows/{flow['id']}/attempts"))["items"][0]
    letters = [letter_of(flow, attempt, f"group {number}") for number in range(2)]
    ids = [letter.id for letter in letters]
    for letter in letters:
        await park(database.dispatch, letter)
    pages = await ann.pages("/dead-letters", limit=1)
    assert [letter["id"] for page in pages for letter in page] == [str(id_) for id_ in ids]
    assert "secret" not in str(pages)
    grouped = await ann.json("GET", "/dead-letters", params={"error_group": "group 1"})
    assert [letter["id"] for letter in grouped["items"]] == [str(ids[1])]
    gateway.replayed.clear()
    for outsider_body in ({"ids": [str(id_) for id_ in ids]}, {}):
        answer = await stranger.json("POST", "/dead-letters:replay", json=outsider_body)
        assert answer == {"replies": 0, "retried": 0, "left": 0}
    assert gateway.replayed == []
    assert (await ann.json("POST", "/dead-letters:replay", json={"error_group": "group 0"}))["replies"] == 1
    assert gateway.replayed == [("ann", tenant.client_account_id, [ids[0]], None)]
    both = {"error_group": "x", "ids": []}
    assert await ann.code("POST", "/dead-letters:replay", 422, json=both) == "invalid_request"
    async with database.dispatch.connect() as connection:
        await connection.exec_driver_sql("update running.dead_letters set status = 'discarded'")


async def test_a_replay_under_a_key_is_done_once(
    gateway: Gateway, database: SqlDatabase, ann: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = await ann.create()
    attempt = (await ann.json("GET", f"/flows/{flow['id']}/attempts"))["items"][0]
    await park(database.dispatch, letter_of(flow, attempt, "group once"))
    gateway.replayed.clear()
    headers = {"Idempotency-Key": "once"}
    body = {"error_group": "group once"}
    first = await ann("POST", "/dead-letters:replay", json=body, headers=headers)
    again = await ann("POST", "/dead-letters:replay", json=body, headers=headers)
    assert (first.json(), again.json(), len(gateway.replayed)) == (first.json(), first.json(), 1)
    assert again.headers["Idempotent-Replayed"] == "true"
    other = {"error_group": "another"}
    assert (
        await ann.code("POST", "/dead-letters:replay", 422, json=other, headers=headers)
        == "idempotency_key_reused"
    )


async def test_a_replay_under_way_is_not_begun_again_and_one_that_failed_may_be(
    gateway: Gateway,
    database: SqlDatabase,
    tenant: Tenant,
    ann: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    flow = await ann.create()
    attempt = (await ann.json("GET", f"/flows/{flow['id']}/attempts"))["items"][0]
    await park(database.dispatch, letter_of(flow, attempt, "group slow"))
    begun, may_end = asyncio.Event(), asyncio.Event()
    fails = True

    async def slow(*_: Any) -> dict[str, int]:
        begun.set()
        await may_end.wait()
        if fails:
            raise BusUnavailable("the broker is away")
        return {"replies": 1, "retried": 0, "left": 0}

    app = create_app(replace(gateway.services, replay=slow))
    http = httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False),
        base_url="http://gateway/api/v1",
        headers={"Authorization": f"Bearer {ann.token}", "Idempotency-Key": "slow"},
    )

    async def ask() -> httpx.Response:
        return await http.post("/dead-letters:replay", json={"error_group": "group slow"})

    first = asyncio.create_task(ask())
    await begun.wait()
    meanwhile = await ask()
    assert (meanwhile.status_code, meanwhile.json()["code"]) == (409, "in_flight")
    may_end.set()
    assert (await first).status_code >= 500
    fails = False
    assert (await ask()).json()["replies"] == 1
    # Of a gateway that died in between nobody settles the key: it is free again after a while.
    async with database.transaction(tenant) as transaction:
        await transaction.connection.exec_driver_sql(
            "update idempotency_keys set status_code = null, created_at = now() - interval '11 minutes'"
            " where key = 'slow'"
        )
    assert (await ask()).json()["replies"] == 1


async def test_the_document_describes_every_route(gateway: Gateway, outside: httpx.AsyncClient) -> None:
    document = (await outside.get("/openapi.json")).json()
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    tags = {tag["name"] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert operation["summary"], path
            assert set(operation["tags"]) <= tags, path
            assert len(operation["tags"]) == 1, path
            if path.startswith("/api/"):
                assert {"401", "403", "503"} <= operation["responses"].keys(), path
                assert operation["security"], path


async def test_requests_beside_each_other_do_not_mix_tenants(
    gateway: Gateway, ann: Client, stranger: Client
) -> None:
    mine, theirs = await ann.create(name="mine"), await stranger.create(name="theirs")
    answers = await asyncio.gather(*((ann if n % 2 else stranger).json("GET", "/flows") for n in range(40)))
    for n, answer in enumerate(answers):
        assert [flow["id"] for flow in answer["items"]] == [(mine if n % 2 else theirs)["id"]]
