"""Clients, engagements, members, quotas and service accounts: who may change what, and that it counts at once."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from caravan_common.contracts import Tenant, new_id
from caravan_orchestrator.naming import client_id_of, engagement_id_of
from caravan_orchestrator.store.audit import verify_engagement
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.usecases.service_accounts import Key
from tests.integration.gateway.client import Client, Gateway
from tests.integration.gateway.objects import second_engagement
from tests.support.waiting import eventually

ROBOT = {"name": "robot", "roles": ["operator"]}


def later(**time: float) -> str:
    return (datetime.now(UTC) + timedelta(**time)).isoformat()


@pytest.fixture
def root(gateway: Gateway, tenant: Tenant) -> Client:
    """The client's admin."""
    return gateway.client(tenant, "admin", subject="root")


@pytest.fixture
def operator(gateway: Gateway, tenant: Tenant) -> Client:
    """Who runs the platform; of no client here."""
    nobodys = Tenant(client_account_id=new_id(), engagement_id=new_id())
    return gateway.client(nobodys, "platform", subject="platform-operator")


async def enrolled(root: Client, subject: str, *roles: str, **more: Any) -> Any:
    body = {"subject": subject, "roles": list(roles), **more}
    return await root.json("POST", "/memberships", 201, json=body)


async def actions(client: Client) -> list[tuple[str, str]]:
    rows = (await client.json("GET", "/audit", params={"limit": 500}))["items"]
    return [(row["action"], row["actor"]) for row in reversed(rows)]


async def test_the_platforms_operator_makes_a_client_and_sees_nothing_of_it(
    gateway: Gateway, operator: Client
) -> None:
    name = f"Harbour {new_id()}"
    key = {"Idempotency-Key": str(new_id())}
    body = {"name": name, "engagement": "north"}
    made = await operator.json("POST", "/clients", 201, json=body, headers=key)
    assert await operator.json("POST", "/clients", 201, json=body, headers=key) == made
    assert await operator.code("POST", "/clients", 409, json=body) == "name_taken"
    client = client_id_of(name)
    tenant = Tenant(client_account_id=client, engagement_id=engagement_id_of(client, "north"))
    assert (made["id"], made["engagement_id"]) == (str(client), str(tenant.engagement_id))
    listed = [row["id"] for page in await operator.pages("/clients", limit=2) for row in page]
    assert made["id"] in listed
    assert len(listed) == len(set(listed))
    assert await operator.code("GET", "/flows", 403) == "forbidden"
    assert await actions(gateway.client(tenant, "viewer")) == [("client.created", "platform-operator")]


async def test_an_admin_makes_engagements_of_the_own_client_only(
    gateway: Gateway, root: Client, stranger: Client, tenant: Tenant
) -> None:
    made = await root.json("POST", "/engagements", 201, json={"name": "south"})
    assert await root.code("POST", "/engagements", 409, json={"name": "south"}) == "name_taken"
    theirs = await stranger.json("POST", "/engagements", 201, json={"name": "south"})
    assert made["id"] != theirs["id"]
    both = gateway.client(tenant, "viewer", engagements=[tenant.engagement_id, made["id"], theirs["id"]])
    seen = (await both.json("GET", "/engagements", params={"engagement": made["id"]}))["items"]
    assert {row["name"] for row in seen} == {"main", "south"}
    assert ("engagement.created", "root") in await actions(root)


async def test_a_membership_bounds_what_a_token_says(gateway: Gateway, root: Client, tenant: Tenant) -> None:
    bob = gateway.client(tenant, "operator", "approver", subject="bob")
    await bob.create()
    member = await enrolled(root, "bob", "viewer", "admin", display_name="Bob")
    assert (member["roles"], member["display_name"]) == (["admin", "viewer"], "Bob")
    # As admin he could operate, and his token says operator; but it does not say admin, nor the membership approver.
    await bob.create()
    assert await bob.code("GET", "/memberships", 403) == "forbidden"
    assert await bob.code("POST", f"/approvals/{new_id()}/approve", 403) == "forbidden"
    await root.json("PATCH", f"/memberships/{member['id']}", json={"roles": ["viewer"]})
    await bob("GET", "/flows")
    assert await bob.code("POST", "/flows", 403, json={"flow_type": "looked_at", "name": "x"}) == "forbidden"
    await root.json("PATCH", f"/memberships/{member['id']}", json={"roles": ["operator"]})
    await bob.create()
    assert [row["subject"] for row in (await root.json("GET", "/memberships"))["items"]] == ["bob"]


