"""Rollbacks over the API: planned, refused when stale, started, followed."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from caravan_common.contracts import Tenant
from tests.integration.gateway.client import Client, Gateway, Worker
from tests.support.flows import Flows
from tests.support.growing import grow

Gathered = Callable[..., Awaitable[Any]]


async def test_a_plan_changes_nothing_and_names_everything(ann: Client, gathered: Gathered) -> None:
    flow = await gathered(4)
    asset = (await ann.json("GET", "/assets"))["items"][0]
    await ann("PATCH", f"/assets/{asset['id']}", json={"set": {"environment": "staging"}, "reason": "x"})
    before = (await ann("GET", f"/flows/{flow['id']}")).headers["ETag"]
    path = f"/flows/{flow['id']}/rollbacks:plan"
    plan = await ann.json("POST", path, json={"kind": "phase", "phase": "gather"})
    assert plan["phases"] == ["gather", "polish"]
    assert [dataset["name"] for dataset in plan["datasets"]] == ["assets"]
    assert (plan["decisions"], plan["assets"]["rows"]) == ([1], 4)
    assert "environment" in plan["assets"]["columns"]
    assert await ann.json("POST", path, json={"kind": "phase", "phase": "gather"}) == plan
    assert (await ann("GET", f"/flows/{flow['id']}")).headers["ETag"] == before


async def test_a_rollback_starts_by_the_digest_of_its_plan_and_can_be_followed(
    ann: Client, gathered: Gathered
) -> None:
    flow = await gathered()
    kind = {"kind": "phase", "phase": "gather"}
    plan = await ann.json("POST", f"/flows/{flow['id']}/rollbacks:plan", json=kind)
    body = {**kind, "digest": plan["digest"], "reason": "wrong mapping"}
    started = await ann("POST", f"/flows/{flow['id']}/rollbacks", 202, json=body)
    rollback_id = started.json()["rollback_id"]
    assert started.headers["Location"] == f"/api/v1/rollbacks/{rollback_id}"
    rollback = await ann.json("GET", f"/rollbacks/{rollback_id}")
    assert (rollback["status"], rollback["reason"], rollback["requested_by"]) == (
        "proving",
        "wrong mapping",
        "ann",
    )
    assert rollback["plan"]["digest"] == plan["digest"]
    listed = (await ann.json("GET", f"/flows/{flow['id']}/rollbacks"))["items"]
    assert [one["id"] for one in listed] == [rollback_id]
    flow = await ann.json("GET", f"/flows/{flow['id']}")
    assert [phase["status"] for phase in flow["phases"]] == ["completed", "rolled_back", "pending"] or [
        phase["status"] for phase in flow["phases"]
    ] == ["completed", "rolled_back", "rolled_back"]


async def test_a_plan_gone_stale_is_refused(ann: Client, worker: Worker, gathered: Gathered) -> None:
    flow = await gathered()
    plan = await ann.json("POST", f"/flows/{flow['id']}/rollbacks:plan", json={"kind": "flow"})
    await worker.complete(flow["id"])
    body = {"kind": "flow", "digest": plan["digest"], "reason": "x"}
    assert await ann.code("POST", f"/flows/{flow['id']}/rollbacks", 409, json=body) == "stale_digest"
    assert (await ann.json("GET", f"/flows/{flow['id']}"))["status"] == "completed"


async def test_what_can_not_be_rolled_back_says_why(ann: Client) -> None:
    flow = await ann.create()
    path = f"/flows/{flow['id']}/rollbacks:plan"
    for body, status, code in (
        ({"kind": "phase", "phase": "polish"}, 409, "nothing_to_roll_back"),
        ({"kind": "phase", "phase": "unheard_of"}, 409, "unknown_phase"),
        ({"kind": "selective", "phase": "gather", "keys": ["a"]}, 409, "not_selective"),
        ({"kind": "everything"}, 422, "invalid_request"),
    ):
        assert await ann.code("POST", path, status, json=body) == code


async def test_a_flow_that_another_has_grown_from_is_refused_and_its_cascade_offered(
    ann: Client, worker: Worker, gateway: Gateway, tenant: Tenant, gathered: Gathered
) -> None:
    flow = await gathered()
    await worker.complete(flow["id"])
    flows = Flows(gateway.database, tenant, lambda: None)
    child = str(await grow(flows, UUID(flow["id"]), "looked_at", start=False))
    path = f"/flows/{flow['id']}/rollbacks"
    refused = await ann.json("POST", f"{path}:plan", 409, json={"kind": "phase", "phase": "gather"})
    offered = refused["cascade"]
    assert refused["code"] == "has_children"
    assert (offered["kind"], offered["phase"], offered["flows"]) == ("cascade", "gather", [child, flow["id"]])
    body = {"kind": "cascade", "phase": "gather"}
    plan = await ann.json("POST", f"{path}:plan", json=body)
    assert plan["digest"] == offered["digest"]
    assert [(part["flow_id"], part["phases"]) for part in plan["parts"]] == [
        (child, ["read", "gather", "polish"]),
        (flow["id"], ["gather", "polish"]),
    ]
    assert [handoff["target_flow_id"] for handoff in plan["handoffs"]] == [child]
    assert plan["assets"]["rows"] == 3
    order = {"kind": "phase", "phase": "gather", "digest": plan["digest"], "reason": "x"}
    assert await ann.code("POST", path, 409, json=order) == "has_children"
    started = await ann.json("POST", path, 202, json={**order, **body})
    rollback = await ann.json("GET", f"/rollbacks/{started['rollback_id']}")
    assert [(part["flow_id"], part["status"]) for part in rollback["parts"]] == [
        (child, "restored"),
        (flow["id"], "proving"),
    ]
    (part,) = (await ann.json("GET", f"/flows/{child}/rollbacks"))["items"]
    assert (part["cascade_id"], part["kind"]) == (started["rollback_id"], "cascade")
