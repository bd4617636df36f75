"""Corrected mappings and what they teach: what a client sees, and what the next run is given."""

from typing import Any

import pytest

from caravan_common.contracts import (
    LEARNED,
    DecisionKind,
    ExecutePhase,
    Tenant,
)
from caravan_orchestrator.store.database import SqlDatabase
from tests.integration.gateway.client import (
    ASSETS,
    RAW,
    Client,
    Gateway,
    Worker,
    machines,
    raw_rows,
)
from tests.integration.gateway.joined import (
    ASK,
    COLUMNS,
    CONFLICTS,
    HOST,
    MAPPINGS,
    RAM,
    TWIN,
    columns,
    command,
    conflicts,
    correction,
    learned_rows,
    meanings,
    stale,
)


async def test_every_column_is_listed_with_its_evidence_and_filters_narrow(ann: Client, merged: str) -> None:
    path = f"/flows/{merged}/mappings"
    listed = (await ann.json("GET", path))["items"]
    assert [(row["key"], row["attribute"], row["evidence"]) for row in listed] == [
        (HOST, "name", "header reads 'host'"),
        (RAM, None, "nothing speaks for an attribute"),
    ]
    for wanted, keys in (
        ({"attribute": "name"}, [HOST]),
        ({"below": 0.8}, [RAM]),
        ({"custom": True}, [RAM]),
        ({"method": "synonym", "file": "fleet.csv"}, [HOST]),
        ({"sheet": "other"}, []),
    ):
        found = (await ann.json("GET", path, params=wanted))["items"]
        assert [row["key"] for row in found] == keys, wanted
    assert [len(page) for page in await ann.pages(path, limit=1)] == [1, 1]


async def test_a_column_has_no_meaning_before_it_was_computed(ann: Client, read: str) -> None:
    listed = (await ann.json("GET", f"/flows/{read}/mappings"))["items"]
    assert [(row["key"], row["method"], row["attribute"]) for row in listed] == [
        (HOST, None, None),
        (RAM, None, None),
    ]


async def test_a_correction_is_a_decision_and_what_depends_on_it_becomes_stale(
    ann: Client, merged: str
) -> None:
    body = correction(unit="MiB")
    corrected = await ann.json("PATCH", f"/flows/{merged}/mappings", json=body)
    (decision,) = corrected["decisions"]
    assert (decision["kind"], decision["phase"], decision["subject"]) == ("mapping", "map", RAM)
    assert decision["value"] == {"attribute": "memory_gb", "unit": "MiB"}
    assert (decision["old"]["attribute"], decision["reason"]) == (None, "it is")
    assert corrected["stale"] == await stale(ann, merged) == ["map", "merge"]
    listed = (await ann.json("GET", f"/flows/{merged}/mappings", params={"custom": True}))["items"]
    assert (listed[0]["decision"]["value"], listed[0]["decision"]["pending"]) == (decision["value"], True)


@pytest.mark.parametrize(
    ("attribute", "written", "unit"),
    [
        ("memory_gb", "MB", "MiB"),
        ("storage_gb", " tb ", "TiB"),
        ("memory_gb", "GB", "GiB"),
        ("rto_minutes", "Stunden", "hours"),
        ("network_mbps", "MB/s", "MB/s"),
        ("name", "text", None),
    ],
)
async def test_a_unit_is_taken_in_any_spelling_and_kept_as_the_attributes_own(
    ann: Client, merged: str, attribute: str, written: str, unit: str | None
) -> None:
    body = correction(attribute=attribute, unit=written)
    (decision,) = (await ann.json("PATCH", f"/flows/{merged}/mappings", json=body))["decisions"]
    assert decision["value"].get("unit") == unit


@pytest.mark.parametrize(
    ("attribute", "written", "words"),
    [
        ("memory_gb", "GHz", "'GHz' is no unit of memory_gb; it is measured in B, KiB, MiB, GiB, TiB, PiB."),
        ("name", "MB", "name has no unit; leave 'MB' out."),
        ("relation:host", "MB", "relation:host has no unit; leave 'MB' out."),
        (None, "MB", "A custom column has no unit; leave 'MB' out."),
    ],
)
async def test_a_unit_that_does_not_fit_is_refused_and_nothing_is_decided(
    ann: Client, merged: str, attribute: str | None, written: str, words: str
) -> None:
    body = correction(attribute=attribute, unit=written)
    problem = await ann.json("PATCH", f"/flows/{merged}/mappings", 422, json=body)
    assert (problem["code"], problem["pointer"], problem["detail"]) == (
        "unknown_unit",
        "/mappings/0/unit",
        words,
    )
    assert await stale(ann, merged) == []


