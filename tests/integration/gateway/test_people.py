"""Questions, approvals and their audit."""

from datetime import datetime, timedelta, timezone
from typing import Any

from sqlalchemy import insert

from caravan_common.contracts import Tenant, new_id
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.tables.data import learned_patterns
from tests.integration.gateway.client import QUESTION, Client, Gateway, Worker


async def asked(ann: Client, worker: Worker, **flow: object) -> tuple[str, str]:
    """A flow whose first phase asks, and the question."""
    created = await ann.create(**flow)
    await worker.complete(created["id"], questions=(QUESTION,))
    question = (await ann.json("GET", f"/flows/{created['id']}/questions"))["items"][0]
    return created["id"], question["id"]


async def test_the_last_blocking_answer_lets_the_phase_run_again(ann: Client, worker: Worker) -> None:
    flow_id, question_id = await asked(ann, worker)
    waiting = await ann.json("GET", f"/flows/{flow_id}")
    assert (waiting["status"], waiting["reason"]) == ("waiting", "questions")
    body = {"option": "production", "reason": "it serves customers"}
    answered = await ann.json("POST", f"/questions/{question_id}/answer", json=body)
    assert answered["question"]["status"] == "answered"
    assert answered["decision"]["number"] == 1
    assert (answered["decision"]["old"], answered["decision"]["value"]) == ("test", "production")
    assert (await ann.json("GET", f"/flows/{flow_id}"))["status"] == "active"


async def test_only_an_option_that_was_offered_is_an_answer(ann: Client, worker: Worker) -> None:
    _, question_id = await asked(ann, worker)
    problem = await ann.json("POST", f"/questions/{question_id}/answer", 422, json={"option": "both"})
    assert (problem["code"], problem["pointer"]) == ("unknown_option", "/option")


async def test_a_recommendation_that_stood_can_still_be_answered(ann: Client, worker: Worker) -> None:
    flow_id, question_id = await asked(ann, worker, auto_accept=True)
    questions = await ann.json("GET", f"/flows/{flow_id}/questions", params={"status": "accepted"})
    assert [question["id"] for question in questions["items"]] == [question_id]
    await ann("POST", f"/questions/{question_id}/answer", json={"option": "production"})
    phase = (await ann.json("GET", f"/flows/{flow_id}"))["phases"][0]
    assert phase["stale"] is True


async def test_a_question_of_an_earlier_run_is_closed(ann: Client, worker: Worker) -> None:
    flow_id, question_id = await asked(ann, worker)
    await ann("POST", f"/questions/{question_id}/answer", json={"option": "test"})
    await worker.complete(flow_id, questions=(QUESTION,))
    again = await ann.json("GET", f"/flows/{flow_id}/questions", params={"status": "open", "blocking": True})
    assert len(again["items"]) == 1
    await ann("POST", f"/questions/{again['items'][0]['id']}/answer", json={"option": "test"})
    assert (await ann.json("GET", f"/flows/{flow_id}"))["status"] == "active"


async def test_an_approved_unit_is_given_out(
    gateway: Gateway, tenant: Tenant, ann: Client, approval: tuple[str, str]
) -> None:
    flow_id, approval_id = approval
    units = f"/flows/{flow_id}/attempts"
    assert (await ann.json("GET", units, params={"kind": "unit"}))["items"][0]["status"] == "held"
    ben = gateway.client(tenant, "approver", subject="ben")
    decided = await ben.json("POST", f"/approvals/{approval_id}/approve", json={"comment": "go"})
    assert (decided["approval"]["status"], decided["approval"]["decided_by"]) == ("approved", "ben")
    assert (await ann.json("GET", units, params={"kind": "unit"}))["items"][0]["status"] == "dispatched"
    assert await ben.code("POST", f"/approvals/{approval_id}/reject", 409) == "approval_closed"


async def test_nobody_approves_what_they_requested_themselves(
    gateway: Gateway, tenant: Tenant, approval: tuple[str, str]
) -> None:
    same = gateway.client(tenant, "approver", subject="ann")
    assert await same.code("POST", f"/approvals/{approval[1]}/approve", 403) == "own_request"


