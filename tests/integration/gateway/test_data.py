"""Rows, entities and the way back to the cell."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from tests.integration.gateway.client import ASSETS, Client, Worker, machines

Gathered = Callable[..., Awaitable[Any]]


async def dataset(ann: Client, flow: Any, name: str) -> str:
    found = (await ann.json("GET", f"/flows/{flow['id']}/datasets"))["items"]
    return str(next(one["id"] for one in found if one["name"] == name))


async def test_rows_come_from_the_file_in_its_order_page_by_page(ann: Client, gathered: Gathered) -> None:
    flow = await gathered(5)
    path = f"/datasets/{await dataset(ann, flow, 'raw_rows')}/rows"
    pages = await ann.pages(path, limit=2)
    assert [[row["row_number"] for row in page] for page in pages] == [[2, 3], [4, 5], [6]]
    assert pages[0][0]["cells"] == ["web-00", "16 GiB"]
    exact = await ann.json("GET", path, params={"limit": 5})
    assert exact["next_cursor"] is None


async def test_rows_of_an_indexed_dataset_too_and_only_the_columns_asked_for(
    ann: Client, gathered: Gathered
) -> None:
    flow = await gathered()
    id_ = await dataset(ann, flow, "assets")
    found = await ann.json("GET", f"/datasets/{id_}/rows", params={"columns": "memory_gb,name", "limit": 1})
    assert found["columns"] == ["name", "memory_gb"]
    assert found["items"] == [{"name": "web-00.harbour.example", "memory_gb": 16.0}]
    assert await ann.code("GET", f"/datasets/{id_}/rows", 422, params={"columns": "nmae"}) == "unknown_field"
    about = await ann.json("GET", f"/datasets/{id_}")
    assert (about["rows"], about["indexed_rows"], about["active"]) == (3, 3, True)


async def test_a_cursor_belongs_to_its_dataset(ann: Client, gathered: Gathered) -> None:
    flow = await gathered()
    one, other = await dataset(ann, flow, "raw_rows"), await dataset(ann, flow, "assets")
    cursor = (await ann.json("GET", f"/datasets/{one}/rows", params={"limit": 1}))["next_cursor"]
    assert (
        await ann.code("GET", f"/datasets/{other}/rows", 422, params={"cursor": cursor}) == "invalid_cursor"
    )


async def test_entities_are_listed_page_by_page_and_found_by_type_and_word(
    ann: Client, gathered: Gathered
) -> None:
    flow = await gathered(5)
    path = f"/flows/{flow['id']}/entities"
    pages = await ann.pages(path, limit=2, entity_type="asset")
    assert [entity["natural_key"] for page in pages for entity in page] == [
        f"host:web-{n:02d}" for n in range(5)
    ]
    assert (await ann.json("GET", path, params={"entity_type": "note"}))["items"] == []
    found = await ann.json("GET", path, params={"q": "WEB 03"})
    assert [entity["natural_key"] for entity in found["items"]] == ["host:web-03"]
    assert found["items"][0]["data"]["memory_gb"] == 16.0
    assert (await ann.json("GET", path, params={"q": "eb-03"}))["items"] == []


async def test_entities_of_a_superseded_result_are_not_shown(
    ann: Client, worker: Worker, gathered: Gathered
) -> None:
    flow = await gathered(3)
    old = (await ann.json("GET", f"/flows/{flow['id']}/entities"))["items"][0]["id"]
    await worker.complete(flow["id"])
    await ann("POST", f"/flows/{flow['id']}/phases/gather/execute", 202)
    await worker.complete(flow["id"], [(ASSETS, machines(1))])
    assert (await ann.json("GET", f"/flows/{flow['id']}/entities"))["items"] == []
    await worker.settle()
    assert len((await ann.json("GET", f"/flows/{flow['id']}/entities"))["items"]) == 1
    assert await ann.code("GET", f"/entities/{old}/lineage", 404) == "not_found"


async def test_an_entity_leads_back_to_its_cells(ann: Client, gathered: Gathered) -> None:
    flow = await gathered()
    entity = (await ann.json("GET", f"/flows/{flow['id']}/entities", params={"q": "web-01"}))["items"][0]
    asset = next(
        one for one in (await ann.json("GET", "/assets"))["items"] if one["name"].startswith("web-01")
    )
    body = {"set": {"environment": "test"}, "reason": "seen in the rack"}
    await ann("PATCH", f"/assets/{asset['id']}", json=body)
    found = await ann.json("GET", f"/entities/{entity['id']}/lineage")
    assert [source["reference"] for source in found["sources"]] == ["fleet.csv##3"]
    source = found["sources"][0]
    assert (source["file"], source["sheet"], source["row_number"]) == ("fleet.csv", "", 3)
    assert [(row["dataset"], row["values"]["cells"]) for row in source["rows"]] == [
        ("raw_rows", {"Host": "web-01", "RAM": "16 GiB"})
    ]
    assert [(decision["value"], decision["reason"]) for decision in found["decisions"]] == [
        ({"environment": "test"}, "seen in the rack")
    ]


async def test_lineage_walks_over_entities_in_both_directions(
    ann: Client, worker: Worker, gathered: Gathered
) -> None:
    flow = await ann.create()
    await worker.complete(flow["id"])
    pool = machines(3, source_entities=[["host:web-01"], ["fleet.csv##2"], ["host:web-00", "host:web-99"]])
    await worker.complete(flow["id"], [(ASSETS, pool)])
    await worker.settle()
    entities = {
        e["natural_key"]: e for e in (await ann.json("GET", f"/flows/{flow['id']}/entities"))["items"]
    }
    up = await ann.json("GET", f"/entities/{entities['host:web-02']['id']}/lineage")
    assert [(step["natural_key"], step["depth"]) for step in up["steps"]] == [
        ("host:web-00", 1),
        ("host:web-01", 2),
    ]
    assert [source["reference"] for source in up["sources"]] == [
        "host:web-00",
        "host:web-99",
        "host:web-01",
        "fleet.csv##2",
    ]
    down = await ann.json(
        "GET", f"/entities/{entities['host:web-01']['id']}/lineage", params={"direction": "down"}
    )
    assert [step["natural_key"] for step in down["steps"]] == ["host:web-00", "host:web-02"]


async def test_what_does_not_exist_is_not_found(ann: Client) -> None:
    for path in ("datasets/{}", "datasets/{}/rows", "entities/{}/lineage", "assets/{}", "flows/{}/entities"):
        assert await ann.code("GET", "/" + path.format(uuid4()), 404) == "not_found"
        assert await ann.code("GET", "/" + path.format("no-id-at-all"), 404) == "not_found"