async def test_a_removed_member_may_do_nothing_at_once(
    gateway: Gateway, root: Client, tenant: Tenant
) -> None:
    bob = gateway.client(tenant, "operator", subject="bob")
    member = await enrolled(root, "bob", "operator")
    await bob.create()
    await root("DELETE", f"/memberships/{member['id']}", 204)
    assert await bob.code("GET", "/flows", 403) == "forbidden"
    assert await root.code("DELETE", f"/memberships/{member['id']}", 404) == "not_found"
    again = await enrolled(root, "bob", "viewer")
    assert again["id"] != member["id"]
    await bob("GET", "/flows")
    made = [action for action, _ in await actions(root) if action.startswith("membership")]
    assert made == ["membership.created", "membership.removed", "membership.created"]


async def test_a_membership_ends_when_it_says(gateway: Gateway, root: Client, tenant: Tenant) -> None:
    bob = gateway.client(tenant, "viewer", subject="bob")
    over = {"subject": "bob", "roles": ["viewer"], "expires_at": later(days=-1)}
    assert await root.code("POST", "/memberships", 422, json=over) == "invalid_value"
    member = await enrolled(root, "bob", "viewer", expires_at=later(days=1))
    await bob("GET", "/flows")
    await root.json("PATCH", f"/memberships/{member['id']}", json={"expires_at": later(seconds=-1)})
    assert await bob.code("GET", "/flows", 403) == "forbidden"


async def test_a_membership_counts_in_its_own_engagement_only(
    gateway: Gateway, root: Client, tenant: Tenant
) -> None:
    other = await second_engagement(gateway, tenant)
    bob = gateway.client(
        tenant, "operator", subject="bob", engagements=[tenant.engagement_id, other.engagement_id]
    )
    await enrolled(root, "bob", "operator")
    await bob.create(engagement_id=str(tenant.engagement_id))
    there = {"engagement": str(other.engagement_id)}
    assert await bob.code("GET", "/flows", 403, params=there) == "forbidden"
    body = {"flow_type": "looked_at", "name": "x", "engagement_id": str(other.engagement_id)}
    assert await bob.code("POST", "/flows", 403, json=body) == "forbidden"


async def test_nobody_changes_their_own_membership(gateway: Gateway, root: Client, tenant: Tenant) -> None:
    own = {"subject": "root", "roles": ["admin", "approver"]}
    assert await root.code("POST", "/memberships", 403, json=own) == "own_membership"
    second = gateway.client(tenant, "admin", subject="second")
    member = await enrolled(second, "root", "admin")
    path = f"/memberships/{member['id']}"
    assert await root.code("PATCH", path, 403, json={"roles": ["approver"]}) == "own_membership"
    assert await root.code("DELETE", path, 403) == "own_membership"
    assert await second.code("POST", "/memberships", 409, json=own) == "already_a_member"


async def test_a_stream_of_events_ends_with_the_membership(
    gateway: Gateway, root: Client, tenant: Tenant
) -> None:
    """The whole stream is read: its first bytes were sent while Bob was a member, and it ends long before his token."""
    bob = gateway.client(tenant, "viewer", subject="bob")
    member = await enrolled(root, "bob", "viewer")
    entered = asyncio.Event()
    seen = gateway.app.state.standing.of

    async def noticed(principal: Any) -> Any:
        found = await seen(principal)
        entered.set()
        return found

    gateway.app.state.standing.of = noticed
    try:
        following = asyncio.create_task(bob.http.get("/events"))
        await entered.wait()
        await root("DELETE", f"/memberships/{member['id']}", 204)
        async with asyncio.timeout(30):
            answer = await following
    finally:
        gateway.app.state.standing.of = seen
    assert (answer.status_code, answer.text[:6]) == (200, "retry:")


async def test_quotas_are_seen_by_the_client_and_set_by_the_platform(
    operator: Client, root: Client, ann: Client, tenant: Tenant
) -> None:
    path = f"/quotas/{tenant.client_account_id}"
    assert await root.code("PUT", path, 403, json={"flows_running": 5}) == "forbidden"
    await operator.json("PUT", path, json={"flows_running": 5, "llm_tokens": 1000})
    changed = await operator.json("PUT", path, json={"llm_tokens": None, "upload_bytes": 9_000})
    assert changed["quotas"] == {"flows_running": 5, "upload_bytes": 9_000, "llm_tokens": None}
    await ann.create()
    await ann.upload(b"a,b\n1,2\n")
    seen = await ann.json("GET", "/quotas")
    assert seen["quotas"] == changed["quotas"]
    assert seen["used"] == {"flows_running": 1, "upload_bytes": 8, "llm_tokens": 0}
    assert await operator.code("PUT", path, 422, json={"flows_running": -1}) == "invalid_request"
    assert await operator.code("PUT", path, 422, json={"flows": 1}) == "invalid_request"
    assert ("quotas.changed", "platform-operator") in await actions(ann)