async def test_what_is_rejected_goes_on_waiting(
    gateway: Gateway, tenant: Tenant, ann: Client, approval: tuple[str, str]
) -> None:
    flow_id, approval_id = approval
    ben = gateway.client(tenant, "approver", subject="ben")
    await ben("POST", f"/approvals/{approval_id}/reject", json={"comment": "not on a Friday"})
    found = (await ann.json("GET", f"/flows/{flow_id}/approvals", params={"status": "rejected"}))["items"]
    assert found[0]["comment"] == "not on a Friday"
    held = (await ann.json("GET", f"/flows/{flow_id}/attempts", params={"kind": "unit"}))["items"]
    assert held[0]["status"] == "held"


async def test_the_audit_names_who_did_what_in_an_unbroken_chain(ann: Client, worker: Worker) -> None:
    flow_id, question_id = await asked(ann, worker)
    await ann("POST", f"/questions/{question_id}/answer", json={"option": "test"})
    rows = [row for page in await ann.pages("/audit", flow=flow_id, limit=2) for row in page][::-1]
    assert [row["sequence"] for row in rows] == list(range(1, len(rows) + 1))
    assert [row["previous"] for row in rows] == ["", *(row["hash"] for row in rows[:-1])]
    answers = (await ann.json("GET", "/audit", params={"action": "decision.answer", "actor": "ann"}))["items"]
    assert [row["details"]["value"] for row in answers] == ["test"]


async def test_the_audit_of_a_time_begins_with_its_first_moment_and_ends_before_its_last(
    ann: Client,
) -> None:
    for _ in range(5):
        await ann.upload()
    rows = (await ann.json("GET", "/audit"))["items"]
    moments = [row["at"] for row in rows]
    assert len(set(moments)) == 5

    async def done(**asked: Any) -> list[str]:
        return [row["at"] for page in await ann.pages("/audit", limit=2, **asked) for row in page]

    assert await done(since=moments[1]) == moments[:2]
    assert await done(until=moments[1]) == moments[2:]
    assert await done(since=moments[3], until=moments[0]) == moments[1:4]
    assert await done(since=moments[3], until=moments[0], action="flow.created") == []
    assert await done(since=moments[0], until=moments[0]) == []
    # Without an offset it is UTC; with one it is the same moment told otherwise.
    moment = datetime.fromisoformat(moments[1])
    assert moment.utcoffset() == timedelta()
    elsewhere = moment.astimezone(timezone(timedelta(hours=5)))
    for told in (moment.replace(tzinfo=None), elsewhere):
        assert await done(since=told.isoformat()) == moments[:2]
    assert await ann.code("GET", "/audit", 422, params={"since": "yesterday"}) == "invalid_request"


async def test_uploads_are_audited_in_the_engagements_own_chain(ann: Client) -> None:
    for _ in range(2):
        await ann.upload()
    rows = (await ann.json("GET", "/audit", params={"action": "upload.created"}))["items"]
    assert [row["flow_id"] for row in rows] == [None, None]
    assert [row["sequence"] for row in rows] == [2, 1]
    assert rows[0]["previous"] == rows[1]["hash"]


async def test_a_pattern_is_unlearned_once_and_stays_in_the_history(
    ann: Client, database: SqlDatabase, tenant: Tenant
) -> None:
    id_ = new_id()
    async with database.transaction(tenant) as transaction:
        row = {**tenant.model_dump(), "id": id_, "kind": "mapping", "pattern": "ram", "created_by": "ann"}
        row["normal_form"] = "ram"
        await transaction.connection.execute(insert(learned_patterns).values(**row, value="memory_gb"))
    found = (await ann.json("GET", "/learned-patterns", params={"kind": "mapping"}))["items"]
    assert (found[0]["pattern"], found[0]["value"]) == ("ram", "memory_gb")
    for _ in range(2):
        await ann("DELETE", f"/learned-patterns/{id_}", 204)
    assert (await ann.json("GET", "/learned-patterns"))["items"] == []
    history = (await ann.json("GET", "/learned-patterns", params={"unlearned": True}))["items"]
    assert history[0]["unlearned_at"] is not None
    audited = (await ann.json("GET", "/audit", params={"action": "pattern.unlearned"}))["items"]
    assert len(audited) == 1
