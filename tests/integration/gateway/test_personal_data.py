"""Who sees what tells of persons, and passwords: in every answer that holds delivered data."""

import base64
from typing import Any

import polars as pl
import pytest

from caravan_common.contracts import (
    DatasetSpec,
    DecisionKind,
    FlowDefinition,
    InputSpec,
    PhaseDefinition,
    Tenant,
)
from caravan_orchestrator.api.access import Access
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.usecases.readings import Reading, Readings
from tests.integration.gateway.client import (
    ASSETS,
    HEADERS,
    RAW,
    Client,
    Gateway,
    Worker,
    announce,
    machines,
)
from tests.support import eventually

MAPPED = DatasetSpec(name="field_mappings")
CHANGES = DatasetSpec(name="journal")
OWNED = FlowDefinition(
    flow_type="owned",
    version="1.0.0",
    phases=(
        PhaseDefinition(name="read", outputs=(RAW, HEADERS), uses_uploads=True),
        PhaseDefinition(
            name="gather",
            inputs=(InputSpec(name="raw_rows", phase="read"),),
            outputs=(MAPPED, CHANGES, ASSETS),
            decision_kinds=(DecisionKind.OVERRIDE,),
        ),
    ),
    asset_columns=("name", "environment", "asset_type", "is_target", "business_owner"),
)
COLUMNS = ("Host", "Ansprechpartner", "Person A", "Root password", "Notes")
ROW = ("web-00", "Ada Lovelace", "Grace Hopper", "hunter2", "ask ada@example.org; pwd: hunter2")
OWNER = "Grace Hopper"


def column_rows(attributes: bool) -> pl.DataFrame:
    count = len(COLUMNS)
    frame = pl.DataFrame(
        {
            "file": ["fleet.csv"] * count,
            "sheet": [""] * count,
            "column_index": list(range(count)),
            "column": list(COLUMNS),
            # As the import keeps them: without secrets.
            "samples": [[cell.replace("hunter2", "***")] for cell in ROW],
        }
    )
    if not attributes:
        return frame
    meant = ["name", None, "business_owner", None, None]
    return frame.drop("samples").with_columns(
        natural_key=pl.format("fleet.csv##{}|{}", "column_index", "column"),
        attribute=pl.Series(meant, dtype=pl.String),
        unit=pl.lit("text"),
        confidence=pl.lit(0.9),
        method=pl.lit("synonym"),
        evidence=pl.lit("a word"),
        decided_by=pl.lit("rule"),
        custom=pl.Series([each is None for each in meant]),
    )


def changes() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "attribute": ["business_owner", "name"],
            "old": [" Grace Hopper", "WEB-00"],
            "new": [OWNER, "web-00"],
        }
    )


@pytest.fixture
async def owned(ann: Client, worker: Worker, database: SqlDatabase) -> Any:
    """A flow whose files name persons."""
    await announce(database, OWNED)
    flow = await ann.create(flow_type="owned")
    raw = pl.DataFrame(
        {
            "file": ["fleet.csv"],
            "sheet": [""],
            "row_number": [2],
            "cells": [list(ROW)],
            "file_sha256": ["a" * 64],
            "source": ["generic:1"],
            "format": ["generic"],
        }
    )
    await worker.complete(flow["id"], [(RAW, raw), (HEADERS, column_rows(attributes=False))])
    custom = '{"Ansprechpartner": "Ada Lovelace", "Rack": "r1", "Notes": "ask ada@example.org"}'
    assets = machines(1, business_owner=[OWNER], custom_attributes=[custom])
    found = [(MAPPED, column_rows(attributes=True)), (CHANGES, changes()), (ASSETS, assets)]
    await worker.complete(flow["id"], found)
    await worker.settle()
    return flow


@pytest.fixture
def vera(gateway: Gateway, tenant: Tenant) -> Client:
    """May read, and nothing else."""
    return gateway.client(tenant, "viewer", subject="vera")


async def rows_of(client: Client, flow: Any, name: str, **parameters: Any) -> list[dict[str, Any]]:
    datasets = (await client.json("GET", f"/flows/{flow['id']}/datasets"))["items"]
    id_ = next(each["id"] for each in datasets if each["name"] == name)
    found = await client.json("GET", f"/datasets/{id_}/rows", params=parameters)
    return list(found["items"])


async def test_raw_cells_show_secrets_to_nobody_and_persons_to_operators(
    ann: Client, vera: Client, owned: Any
) -> None:
    (full,) = await rows_of(ann, owned, "raw_rows")
    assert full["cells"] == ["web-00", "Ada Lovelace", OWNER, "***", "ask ada@example.org; pwd: ***"]
    (masked,) = await rows_of(vera, owned, "raw_rows")
    assert masked["cells"] == ["web-00", "***", "***", "***", "ask ***; pwd: ***"]
    assert {**masked, "cells": None} == {**full, "cells": None}


