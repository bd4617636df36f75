"""What a person corrects is taken in by a refresh, and nothing else is computed again."""

import json
from pathlib import Path
from typing import Any

import pytest

from caravan_discovery.domain.lifecycle import SHIPPED, read_raw, table_rows
from tests.integration.discovery.conftest import Discoveries

LATER = ["attribute_mapping", "data_cleansing", "inventory", "dependencies", "tech_debt"]
SERVERS = (
    "Server Name,IP Address,Operating System,CPUs,Memory (GB),Stage X,Zz9 Box\n"
    "web-01,10.0.0.1,Ubuntu 22.04,4,16,prod,32\n"
    "db-01,10.0.0.2,Windows Server 2012 R2,8,64,test,64\n"
)
OTHER = "Hostname,IP Address,RAM (GB),Serial Number\nweb-01,10.0.0.1,24,S1\n"


@pytest.fixture
async def flow(discoveries: Discoveries, tmp_path: Path) -> str:
    (tmp_path / "servers.csv").write_text(SERVERS, encoding="utf-8")
    (tmp_path / "other.csv").write_text(OTHER, encoding="utf-8")
    return await discoveries.discover([tmp_path / "servers.csv", tmp_path / "other.csv"])


async def stale(discoveries: Discoveries, flow_id: str) -> list[str]:
    flow = await discoveries.ann.json("GET", f"/flows/{flow_id}")
    return [phase["name"] for phase in flow["phases"] if phase["stale"]]


async def asset(discoveries: Discoveries, flow_id: str, name: str) -> dict[str, Any]:
    found = await discoveries.all("/assets", estate=flow_id)
    return next(each for each in found if (each["name"] or "").startswith(name))


async def correct(
    discoveries: Discoveries, flow_id: str, column: str, attribute: str | None, **more: Any
) -> Any:
    place = {"file": "servers.csv", "column": column, "attribute": attribute}
    body = {"mappings": [place], "reason": "we know", **more}
    return await discoveries.ann.json("PATCH", f"/flows/{flow_id}/mappings", json=body)


@pytest.mark.timeout(240)
async def test_after_a_corrected_mapping_the_files_are_not_read_again(
    discoveries: Discoveries, flow: str
) -> None:
    await correct(discoveries, flow, "Zz9 Box", "storage_gb")
    assert await stale(discoveries, flow) == LATER
    ran = await discoveries.refresh(flow)
    assert ran[:3] == LATER[:3]
    assert "data_import" not in ran
    assert await stale(discoveries, flow) == []
    assert (await asset(discoveries, flow, "web-01"))["storage_gb"] == 32.0
    rows = await discoveries.all(f"/flows/{flow}/mappings", attribute="storage_gb")
    assert [(row["method"], row["decision"]["pending"]) for row in rows] == [("person", False)]


@pytest.mark.timeout(240)
async def test_a_correction_that_says_what_was_known_ends_after_the_mapping(
    discoveries: Discoveries, flow: str
) -> None:
    """Evidence and method change, and nothing that later phases make of it: their datasets come out as they were."""
    await correct(discoveries, flow, "Memory (GB)", "memory_gb", learn=False)
    ran = await discoveries.refresh(flow)
    assert ran == ["attribute_mapping", "data_cleansing"]
    kept = (await discoveries.all(f"/flows/{flow}/events"))[-10:]
    assert [event["data"]["phase"] for event in kept if event["type"] == "caravan.phase.kept"] == LATER[2:]
    assert await stale(discoveries, flow) == []


@pytest.mark.timeout(240)
async def test_an_override_runs_the_phase_that_takes_it_and_what_reads_its_assets(
    discoveries: Discoveries, flow: str
) -> None:
    web = await asset(discoveries, flow, "web-01")
    body = {"set": {"environment": "staging"}, "reason": "moved"}
    await discoveries.ann("PATCH", f"/assets/{web['id']}", json=body)
    assert await stale(discoveries, flow) == LATER[2:]
    ran = await discoveries.refresh(flow)
    assert ran[0] == "inventory"
    assert not {"data_import", "attribute_mapping", "data_cleansing"} & set(ran)
    assert (await asset(discoveries, flow, "web-01"))["environment"] == "staging"


@pytest.mark.timeout(240)
async def test_a_resolved_conflict_shows_in_the_asset_after_the_refresh(
    discoveries: Discoveries, flow: str
) -> None:
    conflicts = await discoveries.all(f"/flows/{flow}/conflicts", attribute="memory_gb")
    (conflict,) = conflicts
    (loser,) = conflict["losers"]
    await discoveries.ann("POST", f"/conflicts/{conflict['id']}/resolve", json={"winner": loser})
    ran = await discoveries.refresh(flow)
    assert ran[0] == "inventory"
    assert (await asset(discoveries, flow, "web-01"))["memory_gb"] == float(loser)
    (again,) = await discoveries.all(f"/flows/{flow}/conflicts", attribute="memory_gb")
    assert (again["winner"], again["decided_by"]) == (loser, "person")


