"""Who gets in: tokens, roles, and nobody into another tenant's house. Every route is asked."""

import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import insert

from caravan_common.contracts import Tenant, new_id
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.tables.data import learned_patterns
from caravan_orchestrator.store.tables.flow import approvals
from tests.integration.gateway.client import QUESTION, Client, Gateway, Worker
from tests.support.inprocess_platform import new_tenant

Gathered = Callable[..., Awaitable[Any]]
_BODIES: dict[str, Any] = {
    "/flows": {"flow_type": "looked_at", "name": "x"},
    "/answer": {"option": "test"},
    "/assets/{asset_id}": {"set": {"name": "x"}, "reason": "y"},
    "assets:batch": {"filter": {}, "set": {"name": "x"}, "reason": "y", "preview": True},
    "rollbacks:plan": {"kind": "flow"},
    "/rollbacks": {"kind": "flow", "digest": "d", "reason": "r"},
    "dead-letters:replay": {},
    "/mappings": {"mappings": [{"key": "k", "attribute": None}], "reason": "r"},
    "/resolve": {"winner": "x"},
    "/current-estate": {"flow_id": str(UUID(int=1))},
    "/reference-tables/{name}": {"rows": {"product": "facts"}},
}


def _body(path: str) -> Any:
    return next((body for ending, body in _BODIES.items() if path.endswith(ending)), None)


def _operations(gateway: Gateway) -> list[tuple[str, str]]:
    """Method and path below /api/v1 of every route."""
    paths = gateway.shapes.document["paths"]
    return [
        (method.upper(), path.removeprefix("/api/v1"))
        for path, operations in paths.items()
        for method in operations
        if path.startswith("/api/")
    ]


async def test_without_a_token_there_is_only_a_challenge(gateway: Gateway) -> None:
    nobody = Client(gateway, "")
    for method, path in _operations(gateway):
        answer = await nobody.http.request(method, path, content=b"{")
        assert answer.status_code == 401, path
        assert answer.json()["code"] == "unauthenticated"
        assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_a_token_without_roles_may_do_nothing(gateway: Gateway, tenant: Tenant) -> None:
    nobody = Client(gateway, gateway.token(tenant))
    for method, path in _operations(gateway):
        await nobody(method, _filled(path), 403, json=_body(path))


async def test_a_viewer_changes_nothing(gateway: Gateway, tenant: Tenant) -> None:
    viewer = gateway.client(tenant, "viewer")
    changing = [(m, p) for m, p in _operations(gateway) if m != "GET" and not p.endswith(":plan")]
    assert len(changing) > 12
    for method, path in changing:
        assert await viewer.code(method, _filled(path), 403, json=_body(path)) == "forbidden"


async def test_an_operator_does_not_approve_and_an_approver_does_not_operate(
    gateway: Gateway, tenant: Tenant
) -> None:
    approver = gateway.client(tenant, "approver")
    for roles in (("operator",), ("admin",), ("viewer", "operator", "admin")):
        await gateway.client(tenant, *roles)("POST", f"/approvals/{new_id()}/approve", 403)
    await approver("POST", f"/approvals/{new_id()}/approve", 404)
    await approver("POST", "/flows", 403, json=_BODIES["/flows"])
    await approver("GET", "/flows")


def _filled(path: str) -> str:
    return "/".join(str(new_id()) if part.startswith("{") else part for part in path.split("/"))


@pytest.fixture
async def theirs(
    ann: Client, worker: Worker, gathered: Gathered, database: SqlDatabase, tenant: Tenant
) -> dict[str, str]:
    """One object of every kind, by the name of its path parameter."""
    flow = await ann.create()
    await worker.complete(flow["id"], questions=(QUESTION,))
    question = (await ann.json("GET", f"/flows/{flow['id']}/questions"))["items"][0]
    done = await gathered()
    plan = await ann.json("POST", f"/flows/{flow['id']}/rollbacks:plan", json={"kind": "flow"})
    body = {"kind": "flow", "digest": plan["digest"], "reason": "again"}
    rollback = await ann.json("POST", f"/flows/{flow['id']}/rollbacks", 202, json=body)
    approval, pattern = new_id(), new_id()
    async with database.transaction(tenant) as transaction:
        row = {**tenant.model_dump(), "id": approval, "flow_id": UUID(done["id"]), "phase": "polish"}
        row |= {"subject": "polish", "status": "open", "requested_by": "ann"}
        await transaction.connection.execute(insert(approvals).values(**row))
        learned = {
            **tenant.model_dump(),
            "id": pattern,
            "kind": "mapping",
            "pattern": "RAM",
            "normal_form": "ram",
            "created_by": "ann",
        }
        await transaction.connection.execute(insert(learned_patterns).values(**learned, value="memory_gb"))
    return {
        "flow_id": done["id"],
        "phase": "polish",
        "engagement_id": str(tenant.engagement_id),
        "conflict_id": (await ann.json("GET", f"/flows/{done['id']}/entities"))["items"][0]["id"],
        "question_id": question["id"],
        "approval_id": str(approval),
        "pattern_id": str(pattern),
        "dataset_id": (await ann.json("GET", f"/flows/{done['id']}/datasets"))["items"][0]["id"],
        "entity_id": (await ann.json("GET", f"/flows/{done['id']}/entities"))["items"][0]["id"],
        "asset_id": (await ann.json("GET", "/assets"))["items"][0]["id"],
        "rollback_id": rollback["rollback_id"],
        "name": "nobodys_table",
    }


async def test_another_clients_objects_do_not_exist(
    gateway: Gateway, stranger: Client, theirs: dict[str, str], tenant: Tenant
) -> None:
    named = [(method, path) for method, path in _operations(gateway) if "{" in path]
    elsewhere = gateway.client(tenant, "operator", "approver", "admin", engagements=[new_id()])
    for method, path in named:
        for outsider in (stranger, elsewhere):
            assert await outsider.code(method, path.format(**theirs), 404, json=_body(path)) == "not_found", (
                path
            )


async def test_another_clients_lists_are_empty(stranger: Client, theirs: dict[str, str]) -> None:
    for path in ("/flows", "/assets", "/audit", "/learned-patterns", "/dead-letters"):
        assert (await stranger.json("GET", path))["items"] == [], path
    facets = await stranger.json("GET", "/assets:facets")
    assert facets["estate_id"] is None
    assert await stranger.code("GET", "/assets", 404, params={"estate": theirs["flow_id"]}) == "not_found"
    assert await stranger.code("GET", "/events", 404, params={"flow": theirs["flow_id"]}) == "not_found"


async def test_an_engagement_outside_the_token_does_not_exist(
    gateway: Gateway, tenant: Tenant, ann: Client
) -> None:
    other = str(new_id())
    assert await ann.code("GET", "/flows", 404, params={"engagement": other}) == "not_found"
    body = {**_BODIES["/flows"], "engagement_id": other}
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
    assert await ghost.code("POST", "/flows", 404, json=_BODIES["/flows"]) == "not_found"
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
