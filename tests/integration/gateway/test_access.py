"""Who gets in: tokens, roles, engagements. Each operation with each role and id: test_access_matrix.py."""

import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx

from caravan_common.contracts import Tenant, new_id
from caravan_orchestrator.store.database import SqlDatabase
from tests.integration.gateway.client import Client, Gateway
from tests.support.inprocess_platform import new_tenant

Gathered = Callable[..., Awaitable[Any]]
_FLOW = {"flow_type": "looked_at", "name": "x"}


async def test_an_operator_does_not_approve_and_an_approver_does_not_operate(
    gateway: Gateway, tenant: Tenant
) -> None:
    approver = gateway.client(tenant, "approver")
    for roles in (("operator",), ("admin",), ("viewer", "operator", "admin")):
        await gateway.client(tenant, *roles)("POST", f"/approvals/{new_id()}/approve", 403)
    await approver("POST", f"/approvals/{new_id()}/approve", 404)
    await approver("POST", "/flows", 403, json=_FLOW)
    await approver("GET", "/flows")


async def test_another_clients_lists_are_empty(stranger: Client, gathered: Gathered) -> None:
    done = await gathered()
    for path in ("/flows", "/assets", "/audit", "/learned-patterns", "/dead-letters"):
        assert (await stranger.json("GET", path))["items"] == [], path
    facets = await stranger.json("GET", "/assets:facets")
    assert facets["estate_id"] is None
    assert await stranger.code("GET", "/assets", 404, params={"estate": done["id"]}) == "not_found"
    assert await stranger.code("GET", "/events", 404, params={"flow": done["id"]}) == "not_found"


async def test_an_engagement_outside_the_token_does_not_exist(
    gateway: Gateway, tenant: Tenant, ann: Client
) -> None:
    other = str(new_id())
    assert await ann.code("GET", "/flows", 404, params={"engagement": other}) == "not_found"
    body = {**_FLOW, "engagement_id": other}
    assert await ann.code("POST", "/flows", 404, json=body) == "not_found"


async def test_with_several_engagements_one_must_be_named(
    gateway: Gateway, tenant: Tenant, ann: Client
) -> None:
    flow = await ann.create()
    both = gateway.client(tenant, "operator", engagements=[tenant.engagement_id, new_id()])
    assert await both.code("GET", "/flows", 422) == "engagement_required"
    named = await both.json("GET", "/flows", params={"engagement": str(tenant.engagement_id)})
    assert [found["id"] for found in named["items"]] == [flow["id"]]
    made = await both.create(engagement_id=str(tenant.engagement_id))
    assert made["status"] == "active"


async def test_an_engagement_that_the_database_does_not_know_does_not_exist(
    gateway: Gateway, tenant: Tenant
) -> None:
    ghost = gateway.client(tenant, "operator", engagements=[new_id()])
    assert await ghost.code("POST", "/flows", 404, json=_FLOW) == "not_found"
    answer = await ghost.http.post("/uploads", files={"file": ("a", b"x")})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_tokens_that_are_old_meant_for_others_or_forged_are_refused(
    gateway: Gateway, tenant: Tenant, database: SqlDatabase
) -> None:
    other = Gateway(database, gateway.store, gateway.services.settings)
    bad = [
        gateway.token(tenant, "viewer", seconds=-60.0),
        gateway.token(tenant, "viewer", audience="somebody-else"),
        other.token(tenant, "viewer"),
        gateway.token(tenant, "viewer")[:-4] + "AAAA",
        "not.a.token",
    ]
    for token in bad:
        answer = await Client(gateway, token)("GET", "/flows", 401)
        assert answer.json()["code"] == "invalid_token"
        assert "invalid_token" in answer.headers["WWW-Authenticate"]


async def test_a_body_is_not_read_for_strangers(gateway: Gateway) -> None:
    """A token comes before everything: even a body that would be refused."""

    async def endless() -> Any:
        for _ in range(1_000_000):
            yield b"x" * 1000

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(gateway.app), base_url="http://gateway"
    ) as client:
        started = time.monotonic()
        answer = await client.post("/api/v1/uploads", content=endless())
    assert answer.status_code == 401
    assert time.monotonic() - started < 5


async def test_every_tenant_row_is_written_under_the_tokens_tenant(
    gateway: Gateway, database: SqlDatabase, ann: Client
) -> None:
    flow = await ann.create()
    async with database.transaction(await new_tenant(database)) as transaction:
        sql = "select count(*) from migration_flows where id = $1"
        seen = await transaction.connection.exec_driver_sql(sql, (UUID(flow["id"]),))
        assert seen.scalar_one() == 0
