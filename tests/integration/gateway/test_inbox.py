"""What waits for a person, each entry with the request that settles it; and an engagement on one screen."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert

from caravan_common.contracts import ErrorInfo, ErrorKind, Tenant, new_id
from caravan_orchestrator.api.pages import encode_cursor
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.tables.between import flow_handoffs
from caravan_orchestrator.store.tables.flow import approvals
from caravan_orchestrator.store.tables.identity import engagements
from tests.integration.gateway.client import QUESTION, Client, Gateway, Worker
from tests.integration.gateway.objects import second_engagement
from tests.support.statements import statements

Gathered = Callable[..., Awaitable[Any]]


async def asked(ann: Client, worker: Worker, **flow: Any) -> Any:
    """A flow that waits for an answer."""
    made = await ann.create(**flow)
    await worker.complete(made["id"], questions=(QUESTION,))
    return made


async def requested(database: SqlDatabase, tenant: Tenant, flow: Any, by: str = "ann") -> str:
    """An approval that is asked for."""
    id_ = new_id()
    async with database.transaction(tenant) as transaction:
        row = {**tenant.model_dump(), "id": id_, "flow_id": UUID(flow["id"]), "phase": "polish"}
        row |= {"subject": "polish", "status": "open", "requested_by": by}
        await transaction.connection.execute(insert(approvals).values(**row))
    return str(id_)


async def not_handed_over(database: SqlDatabase, tenant: Tenant, flow: Any) -> str:
    """A handoff that failed; the same flow's earlier ones, failed too, wait no more."""
    error = ErrorInfo(kind=ErrorKind.PERMANENT, code="handoff_rules", message="there are assets: 0")
    ids = [new_id(), new_id()]
    async with database.transaction(tenant) as transaction:
        for id_ in ids:
            row = {**tenant.model_dump(), "id": id_, "source_flow_id": UUID(flow["id"]), "package": {}}
            row |= {"target_flow_type": "assessment", "status": "failed", "ended_at": datetime.now(UTC)}
            row["error"] = error.model_dump(mode="json")
            await transaction.connection.execute(insert(flow_handoffs).values(**row))
    return str(ids[-1])


@pytest.fixture
async def waiting(
    ann: Client, worker: Worker, gathered: Gathered, database: SqlDatabase, tenant: Tenant
) -> dict[str, Any]:
    """A flow for each kind, in the order in which they began to wait."""
    question = await asked(ann, worker, name="asked")
    failed = await ann.create(name="failed")
    await worker.fail(failed["id"])
    ordered = await ann.create(name="by hand", auto_advance=False)
    stale = await gathered(1)
    await worker.complete(stale["id"])
    asset = (await ann.json("GET", "/assets"))["items"][0]
    await ann("PATCH", f"/assets/{asset['id']}", json={"set": {"environment": "x"}, "reason": "y"})
    approval = await requested(database, tenant, stale)
    stopped = await ann.create(name="stopped")
    async with database.transaction(tenant) as transaction:
        sql = "update migration_flows set status = 'rolling_back', reason = 'operator' where id = $1"
        await transaction.connection.exec_driver_sql(sql, (UUID(stopped["id"]),))
    over = await gathered(1)
    await worker.complete(over["id"])
    return {
        "question": question["id"],
        "failed": failed["id"],
        "phase": ordered["id"],
        "stale": stale["id"],
        "approval": approval,
        "rollback": stopped["id"],
        "handoff": await not_handed_over(database, tenant, over),
    }


