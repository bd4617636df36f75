"""Rollbacks over the API: planned, refused when stale, started, followed."""

from collections.abc import Awaitable, Callable
from typing import Any

from tests.integration.gateway.client import Client, Worker

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