async def test_a_correction_before_the_phase_ran_is_part_of_its_next_run(
    ann: Client, read: str, worker: Worker, database: SqlDatabase, tenant: Tenant
) -> None:
    await ann("PATCH", f"/flows/{read}/mappings", json=correction(HOST, "hostname"))
    await worker.complete(read, [(MAPPINGS, meanings())])
    assert await stale(ann, read) == ["map"]
    await worker.complete(read, [(ASSETS, machines(2)), (CONFLICTS, conflicts())])
    await ann("POST", f"/flows/{read}/refresh", 202)
    given = await command(database, tenant, read)
    assert (given.phase, [d.value for d in given.decisions]) == ("map", [{"attribute": "hostname"}])


async def test_only_what_the_correction_changes_is_computed_again(
    ann: Client, merged: str, worker: Worker
) -> None:
    await ann("PATCH", f"/flows/{merged}/mappings", json=correction())
    await ann("POST", f"/flows/{merged}/refresh", 202)
    await worker.complete(merged, [(MAPPINGS, meanings())])
    flow = await ann.json("GET", f"/flows/{merged}")
    assert (flow["status"], await stale(ann, merged)) == ("completed", [])
    attempts = (await ann.json("GET", f"/flows/{merged}/attempts"))["items"]
    assert [attempt["phase"] for attempt in attempts] == ["read", "map", "merge", "map"]
    assert set(attempts[-1]["inputs"]["datasets"]) == {"source_columns", LEARNED}
    assert await ann.code("POST", f"/flows/{merged}/refresh", 409) == "nothing_stale"


async def test_a_place_names_a_column_as_well_as_its_key_does(ann: Client, merged: str) -> None:
    place = {"file": "fleet.csv", "column": "RAM (max.)", "attribute": "memory_gb"}
    body = {"mappings": [place], "reason": "it is"}
    corrected = await ann.json("PATCH", f"/flows/{merged}/mappings", json=body)
    assert corrected["decisions"][0]["subject"] == RAM


@pytest.mark.parametrize(
    ("mapping", "code", "pointer"),
    [
        ({"key": "fleet.csv##9|Gone", "attribute": "name"}, "unknown_column", "/mappings/0"),
        ({"key": RAM, "attribute": "shoe_size"}, "unknown_attribute", "/mappings/0/attribute"),
        ({"key": RAM, "attribute": "sources"}, "unknown_attribute", "/mappings/0/attribute"),
        ({"file": "fleet.csv", "attribute": "name"}, "invalid_request", "/mappings/0"),
        (
            {"key": RAM, "file": "fleet.csv", "column": "x", "attribute": None},
            "invalid_request",
            "/mappings/0",
        ),
    ],
)
async def test_what_is_no_column_or_no_attribute_is_refused_with_its_place(
    ann: Client, merged: str, mapping: Any, code: str, pointer: str
) -> None:
    body = {"mappings": [mapping], "reason": "it is"}
    problem = await ann.json("PATCH", f"/flows/{merged}/mappings", 422, json=body)
    assert (problem["code"], problem["pointer"]) == (code, pointer)
    assert await stale(ann, merged) == []


async def test_a_header_that_a_sheet_has_twice_is_named_by_key(ann: Client, worker: Worker) -> None:
    flow = await ann.create(flow_type="joined")
    await worker.complete(flow["id"], [(RAW, raw_rows()), (COLUMNS, columns("Host", "RAM (max.)", "Host"))])
    path = f"/flows/{flow['id']}/mappings"
    twice = {"file": "fleet.csv", "column": "Host", "attribute": "name"}
    body = {"mappings": [twice], "reason": "it is"}
    assert await ann.code("PATCH", path, 422, json=body) == "unknown_column"
    await ann("PATCH", path, json=correction(TWIN, "hostname"))


async def test_a_correction_teaches_and_the_next_flow_is_given_it_until_it_is_unlearned(
    gateway: Gateway, ann: Client, merged: str, worker: Worker, database: SqlDatabase, tenant: Tenant
) -> None:
    await ann("PATCH", f"/flows/{merged}/mappings", json=correction())
    (pattern,) = (await ann.json("GET", "/learned-patterns", params={"kind": "mapping"}))["items"]
    assert (pattern["pattern"], pattern["value"], pattern["created_by"]) == ("RAM (max.)", "memory_gb", "ann")
    assert pattern["decision_id"] is not None

    async def next_given() -> ExecutePhase:
        flow = await ann.create(flow_type="joined")
        await worker.complete(flow["id"], [(RAW, raw_rows()), (COLUMNS, columns("Host", "ram max"))])
        return await command(database, tenant, flow["id"])

    given = await next_given()
    assert learned_rows(gateway.store, given) == [
        {"kind": "mapping", "pattern": "RAM (max.)", "value": "memory_gb"}
    ]
    await ann("DELETE", f"/learned-patterns/{pattern['id']}", 204)
    assert LEARNED not in {ref.manifest.name for ref in (await next_given()).inputs}