@pytest.mark.timeout(240)
async def test_what_was_corrected_is_known_in_the_next_discovery_until_it_is_unlearned(
    discoveries: Discoveries, flow: str, tmp_path: Path
) -> None:
    await correct(discoveries, flow, "Zz9 Box", "storage_gb")
    (tmp_path / "next.csv").write_text(SERVERS.replace("Zz9 Box", "zz9-box"), encoding="utf-8")

    async def method() -> tuple[str, str | None]:
        again = await discoveries.discover([tmp_path / "next.csv"])
        rows = await discoveries.all(f"/flows/{again}/mappings")
        row = next(row for row in rows if row["column"] == "zz9-box")
        return row["method"], row["attribute"]

    assert await method() == ("learned", "storage_gb")
    patterns = await discoveries.all("/learned-patterns")
    (pattern,) = [each for each in patterns if each["pattern"] == "Zz9 Box"]
    await discoveries.ann("DELETE", f"/learned-patterns/{pattern['id']}", 204)
    assert (await method())[0] != "learned"


@pytest.mark.timeout(240)
async def test_an_answer_is_taken_in_by_what_asked_and_what_follows_from_it(
    discoveries: Discoveries, tmp_path: Path
) -> None:
    rows = [f"app-{n:02d},10.1.0.{n},00:50:56:00:00:{n:02x}" for n in range(1, 6)]
    header = "Server Name,IP Address,Feld 7"
    (tmp_path / "asks.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    flow_id = await discoveries.discover([tmp_path / "asks.csv"])
    questions = await discoveries.all(f"/flows/{flow_id}/questions", status="accepted")
    (question,) = [each for each in questions if each["subject"].endswith("|Feld 7")]
    other = next(each["id"] for each in question["options"] if each["id"] != question["recommendation"])
    await discoveries.ann("POST", f"/questions/{question['id']}/answer", json={"option": other})
    assert await stale(discoveries, flow_id) == LATER
    ran = await discoveries.refresh(flow_id)
    assert ran[0] == "attribute_mapping"
    (row,) = [
        each for each in await discoveries.all(f"/flows/{flow_id}/mappings") if each["column"] == "Feld 7"
    ]
    assert (row["attribute"] or "none", row["method"]) == (other, "person")


@pytest.mark.timeout(240)
async def test_other_lifecycle_dates_recompute_the_technical_debt_and_nothing_else(
    discoveries: Discoveries, flow: str
) -> None:
    admin = discoveries.gateway.client(discoveries.platform.tenant, "admin")
    rows = table_rows(read_raw(SHIPPED))
    product = json.loads(rows["ubuntu"])
    [cycle] = [each for each in product["cycles"] if each["cycle"] == "22.04"]
    cycle["eol"] = "2026-01-31"
    body = {"rows": rows | {"ubuntu": json.dumps(product)}}

    async def ends() -> str | None:
        debt = await discoveries.all(f"/flows/{flow}/entities", entity_type="tech_debt")
        [row] = [row["data"] for row in debt if row["data"].get("product") == "Ubuntu"]
        return str(row["eol_date"])

    before = await ends()
    told = await admin.json("PUT", "/reference-tables/lifecycle", json=body)
    assert (told["changed"], told["stale_flows"] > 0) == (True, True)
    assert await stale(discoveries, flow) == ["tech_debt"]
    assert await ends() == before
    assert await discoveries.refresh(flow) == ["tech_debt"]
    assert (await ends(), await stale(discoveries, flow)) == ("2026-01-31", [])
    [*_, attempt] = await discoveries.all(f"/flows/{flow}/attempts", kind="execute")
    assert attempt["inputs"]["datasets"]["lifecycle"] == told["digest"]

    again = await admin.json("PUT", "/reference-tables/lifecycle", json=body)
    assert (again["changed"], again["stale_flows"]) == (False, 0)
    shown = await discoveries.ann.json("GET", "/reference-tables/lifecycle")
    assert shown == {"name": "lifecycle", "digest": told["digest"], "rows": body["rows"]}

    await admin.json("DELETE", "/reference-tables/lifecycle")
    assert await stale(discoveries, flow) == ["tech_debt"]
    assert await discoveries.refresh(flow) == ["tech_debt"]
    assert await ends() == before