async def test_cells_asked_for_without_their_place_are_masked_alike(vera: Client, owned: Any) -> None:
    (only,) = await rows_of(vera, owned, "raw_rows", columns="cells")
    assert only == {"cells": ["web-00", "***", "***", "***", "ask ***; pwd: ***"]}


async def test_raw_rows_are_read_without_their_cells_and_no_names_are_all_names(
    ann: Client, owned: Any
) -> None:
    assert await rows_of(ann, owned, "raw_rows", columns="row_number") == [{"row_number": 2}]
    assert await rows_of(ann, owned, "raw_rows", columns="") == await rows_of(ann, owned, "raw_rows")


async def test_rows_by_attribute_and_rows_about_an_attribute_are_masked(
    ann: Client, vera: Client, owned: Any
) -> None:
    (asset,) = await rows_of(vera, owned, "assets")
    assert (asset["business_owner"], asset["name"]) == ("***", "web-00.harbour.example")
    assert asset["custom_attributes"] == '{"Ansprechpartner": "***", "Rack": "r1", "Notes": "ask ***"}'
    told = [(row["old"], row["new"]) for row in await rows_of(vera, owned, "journal")]
    assert told == [("***", "***"), ("WEB-00", "web-00")]
    assert (await rows_of(ann, owned, "assets"))[0]["business_owner"] == OWNER


async def test_no_answer_to_a_viewer_names_a_person_whatever_the_route(
    ann: Client, vera: Client, owned: Any
) -> None:
    (asset,) = (await ann.json("GET", "/assets"))["items"]
    body = {"set": {"business_owner": "Ada Lovelace"}, "reason": "ada@example.org said so"}
    await ann("PATCH", f"/assets/{asset['id']}", json=body)
    entity = (await ann.json("GET", f"/flows/{owned['id']}/entities"))["items"][0]
    paths = (
        "/assets",
        f"/assets/{asset['id']}",
        f"/assets/{asset['id']}/lineage",
        f"/flows/{owned['id']}/entities",
        f"/entities/{entity['id']}/lineage",
        f"/flows/{owned['id']}/mappings",
        "/audit",
    )
    for path in paths:
        full, masked = (await ann("GET", path)).text, (await vera("GET", path)).text
        persons = [name for name in ("Lovelace", "Hopper", "ada@") if name in full]
        assert persons, f"{path} tells an operator of nobody: the test proves nothing"
        assert [name for name in persons if name in masked] == [], path
        assert "hunter2" not in full, path


async def test_the_version_of_an_asset_is_the_same_for_all_who_read_it(
    ann: Client, vera: Client, owned: Any
) -> None:
    (asset,) = (await ann.json("GET", "/assets"))["items"]
    path = f"/assets/{asset['id']}"
    assert (await vera("GET", path)).headers["ETag"] == (await ann("GET", path)).headers["ETag"]


async def test_reading_persons_in_the_clear_is_audited_and_reading_them_masked_is_not(
    ann: Client, vera: Client, owned: Any
) -> None:
    await rows_of(vera, owned, "raw_rows")
    await rows_of(ann, owned, "field_mappings")
    read = {"action": "personal_data.read"}
    assert (await ann.json("GET", "/audit", params=read))["items"] == []
    await rows_of(ann, owned, "raw_rows")
    (noted,) = (await ann.json("GET", "/audit", params=read))["items"]
    assert noted["actor"] == "ann"
    assert noted["details"] == {"from_row": 0, "rows": 1, "columns": ["Ansprechpartner", "Person A"]}


async def test_what_is_masked_is_neither_counted_nor_found(
    ann: Client, vera: Client, worker: Worker, gateway: Gateway
) -> None:
    """Nobody confirms a person's address by asking for it."""
    flow = await ann.create()
    await worker.complete(flow["id"])
    places = ["ada@example.org", "grace@example.org", "Hamburg"]
    names = ["laptop of ada@example.org", "db-01", "db-02"]
    environments = ["ada@example.org", "test", "test"]
    columns = {"location": places, "name": names, "environment": environments}
    await worker.complete(flow["id"], [(ASSETS, machines(3, **columns))])
    await worker.settle()
    full = (await ann.json("GET", "/assets:facets"))["facets"]["location"]
    assert sorted(each["value"] for each in full) == sorted(places)
    masked = (await vera.json("GET", "/assets:facets"))["facets"]["location"]
    assert masked == [{"value": "***", "count": 2}, {"value": "Hamburg", "count": 1}]

    async def found(client: Client, path: str, **asked: str) -> int:
        return len((await client.json("GET", path, params=asked))["items"])

    entities = f"/flows/{flow['id']}/entities"
    for asked in (
        {"q": "ada"},
        {"q": "laptop"},
        {"environment": "ada@example.org"},
        {"location": "ada@example.org"},
    ):
        assert await found(ann, "/assets", **asked) == 1, asked
        assert await found(vera, "/assets", **asked) == 0, asked
        counted = (await vera.json("GET", "/assets:facets", params=asked))["facets"]["location"]
        assert counted == [], asked
    assert (await found(ann, entities, q="ada"), await found(vera, entities, q="ada")) == (1, 0)
    assert await found(vera, "/assets", q="db") == await found(vera, entities, q="db") == 2