async def test_a_later_word_on_a_header_replaces_the_one_before_however_it_is_spelt(
    gateway: Gateway, ann: Client, merged: str, database: SqlDatabase, tenant: Tenant
) -> None:
    await ann("PATCH", f"/flows/{merged}/mappings", json=correction(RAM, "memory_gb"))
    await ann("PATCH", f"/flows/{merged}/mappings", json=correction(RAM, None))
    shown = (await ann.json("GET", "/learned-patterns"))["items"]
    assert [(each["pattern"], each["value"]) for each in shown] == [("RAM (max.)", "custom")]
    history = (await ann.json("GET", "/learned-patterns", params={"unlearned": True}))["items"]
    assert len(history) == 2
    await ann("POST", f"/flows/{merged}/refresh", 202)
    given = await command(database, tenant, merged)
    assert [row["value"] for row in learned_rows(gateway.store, given)] == ["custom"]


async def test_nothing_is_learned_where_that_is_not_wanted(ann: Client, merged: str) -> None:
    await ann("PATCH", f"/flows/{merged}/mappings", json=correction(learn=False))
    assert (await ann.json("GET", "/learned-patterns"))["items"] == []


async def test_equal_patterns_are_one_dataset_whatever_the_order_they_were_taught_in(
    ann: Client, merged: str, worker: Worker, database: SqlDatabase, tenant: Tenant
) -> None:
    path = f"/flows/{merged}/mappings"

    async def given() -> str:
        await ann("POST", f"/flows/{merged}/refresh", 202)
        command_ = await command(database, tenant, merged)
        await worker.complete(merged, [(MAPPINGS, meanings())])
        return next(r.manifest.artifact.sha256 for r in command_.inputs if r.manifest.name == LEARNED)

    await ann("PATCH", path, json=correction(RAM, "memory_gb"))
    await ann("PATCH", path, json=correction(HOST, "name"))
    first = await given()
    await ann("PATCH", path, json=correction(HOST, "name"))
    await ann("PATCH", path, json=correction(RAM, "memory_gb"))
    assert await given() == first


async def test_an_answer_about_a_column_teaches_as_well(ann: Client, read: str, worker: Worker) -> None:
    await worker.complete(read, [(MAPPINGS, meanings())], questions=(ASK,))
    question = (await ann.json("GET", f"/flows/{read}/questions"))["items"][0]
    await ann("POST", f"/questions/{question['id']}/answer", json={"option": "memory_gb"})
    (pattern,) = (await ann.json("GET", "/learned-patterns"))["items"]
    assert (pattern["pattern"], pattern["value"]) == ("RAM (max.)", "memory_gb")


async def test_a_correction_answers_the_open_question_about_its_column(
    ann: Client, read: str, worker: Worker, database: SqlDatabase, tenant: Tenant
) -> None:
    await worker.complete(read, [(MAPPINGS, meanings())], questions=(ASK,))
    await ann("PATCH", f"/flows/{read}/mappings", json=correction())
    question = (await ann.json("GET", f"/flows/{read}/questions"))["items"][0]
    assert (question["status"], question["answer"]) == ("answered", "memory_gb")
    given = await command(database, tenant, read)
    assert (given.phase, [d.kind for d in given.decisions]) == ("map", [DecisionKind.MAPPING])
    assert (await ann.json("GET", f"/flows/{read}"))["status"] == "active"


async def test_a_correction_is_made_once_under_its_key_and_only_on_the_flow_as_it_was_seen(
    ann: Client, merged: str
) -> None:
    path, tag = f"/flows/{merged}/mappings", (await ann.json("GET", f"/flows/{merged}"))["etag"]
    for _ in range(2):
        await ann("PATCH", path, json=correction(), headers={"Idempotency-Key": "once"})
    decisions = (await ann.json("GET", "/audit", params={"action": "decision.mapping"}))["items"]
    assert len(decisions) == 1
    headers = {"If-Match": f'"{tag}"'}
    assert await ann.code("PATCH", path, 412, json=correction(), headers=headers) == "version_mismatch"


async def test_a_flow_type_that_maps_nothing_takes_no_corrections(ann: Client, gathered: Any) -> None:
    flow = await gathered()
    body = correction("fleet.csv##1|RAM", "memory_gb")
    assert await ann.code("PATCH", f"/flows/{flow['id']}/mappings", 409, json=body) == "not_decided_here"