async def test_everything_that_waits_is_listed_the_oldest_first_page_by_page(
    ann: Client, waiting: dict[str, Any]
) -> None:
    whole = await ann.json("GET", "/inbox")
    assert [entry["kind"] for entry in whole["items"]] == list(waiting)
    found = {entry["kind"]: entry for entry in whole["items"]}
    assert {kind: found[kind]["id"] for kind in waiting if kind != "question"} == {
        kind: id_ for kind, id_ in waiting.items() if kind != "question"
    }
    assert found["question"]["flow"]["id"] == waiting["question"]
    assert found["question"]["text"] == QUESTION.text
    assert [option["id"] for option in found["question"]["options"]] == ["test", "production"]
    assert found["failed"]["error"]["code"] == "no_readable_file"
    assert (found["phase"]["phase"], found["stale"]["phase"]) == ("read", "gather")
    assert (found["handoff"]["subject"], found["handoff"]["phase"]) == ("assessment", None)
    assert found["handoff"]["error"]["message"] == "there are assets: 0"
    for limit in (1, 2, 5):
        pages = await ann.pages("/inbox", limit=limit)
        assert [entry for page in pages for entry in page] == whole["items"]
        assert {len(page) for page in pages[:-1]} <= {limit}


async def test_counts_are_of_all_kinds_whatever_is_listed(ann: Client, waiting: dict[str, Any]) -> None:
    found = await ann.json("GET", "/inbox", params={"kind": ["failed", "approval"], "limit": 1})
    assert [entry["kind"] for entry in found["items"]] == ["failed"]
    one_of_each = dict.fromkeys(waiting, 1)
    assert found["counts"] == {**one_of_each, "blocking": 1, "total": 7}
    of_flow = await ann.json("GET", "/inbox", params={"flow": waiting["failed"]})
    assert [entry["kind"] for entry in of_flow["items"]] == ["failed"]
    assert of_flow["counts"] == {**dict.fromkeys(waiting, 0), "blocking": 0, "failed": 1, "total": 1}
    assert (await ann.json("GET", "/inbox", params={"flow_type": "joined"}))["items"] == []


async def test_the_request_that_an_entry_names_settles_it(
    ann: Client, gateway: Gateway, tenant: Tenant, waiting: dict[str, Any]
) -> None:
    bob = gateway.client(tenant, "approver", subject="bob")
    for entry in (await ann.json("GET", "/inbox"))["items"]:
        if entry["kind"] == "rollback":
            continue  # that flow has no rollback under way: its state was only written down
        action = entry["actions"][0]
        status = 202 if action["path"].endswith(("/refresh", "/execute", "/handoffs")) else 200
        who = bob if action["role"] == "approver" else ann
        await who(action["method"], action["path"], status, json=action["body"])
    left = await ann.json("GET", "/inbox")
    assert [entry["kind"] for entry in left["items"]] == ["rollback"]
    assert left["items"][0]["actions"][0]["path"] == f"/flows/{waiting['rollback']}/retry"


async def test_an_entry_says_whether_its_reader_may_settle_it(
    ann: Client, gateway: Gateway, tenant: Tenant, waiting: dict[str, Any]
) -> None:
    async def allowed(client: Client) -> dict[str, bool]:
        items = (await client.json("GET", "/inbox"))["items"]
        return {entry["kind"]: entry["actions"][0]["allowed"] for entry in items}

    assert not any((await allowed(gateway.client(tenant, "viewer", subject="vera"))).values())
    assert [kind for kind, may in (await allowed(ann)).items() if not may] == ["approval"]
    assert (await allowed(gateway.client(tenant, "approver", subject="bob")))["approval"]
    requester = gateway.client(tenant, "approver", subject="ann")
    assert not (await allowed(requester))["approval"]