async def readings(ann: Client) -> list[dict[str, Any]]:
    """The oldest first."""
    rows = (await ann.json("GET", "/audit", params={"action": "personal_data.read"}))["items"]
    return [row["details"] for row in rows[::-1]]


async def test_the_first_reading_of_persons_is_noted_at_once_and_the_next_ones_are_counted(
    ann: Client, vera: Client, owned: Any, gateway: Gateway
) -> None:
    await vera.json("GET", "/assets")
    await ann.json("GET", "/assets", params={"fields": "name,environment"})
    assert await readings(ann) == []
    (asset,) = (await ann.json("GET", "/assets"))["items"]
    first = {
        "what": "assets",
        "attributes": ["Ansprechpartner", "Notes", "business_owner"],
        "reads": 1,
        "count": 1,
        "ids": [asset["id"]],
    }
    assert await readings(ann) == [first]
    for _ in range(3):
        await ann.json("GET", f"/assets/{asset['id']}")
    assert await readings(ann) == [first]
    await gateway.services.readings.write_all()
    assert await readings(ann) == [first, {**first, "reads": 3}]
    await gateway.services.readings.write_all()
    assert len(await readings(ann)) == 2


async def test_whatever_shows_persons_notes_who_read_it(ann: Client, owned: Any) -> None:
    (asset,) = (await ann.json("GET", "/assets", params={"fields": "id"}))["items"]
    entity = (await ann.json("GET", f"/flows/{owned['id']}/entities"))["items"][0]
    for path in (
        f"/assets/{asset['id']}/lineage",
        f"/entities/{entity['id']}/lineage",
        f"/flows/{owned['id']}/mappings",
    ):
        await ann("GET", path)
    noted = (await ann.json("GET", "/audit", params={"action": "personal_data.read"}))["items"]
    assert sorted((row["details"]["what"], row["subject"]) for row in noted) == sorted(
        [("entities", owned["id"]), ("lineage", owned["id"]), ("mappings", owned["id"])]
    )
    assert {row["actor"] for row in noted} == {"ann"}


async def test_a_cursor_does_not_tell_the_name_that_its_page_masks(
    ann: Client, vera: Client, worker: Worker
) -> None:
    flow = await ann.create()
    await worker.complete(flow["id"])
    names = ["laptop of ada@example.org", "laptop of grace@example.org", "web"]
    await worker.complete(flow["id"], [(ASSETS, machines(3, name=names))])
    await worker.settle()
    page = await vera.json("GET", "/assets", params={"limit": 1})
    cursor = page["next_cursor"]
    written = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    assert page["items"][0]["name"] == "laptop of ***"
    assert b"ada" not in written
    pages = await vera.pages("/assets", limit=1)
    assert [row["name"] for page in pages for row in page] == ["laptop of ***", "laptop of ***", "web"]
    assert await vera.code("GET", "/assets", 422, params={"cursor": cursor[:-2] + "AA"}) == "invalid_cursor"


async def test_events_of_a_flow_tell_of_persons_to_those_who_run_flows(ann: Client, vera: Client) -> None:
    flow = await ann.create(name="Laptops of ada@example.org")
    path = f"/flows/{flow['id']}/events"
    assert "ada@" in (await ann("GET", path)).text
    assert "ada@" not in (await vera("GET", path)).text


async def test_a_preview_of_a_batch_shows_persons_as_lists_do_and_notes_who_saw_them(
    ann: Client, owned: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"filter": {}, "set": {"business_owner": "Ada"}, "reason": "she said so", "preview": True}

    async def old() -> Any:
        shown = await ann.json("POST", "/assets:batch", json=body)
        return shown["sample"][0]["changes"]["business_owner"]["old"]

    assert await old() == OWNER
    (noted,) = await readings(ann)
    assert (noted["what"], noted["attributes"], noted["count"]) == ("assets", ["business_owner"], 1)
    monkeypatch.setattr(Access, "sees_personal", False)
    assert await old() == "***"


async def test_what_was_counted_is_written_when_its_window_ends(
    database: SqlDatabase, tenant: Tenant, ann: Client
) -> None:
    noting = Readings(database, 0.01)
    reading = Reading(tenant, "ann", "assets", "estate")
    await noting.note(reading, ["business_owner"], ["a"])
    await noting.note(reading, ["business_owner"], ["b"])
    told: list[dict[str, Any]] = []

    async def written() -> bool:
        told[:] = await readings(ann)
        return len(told) == 2

    await eventually(written, what="the second reading is in the audit")
    assert [row["ids"] for row in told] == [["a"], ["b"]]
