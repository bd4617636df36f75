"""Who sees what tells of persons, and passwords: in every answer that holds delivered data."""

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
from caravan_orchestrator.store.database import SqlDatabase
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