async def test_what_waits_is_shown_over_all_engagements_of_the_token_and_no_others(
    ann: Client,
    gateway: Gateway,
    tenant: Tenant,
    stranger: Client,
    database: SqlDatabase,
    worker: Worker,
    tmp_path: Any,
) -> None:
    await asked(ann, worker)
    other = Tenant(client_account_id=tenant.client_account_id, engagement_id=new_id())
    async with database.transaction(tenant) as transaction:
        row = {"id": other.engagement_id, "client_account_id": other.client_account_id, "name": "second"}
        await transaction.connection.execute(insert(engagements).values(**row))
    second = gateway.client(other, "operator")
    await asked(second, Worker(gateway, other, tmp_path))
    both = gateway.client(tenant, "viewer", engagements=[tenant.engagement_id, other.engagement_id])
    seen = [entry["engagement_id"] for entry in (await both.json("GET", "/inbox"))["items"]]
    assert seen == [str(tenant.engagement_id), str(other.engagement_id)]
    narrowed = await both.json("GET", "/inbox", params={"engagement": str(other.engagement_id)})
    assert [entry["engagement_id"] for entry in narrowed["items"]] == [str(other.engagement_id)]
    assert narrowed["counts"]["total"] == 1
    assert (await ann.json("GET", "/inbox"))["counts"]["total"] == 1
    assert (await stranger.json("GET", "/inbox"))["items"] == []
    assert (await gateway.client(tenant, "viewer", engagements=[]).json("GET", "/inbox"))["items"] == []
    foreign = {"engagement": str(other.engagement_id)}
    assert await ann.code("GET", "/inbox", 404, params=foreign) == "not_found"


async def test_what_a_member_sees_and_may_settle_is_said_by_the_membership_in_each_engagement(
    gateway: Gateway, tenant: Tenant, tmp_path: Path
) -> None:
    """The token says operator of all three; the client: operator here, viewer there, nothing in the third."""
    places = [tenant, await second_engagement(gateway, tenant), await second_engagement(gateway, tenant)]
    about = QUESTION.model_copy(update={"facts": {"business_owner": "Ada Lovelace"}})
    for place in places:
        flow = await gateway.client(place, "operator").create()
        await Worker(gateway, place, tmp_path).complete(flow["id"], questions=(about,))
    for place, role in zip(places, ("operator", "viewer"), strict=False):
        body = {"subject": "bob", "roles": [role]}
        await gateway.client(place, "admin", subject="root").json("POST", "/memberships", 201, json=body)
    here, there, third = (str(place.engagement_id) for place in places)
    bob = gateway.client(tenant, "operator", subject="bob", engagements=[here, there, third])
    expected = {here: (True, "Ada Lovelace"), there: (False, "***")}

    def shown(entries: Any) -> dict[str, tuple[bool, str]]:
        return {
            each["engagement_id"]: (each["actions"][0]["allowed"], each["facts"]["business_owner"])
            for each in entries
        }

    found = await bob.json("GET", "/inbox")
    assert (shown(found["items"]), found["counts"]["total"]) == (expected, 2)
    for place in (here, there):
        # Whatever the query names, it is the engagement of the path that counts.
        path, named = f"/engagements/{place}/overview", {"engagement": here}
        seen = await bob.json("GET", path, params=named)
        assert shown(seen["oldest"]) == {place: expected[place]}
    assert await bob.code("GET", "/inbox", 403, params={"engagement": third}) == "forbidden"
    assert await bob.code("GET", f"/engagements/{third}/overview", 403) == "forbidden"


