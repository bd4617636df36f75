"""Idempotency-Key: one effect however often the request comes."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text

from caravan_common.contracts import Tenant
from caravan_orchestrator.store.database import SqlDatabase
from tests.integration.gateway.client import Client, Gateway

BODY = {"flow_type": "looked_at", "name": "once"}


@pytest.fixture
def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}


async def test_a_repeat_gets_the_first_answer_and_has_no_effect(ann: Client, key: dict[str, str]) -> None:
    first = await ann("POST", "/flows", 201, json=BODY, headers=key)
    again = await ann("POST", "/flows", 201, json=BODY, headers=key)
    assert again.json() == first.json()
    assert again.headers["Location"] == first.headers["Location"]
    assert (first.headers.get("Idempotent-Replayed"), again.headers["Idempotent-Replayed"]) == (None, "true")
    assert len((await ann.json("GET", "/flows"))["items"]) == 1


async def test_another_request_under_the_same_key_is_refused(ann: Client, key: dict[str, str]) -> None:
    flow = await ann.json("POST", "/flows", 201, json=BODY, headers=key)
    other = {**BODY, "name": "twice"}
    assert await ann.code("POST", "/flows", 422, json=other, headers=key) == "idempotency_key_reused"
    assert await ann.code("POST", f"/flows/{flow['id']}/pause", 422, headers=key) == "idempotency_key_reused"


async def test_a_request_that_was_refused_may_be_sent_again_under_its_key(
    ann: Client, key: dict[str, str]
) -> None:
    flow = await ann.create()
    await ann("POST", f"/flows/{flow['id']}/resume", 409, headers=key)
    await ann("POST", f"/flows/{flow['id']}/pause")
    await ann("POST", f"/flows/{flow['id']}/resume", headers=key)


async def test_while_the_first_is_under_way_the_second_is_told_so(
    ann: Client, database: SqlDatabase, tenant: Tenant, key: dict[str, str]
) -> None:
    name = f"idempotency {tenant.client_account_id} {tenant.engagement_id} ann {key['Idempotency-Key']}"
    async with database.app.begin() as other:
        await other.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
        answer = await ann("POST", "/flows", 409, json=BODY, headers=key)
    assert (answer.json()["code"], answer.headers["Retry-After"]) == ("in_flight", "1")
    await ann("POST", "/flows", 201, json=BODY, headers=key)


async def test_of_many_at_once_exactly_one_has_its_effect(ann: Client, key: dict[str, str]) -> None:
    sent = (ann.http.post("/flows", json=BODY, headers=key) for _ in range(8))
    answers = await asyncio.gather(*sent)
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert len((await ann.json("GET", "/flows"))["items"]) == 1


async def test_a_key_is_its_owners_alone(
    ann: Client, gateway: Gateway, tenant: Tenant, key: dict[str, str]
) -> None:
    ben = gateway.client(tenant, "operator", subject="ben")
    mine = await ann.json("POST", "/flows", 201, json=BODY, headers=key)
    theirs = await ben.json("POST", "/flows", 201, json=BODY, headers=key)
    assert mine["id"] != theirs["id"]


async def test_after_a_day_a_key_is_new_again(
    ann: Client, database: SqlDatabase, tenant: Tenant, key: dict[str, str]
) -> None:
    first = await ann.json("POST", "/flows", 201, json=BODY, headers=key)
    async with database.transaction(tenant) as transaction:
        await transaction.connection.execute(
            text("update idempotency_keys set created_at = created_at - interval '25 hours'")
        )
    again = await ann.json("POST", "/flows", 201, json=BODY, headers=key)
    assert again["id"] != first["id"]


async def test_an_upload_sent_twice_is_stored_once(ann: Client, key: dict[str, str]) -> None:
    first = await ann.upload(b"same", headers=key)
    again = await ann.upload(b"same", headers=key)
    assert again == first
    answer = await ann.http.post("/uploads", files={"file": ("list.csv", b"other")}, headers=key)
    assert answer.json()["code"] == "idempotency_key_reused"