async def test_a_service_accounts_key_is_shown_once_and_opens_its_engagement(
    gateway: Gateway, root: Client, tenant: Tenant, database: SqlDatabase
) -> None:
    body, key = {**ROBOT, "expires_at": later(days=30)}, {"Idempotency-Key": str(new_id())}
    made = await root.json("POST", "/service-accounts", 201, json=body, headers=key)
    repeated = await root.json("POST", "/service-accounts", 201, json=body, headers=key)
    assert repeated == {**made, "key": None}
    assert await root.code("POST", "/service-accounts", 409, json=body) == "name_taken"
    robot = Client(gateway, made["key"])
    await robot.create()
    for path in ("/memberships", "/service-accounts"):
        assert await robot.code("GET", path, 403) == "forbidden"
    assert await robot.code("POST", f"/approvals/{new_id()}/approve", 403) == "forbidden"
    elsewhere = {"engagement": str((await second_engagement(gateway, tenant)).engagement_id)}
    assert await robot.code("GET", "/flows", 404, params=elsewhere) == "not_found"
    listed = (await root.json("GET", "/service-accounts"))["items"]
    assert [(row["name"], row["last_used_at"] is None) for row in listed] == [("robot", False)]
    secret = made["key"].partition(".")[2]
    async with database.transaction(tenant) as transaction:
        run = transaction.connection.exec_driver_sql
        for table in ("service_accounts", "idempotency_keys", "audit_log"):
            kept = (await run(f"select to_jsonb(t)::text from {table} t")).scalars().all()
            assert kept
            assert secret not in "".join(kept)
        assert await verify_engagement(transaction) is None


async def test_a_revoked_key_opens_nothing_at_once(gateway: Gateway, root: Client) -> None:
    made = await root.json("POST", "/service-accounts", 201, json={**ROBOT, "expires_at": later(days=1)})
    robot = Client(gateway, made["key"])
    await robot("GET", "/flows")
    path = f"/service-accounts/{made['id']}"
    for _ in range(2):
        await root("DELETE", path, 204)
    assert await robot.code("GET", "/flows", 401) == "invalid_token"
    assert (await root.json("GET", "/service-accounts"))["items"] == []
    shown = (await root.json("GET", "/service-accounts", params={"revoked": True}))["items"]
    assert [row["revoked_at"] is None for row in shown] == [False]
    # Its name is free again.
    again = await root.json("POST", "/service-accounts", 201, json={**ROBOT, "expires_at": later(days=1)})
    assert again["id"] != made["id"]
    revoked = [action for action, _ in await actions(root) if action == "service_account.revoked"]
    assert len(revoked) == 1


async def test_a_key_ends_when_its_account_says(
    gateway: Gateway, root: Client, database: SqlDatabase, tenant: Tenant
) -> None:
    for moment in (later(seconds=-1), later(days=400)):
        body = {**ROBOT, "expires_at": moment}
        assert await root.code("POST", "/service-accounts", 422, json=body) == "invalid_value"
    made = await root.json("POST", "/service-accounts", 201, json={**ROBOT, "expires_at": later(days=1)})
    robot = Client(gateway, made["key"])
    await robot("GET", "/flows")
    async with database.transaction(tenant) as transaction:
        changed = await transaction.connection.exec_driver_sql(
            "update service_accounts set expires_at = now() where id = $1", (made["id"],)
        )
        assert changed.rowcount == 1

    async def ended() -> bool:
        return (await robot.http.get("/flows")).status_code == 401

    await eventually(ended, what="the key is good no longer")


async def test_machines_neither_approve_nor_manage(root: Client) -> None:
    """Else an admin would have a second pair of eyes at once."""
    for role in ("approver", "admin", "platform"):
        body = {"name": "robot", "roles": [role], "expires_at": later(days=1)}
        assert await root.code("POST", "/service-accounts", 422, json=body) == "invalid_request"
    posing = {"subject": "service-account:robot", "roles": ["approver"]}
    assert await root.code("POST", "/memberships", 422, json=posing) == "invalid_value"


async def test_forged_keys_open_nothing(gateway: Gateway, root: Client, tenant: Tenant) -> None:
    made = await root.json("POST", "/service-accounts", 201, json={**ROBOT, "expires_at": later(days=1)})
    key = Key.parse(made["key"])
    assert key is not None
    assert key.secret not in repr(key)
    forged = [
        str(Key(key.client, key.account, "x" * 43)),
        str(Key(key.client, new_id(), key.secret)),
        str(Key(new_id(), key.account, key.secret)),
        str(Key(key.client, key.account, "")),
        made["key"][:-1],
        "cvsa_",
        "cvsa_.",
        "cvsa_AAAA.x",
        "cvsa_" + "A" * 10_000,
    ]
    for each in forged:
        assert await Client(gateway, each).code("GET", "/flows", 401) == "invalid_token"


async def test_a_token_can_not_pose_as_a_service_account(gateway: Gateway, tenant: Tenant) -> None:
    posing = gateway.client(tenant, "viewer", subject="service-account:robot")
    assert await posing.code("GET", "/flows", 401) == "invalid_token"