@pytest.mark.parametrize("since", ["2026-03-01T10:00:00", "0001-01-01T00:00:00+14:00", "soon", 7])
async def test_a_cursor_that_we_never_wrote_is_refused(
    ann: Client, gateway: Gateway, since: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ann.json("GET", "/inbox")
    monkeypatch.setattr(
        "caravan_orchestrator.api.pages.current_seal", lambda: gateway.app.state.sealing._seal
    )
    cursor = encode_cursor("inbox", [since, new_id()])
    assert await ann.code("GET", "/inbox", 422, params={"cursor": cursor}) == "invalid_cursor"


async def test_what_is_over_waits_for_nobody(ann: Client, worker: Worker) -> None:
    cancelled, deleted = await asked(ann, worker), await asked(ann, worker)
    await ann("POST", f"/flows/{cancelled['id']}/cancel")
    await ann("POST", f"/flows/{deleted['id']}/cancel")
    await ann("DELETE", f"/flows/{deleted['id']}", 204)
    found = await ann.json("GET", "/inbox")
    assert (found["items"], found["counts"]["total"]) == ([], 0)


async def test_questions_about_persons_are_masked_for_those_who_only_read(
    ann: Client, worker: Worker, gateway: Gateway, tenant: Tenant
) -> None:
    flow = await ann.create()
    about = QUESTION.model_copy(
        update={"facts": {"business_owner": "Ada Lovelace", "note": "ask ada@example.org"}}
    )
    await worker.complete(flow["id"], questions=(about,))
    vera = gateway.client(tenant, "viewer", subject="vera")
    for path, where in (("/inbox", "items"), (f"/engagements/{tenant.engagement_id}/overview", "oldest")):
        (full,) = (await ann.json("GET", path))[where]
        (masked,) = (await vera.json("GET", path))[where]
        assert full["facts"] == about.facts
        assert masked["facts"] == {"business_owner": "***", "note": "ask ***"}


async def test_the_overview_shows_flows_estate_and_what_waits(
    ann: Client, worker: Worker, gathered: Gathered, tenant: Tenant
) -> None:
    path = f"/engagements/{tenant.engagement_id}/overview"
    empty = await ann.json("GET", path)
    assert (empty["estate_id"], empty["flows"]["total"], empty["assets"]["total"]) == (None, 0, 0)
    flow = await gathered(6)
    await worker.complete(flow["id"], summary={"conflicts": 4, "own": 1})
    await asked(ann, worker)
    found = await ann.json("GET", path)
    assert found["estate_id"] == flow["id"]
    assert found["flows"]["by_status"] == {"completed": 1, "waiting": 1}
    assert found["flows"]["by_type"] == {"looked_at": {"completed": 1, "waiting": 1}}
    assert found["assets"] == {
        "total": 6,
        "by_type": {"server": 3, "virtual_machine": 3},
        "migration_targets": 5,
        "not_targets": {},
        "overridden": 0,
    }
    assert found["results"] == {"conflicts": 4}
    assert (found["waiting"]["question"], found["waiting"]["total"]) == (1, 1)
    assert [entry["kind"] for entry in found["oldest"]] == ["question"]
    assert len(found["events"]) == 10
    assert found["events"][0]["type"] == "caravan.flow.waiting"


async def test_the_figures_of_assets_are_those_of_the_table_now(
    ann: Client, gathered: Gathered, tenant: Tenant
) -> None:
    await gathered(3)
    asset = (await ann.json("GET", "/assets"))["items"][1]
    values = {"is_target": False, "not_target_reason": "template", "asset_type": None}
    await ann("PATCH", f"/assets/{asset['id']}", json={"set": values, "reason": "it is one"})
    found = (await ann.json("GET", f"/engagements/{tenant.engagement_id}/overview"))["assets"]
    assert found == {
        "total": 3,
        "by_type": {"server": 2, "unknown": 1},
        "migration_targets": 1,
        "not_targets": {"template": 1},
        "overridden": 1,
    }


async def test_inbox_and_overview_take_the_same_number_of_statements_however_much_there_is(
    ann: Client, gathered: Gathered, worker: Worker, gateway: Gateway, tenant: Tenant
) -> None:
    """Ten at most, after the two that read whether the client has enrolled who asks."""

    async def counts() -> list[int]:
        found = []
        for path in ("/inbox", f"/engagements/{tenant.engagement_id}/overview"):
            gateway.app.state.standing.forget()
            with statements(gateway.database.app) as sent:
                await ann("GET", path)
            assert "from users" in sent[1].text.lower()
            found.append(len(sent) - 2)
        return found

    await gathered(1)
    few = await counts()
    for _ in range(4):
        await asked(ann, worker)
    assert await counts() == few
    assert max(few) <= 10
