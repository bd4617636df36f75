"""Flows over the API: made, listed, ordered about."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest

from caravan_common.contracts import Tenant
from caravan_orchestrator.store.database import SqlDatabase
from tests.integration.gateway.client import (
    ASSETS,
    LOOKED_AT,
    Client,
    Gateway,
    Worker,
    announce,
    machines,
    unit,
)

Gathered = Callable[..., Awaitable[Any]]


async def test_a_created_flow_starts_and_can_be_read(ann: Client, gateway: Gateway) -> None:
    kicks = gateway.kicks
    answer = await ann("POST", "/flows", 201, json={"flow_type": "looked_at", "name": "North quay"})
    flow = answer.json()
    assert (flow["status"], flow["current_phase"], flow["definition_version"]) == ("active", "read", "1.2.0")
    assert [phase["status"] for phase in flow["phases"]] == ["active", "pending", "pending"]
    assert answer.headers["Location"] == f"/api/v1/flows/{flow['id']}"
    assert gateway.kicks == kicks + 1
    again = await ann("GET", f"/flows/{flow['id']}")
    assert again.json() == flow
    assert again.headers["ETag"] == answer.headers["ETag"] == f'"{flow["etag"]}"'


async def test_uploads_are_fixed_to_the_flow_in_the_order_given(ann: Client) -> None:
    first, second = await ann.upload(name="b.csv"), await ann.upload(b"x", name="a.csv")
    flow = await ann.create(
        configuration={"uploads": [first["upload_id"], second["upload_id"]], "scope": {"assets": []}}
    )
    assert [upload["name"] for upload in flow["uploads"]] == ["b.csv", "a.csv"]
    assert flow["uploads"][0] == {**first, "name": "b.csv"}
    assert flow["configuration"]["scope"] == {"assets": []}
    assert "artifact" not in str(flow)


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"flow_type": "unheard_of", "name": "x"}, "unknown_flow_type", "/flow_type"),
        ({"flow_type": "looked_at"}, "invalid_request", "/name"),
        ({"flow_type": "looked_at", "name": "x", "nmae": "y"}, "invalid_request", "/nmae"),
        (
            {"flow_type": "looked_at", "name": "x", "configuration": {"uploads": [str(uuid4())]}},
            "unknown_upload",
            "/configuration/uploads/0",
        ),
        (
            {"flow_type": "looked_at", "name": "x", "configuration": {"lease_seconds": "long"}},
            "invalid_request",
            "/configuration/lease_seconds",
        ),
        ({"flow_type": "looked_at", "name": "x\0y"}, "invalid_request", ""),
    ],
)
async def test_a_flow_that_can_not_be_is_refused_with_a_pointer(
    ann: Client, body: Any, code: str, pointer: str
) -> None:
    problem = await ann.json("POST", "/flows", 422, json=body)
    assert (problem["code"], problem["pointer"]) == (code, pointer)


async def test_another_clients_upload_is_unknown(ann: Client, stranger: Client) -> None:
    theirs = await stranger.upload()
    body = {"flow_type": "looked_at", "name": "x", "configuration": {"uploads": [theirs["upload_id"]]}}
    assert await ann.code("POST", "/flows", 422, json=body) == "unknown_upload"


async def test_flows_are_listed_newest_first_page_by_page(ann: Client) -> None:
    made = [(await ann.create(name=f"flow {n}"))["id"] for n in range(5)]
    pages = await ann.pages("/flows", limit=2)
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [flow["id"] for page in pages for flow in page] == made[::-1]
    oldest_first = await ann.pages("/flows", limit=3, sort="created_at")
    assert [flow["id"] for page in oldest_first for flow in page] == made


async def test_a_flow_made_between_two_pages_shifts_nothing(ann: Client) -> None:
    made = [(await ann.create())["id"] for _ in range(4)]
    first = await ann.json("GET", "/flows", params={"limit": 2})
    await ann.create()
    second = await ann.json("GET", "/flows", params={"limit": 2, "cursor": first["next_cursor"]})
    assert [flow["id"] for flow in first["items"] + second["items"]] == made[::-1]


async def test_flows_are_found_by_the_beginning_of_a_word_by_type_and_by_status(ann: Client) -> None:
    quay = await ann.create(name="North-Quay 2026")
    await ann.create(name="Dry dock")
    for q in ("north", "NOR", "qu", "north 20", "north-q"):
        found = await ann.json("GET", "/flows", params={"q": q})
        assert [flow["id"] for flow in found["items"]] == [quay["id"]], q
    assert (await ann.json("GET", "/flows", params={"q": "uay"}))["items"] == []
    assert (await ann.json("GET", "/flows", params={"status": ["failed", "completed"]}))["items"] == []
    assert (
        len((await ann.json("GET", "/flows", params={"status": "active", "flow_type": "looked_at"}))["items"])
        == 2
    )
    assert (await ann.json("GET", "/flows", params={"flow_type": "other"}))["items"] == []


async def test_only_the_fields_asked_for_are_answered(ann: Client) -> None:
    await ann.create(name="x")
    found = await ann.json("GET", "/flows", params={"fields": "name,progress"})
    assert set(found["items"][0]) == {"id", "name", "progress"}
    assert await ann.code("GET", "/flows", 422, params={"fields": "name,nmae"}) == "unknown_field"


async def test_a_cursor_of_another_list_is_refused(ann: Client) -> None:
    for _ in range(2):
        await ann.create()
    cursor = (await ann.json("GET", "/flows", params={"limit": 1}))["next_cursor"]
    for given in (cursor, "nonsense", "W10"):
        assert await ann.code("GET", "/assets", 422, params={"cursor": given}) == "invalid_cursor"


async def test_progress_and_summaries_follow_the_phases(ann: Client, gathered: Gathered) -> None:
    flow = await gathered()
    assert flow["progress"] == pytest.approx(2 / 3, abs=1e-3)
    phases = (await ann.json("GET", f"/flows/{flow['id']}/phases"))["items"]
    assert [phase["status"] for phase in phases] == ["completed", "completed", "active"]
    assert phases[1]["summary"] == {"assets": {"total": 3}}
    assert phases[1]["seconds"] == 1.5


async def test_units_count_as_progress_of_their_phase(
    ann: Client, worker: Worker, gathered: Gathered
) -> None:
    flow = await gathered()
    await worker.complete(flow["id"], units=(unit("one"), unit("two")))
    await worker.finish_unit(flow["id"])
    phase = (await ann.json("GET", f"/flows/{flow['id']}"))["phases"][2]
    assert phase["units"] == {"total": 2, "done": 1, "failed": 0}
    assert phase["progress"] == 0.5


async def test_pause_holds_what_was_not_sent_and_resume_sends_it(ann: Client) -> None:
    flow = await ann.create()
    paused = await ann.json("POST", f"/flows/{flow['id']}/pause")
    assert paused["paused_at"] is not None
    attempts = (await ann.json("GET", f"/flows/{flow['id']}/attempts"))["items"]
    assert [attempt["status"] for attempt in attempts] == ["held"]
    resumed = await ann.json("POST", f"/flows/{flow['id']}/resume")
    assert resumed["paused_at"] is None
    assert await ann.code("POST", f"/flows/{flow['id']}/resume", 409) == "not_paused"


async def test_cancel_ends_a_flow_for_a_reason(ann: Client) -> None:
    flow = await ann.create()
    cancelled = await ann.json("POST", f"/flows/{flow['id']}/cancel", json={"reason": "wrong files"})
    assert (cancelled["status"], cancelled["reason"]) == ("cancelled", "wrong files")
    assert await ann.code("POST", f"/flows/{flow['id']}/retry", 409) == "not_failed"


async def test_a_failed_flow_shows_why_and_goes_on_by_retry(ann: Client, worker: Worker) -> None:
    flow = await ann.create()
    await worker.fail(flow["id"])
    failed = await ann.json("GET", f"/flows/{flow['id']}")
    assert failed["status"] == "failed"
    assert failed["phases"][0]["error"]["code"] == "no_readable_file"
    retried = await ann.json("POST", f"/flows/{flow['id']}/retry")
    assert retried["status"] == "active"
    assert len((await ann.json("GET", f"/flows/{flow['id']}/attempts"))["items"]) == 2


async def test_a_completed_phase_can_be_run_again_and_a_skippable_one_left_out(
    ann: Client, worker: Worker, gathered: Gathered
) -> None:
    flow = await gathered()
    path = f"/flows/{flow['id']}/phases"
    assert await ann.code("POST", f"{path}/gather/execute", 409) == "phase_running"
    assert await ann.code("POST", f"{path}/read/skip", 409) == "not_skippable"
    assert await ann.code("POST", f"{path}/unheard_of/execute", 404) == "not_found"
    await worker.complete(flow["id"])
    again = await ann.json("POST", f"{path}/gather/execute", 202)
    assert again["phases"][1]["status"] == "active"
    assert again["phases"][2]["stale"] is True


async def test_a_phase_in_its_turn_can_be_skipped(ann: Client, worker: Worker) -> None:
    flow = await ann.create(auto_advance=False)
    assert flow["status"] == "waiting"
    for _ in range(2):
        name = (await ann.json("GET", f"/flows/{flow['id']}"))["current_phase"]
        await ann.json("POST", f"/flows/{flow['id']}/phases/{name}/execute", 202)
        await worker.complete(flow["id"], [(ASSETS, machines(1))] if name == "gather" else [])
    done = await ann.json("POST", f"/flows/{flow['id']}/phases/polish/skip", json={"reason": "not needed"})
    assert (done["status"], done["phases"][2]["status"]) == ("completed", "skipped")


async def test_a_deleted_flow_is_gone_from_everywhere(ann: Client) -> None:
    flow = await ann.create()
    assert await ann.code("DELETE", f"/flows/{flow['id']}", 409) == "flow_running"
    await ann("POST", f"/flows/{flow['id']}/cancel")
    await ann("DELETE", f"/flows/{flow['id']}", 204)
    assert await ann.code("GET", f"/flows/{flow['id']}", 404) == "not_found"
    assert await ann.code("POST", f"/flows/{flow['id']}/retry", 404) == "not_found"
    assert (await ann.json("GET", "/flows"))["items"] == []


async def test_a_change_seen_too_late_is_refused(ann: Client) -> None:
    flow = await ann.create()
    seen = {"If-Match": f'"{flow["etag"]}"'}
    await ann("POST", f"/flows/{flow['id']}/pause", headers=seen)
    assert await ann.code("POST", f"/flows/{flow['id']}/resume", 412, headers=seen) == "version_mismatch"
    assert (await ann.json("GET", f"/flows/{flow['id']}"))["paused_at"] is not None
    await ann("POST", f"/flows/{flow['id']}/resume", headers={"If-Match": "*"})


async def test_a_refused_pause_takes_nothing_back(ann: Client, database: SqlDatabase, tenant: Tenant) -> None:
    flow = await ann.create()
    await ann("POST", f"/flows/{flow['id']}/pause", 412, headers={"If-Match": '"999"'})
    async with database.transaction(tenant) as transaction:
        waiting = await transaction.connection.exec_driver_sql(
            "select count(*) from running.outbox where kind = 'command'"
        )
        assert waiting.scalar_one() >= 1
    attempts = (await ann.json("GET", f"/flows/{flow['id']}/attempts"))["items"]
    assert attempts[0]["status"] == "dispatched"


async def test_lists_of_a_flow_are_paged(ann: Client, gathered: Gathered) -> None:
    flow = await gathered()
    path = f"/flows/{flow['id']}"
    events = await ann.pages(f"{path}/events", limit=2)
    numbers = [event["sequence"] for page in events for event in page]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(events) > 1
    attempts = await ann.pages(f"{path}/attempts", limit=2)
    assert [len(page) for page in attempts] == [2, 1]
    datasets = await ann.pages(f"{path}/datasets", limit=2)
    assert sorted(dataset["name"] for page in datasets for dataset in page) == [
        "assets",
        "raw_rows",
        "source_columns",
    ]
    assert (await ann.json("GET", f"{path}/attempts", params={"phase": "gather", "kind": "unit"}))[
        "items"
    ] == []


async def test_superseded_datasets_are_told_from_active_ones(
    ann: Client, worker: Worker, gathered: Gathered
) -> None:
    flow = await gathered()
    await worker.complete(flow["id"])
    await ann("POST", f"/flows/{flow['id']}/phases/gather/execute", 202)
    await worker.complete(flow["id"], [(ASSETS, machines(2))])
    path = f"/flows/{flow['id']}/datasets"
    active = (await ann.json("GET", path, params={"active": True}))["items"]
    old = (await ann.json("GET", path, params={"active": False}))["items"]
    assert {dataset["name"]: dataset["rows"] for dataset in active}["assets"] == 2
    assert [(dataset["name"], dataset["rows"]) for dataset in old] == [("assets", 3)]


async def test_flow_types_show_versions_and_consumers(ann: Client, database: SqlDatabase) -> None:
    newer = LOOKED_AT.model_copy(update={"flow_type": "versioned", "version": "1.10.0"})
    await announce(database, newer)
    await announce(database, newer.model_copy(update={"version": "1.9.0"}))
    found = (await ann.json("GET", "/flow-types"))["items"]
    versioned = next(item for item in found if item["flow_type"] == "versioned")
    assert versioned["latest"] == "1.10.0"
    assert [version["version"] for version in versioned["versions"]] == ["1.10.0", "1.9.0"]
    assert versioned["versions"][0]["consumers"] == 3
    assert versioned["versions"][0]["workers"] == 0
    async with database.app.begin() as connection:
        await connection.exec_driver_sql(
            "update flow_types set replicas = jsonb_build_object('here', jsonb_build_object('at', now()),"
            " 'gone', jsonb_build_object('at', now() - interval '4 minutes')) where flow_type = 'versioned'"
        )
    found = (await ann.json("GET", "/flow-types"))["items"]
    versioned = next(item for item in found if item["flow_type"] == "versioned")
    assert versioned["versions"][0]["workers"] == 1
    assert versioned["phases"] == ["read", "gather", "polish"]
