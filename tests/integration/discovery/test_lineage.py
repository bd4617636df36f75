"""From any attribute of any asset to its cell: the named cells are read again from the files, by other code."""

import csv
import io
import os
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.integration.discovery.conftest import Discoveries

ROOT = Path(__file__).parents[3]
SEED, SAMPLES = 20261102, 50
# Concluded by a phase, said by no source.
COMPUTED = {
    "asset_type",
    "is_target",
    "not_target_reason",
    "blocked_reason",
    "sources",
    "completeness_score",
    "quality_score",
    "pool",
    "os_family",
}


@cache
def workbook(path: Path) -> Any:
    return openpyxl.load_workbook(path, data_only=True)


@cache
def records(path: Path) -> list[list[str]]:
    """Rows as a person counts them: of a CSV, its records."""
    data = path.read_bytes()
    for encoding in ("utf-8-sig", "utf-16", "cp1252"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeError:
            continue
    first = text.splitlines()[0]
    delimiter = max(",;\t|", key=first.count)
    return list(csv.reader(io.StringIO(text), delimiter=delimiter))


def read_again(files: dict[str, Path], cell: dict[str, Any]) -> Any:
    path = files[cell["file"]]
    if path.suffix == ".xlsx":
        sheet = workbook(path)[cell["sheet"]] if cell["sheet"] else workbook(path).worksheets[0]
        return sheet.cell(cell["row_number"], cell["column_index"] + 1).value
    return records(path)[cell["row_number"] - 1][cell["column_index"]]


def same(there: Any, recorded: str) -> bool:
    """A workbook keeps numbers and times as such; the record is text."""
    if isinstance(there, bool):
        return str(there).lower() == recorded.lower()
    if isinstance(there, int | float):
        return float(recorded.replace(",", "")) == pytest.approx(float(there), rel=1e-9)
    if hasattr(there, "isoformat"):
        return recorded.replace("T", " ").startswith(there.isoformat(sep=" ")[:10])
    return str(there).strip() == recorded.strip()


async def check_random_attributes(discoveries: Discoveries, files: list[Path]) -> int:
    """Attributes looked at; every cell that is named must hold what is recorded, and the value must be in one."""
    flow_id = await discoveries.discover(files)
    by_name = {file.name: file for file in files}
    assets = await discoveries.all("/assets", estate=flow_id)
    draw = random.Random(SEED)
    looked_at = 0
    while looked_at < SAMPLES:
        asset = draw.choice(assets)
        known = [name for name in _attributes(asset) if name not in COMPUTED]
        if not known:
            continue
        name = draw.choice(known)
        told = await discoveries.ann.json("GET", f"/assets/{asset['id']}/lineage", params={"attribute": name})
        (origin,) = told["attributes"]
        assert origin["value"] == asset[name]
        if origin["origin"] == "computed":
            # An application that only its machines name stands in no row of its own.
            assert asset["asset_type"] == "application", (asset["natural_key"], name)
            continue
        looked_at += 1
        assert any(cell["role"] in ("winner", "agrees", "part") for cell in origin["cells"]), (asset, name)
        for cell in origin["cells"]:
            assert "***" not in (cell["old"] or "")
            there = read_again(by_name, cell)
            assert same(there, cell["old"]), (asset["natural_key"], name, cell, there)
            assert len(cell["file_sha256"]) == 64
            assert cell["mapping"]["evidence"]
    return looked_at


def _attributes(asset: dict[str, Any]) -> Iterator[str]:
    """Those with a value that a source may have said."""
    table = {"id", "estate_id", "natural_key", "source_flow_id", "discovery_data_entity_id", "overridden"}
    for name, value in asset.items():
        if value not in (None, []) and name not in table | {"updated_at", "custom_attributes"}:
            yield name


@pytest.mark.timeout(300)
async def test_fifty_random_attributes_of_the_sample_estate_lead_to_their_cells(
    discoveries: Discoveries,
) -> None:
    files = [
        file for file in (ROOT / "samples/harbour").iterdir() if file.suffix in (".csv", ".xlsx", ".tsv")
    ]
    assert await check_random_attributes(discoveries, files) == SAMPLES


@pytest.mark.skipif(
    not os.environ.get("CARAVAN_REFERENCE_DATA"),
    reason="needs the reference inventories: CARAVAN_REFERENCE_DATA",
)
@pytest.mark.timeout(300)
async def test_fifty_random_attributes_of_real_files_lead_to_their_cells(discoveries: Discoveries) -> None:
    folder = Path(os.environ["CARAVAN_REFERENCE_DATA"]) / "inventories/aws_samples"
    assert await check_random_attributes(discoveries, sorted(folder.glob("*.xlsx"))) == SAMPLES


async def test_each_change_and_rule_on_the_way_is_told(discoveries: Discoveries, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "Server Name,Memory (MB),Operating System,Serial Number,Environment\n"
        "web-01,16384,Ubuntu 22.04.3 LTS,SN-AAAA-1,prd\n",
        encoding="utf-8",
    )
    (tmp_path / "b.csv").write_text(
        "Hostname,RAM GB,OS,Serial,Stage\nWEB-01.harbour.example,32,n/a,SN-AAAA-1,Produktion\n",
        encoding="utf-8",
    )
    flow_id = await discoveries.discover([tmp_path / "a.csv", tmp_path / "b.csv"])
    (asset,) = await discoveries.all("/assets", estate=flow_id)
    told = await discoveries.ann.json("GET", f"/assets/{asset['id']}/lineage")
    by_name = {origin["attribute"]: origin for origin in told["attributes"]}

    memory = by_name["memory_gb"]
    assert {(cell["file"], cell["old"], cell["value"], cell["role"]) for cell in memory["cells"]} == {
        ("a.csv", "16384", 16.0, "winner" if memory["value"] == 16.0 else "loser"),
        ("b.csv", "32", 32.0, "winner" if memory["value"] == 32.0 else "loser"),
    }
    assert memory["conflict"]["reason"]
    assert {cell["mapping"]["unit"] for cell in memory["cells"]} == {"MiB", "GiB"}
    environment = {cell["file"]: cell for cell in by_name["environment"]["cells"]}
    assert [(change["old"], change["new"]) for change in environment["a.csv"]["changes"]] == [
        ("prd", "production")
    ]
    system = {cell["file"]: cell for cell in by_name["operating_system"]["cells"]}
    assert (system["b.csv"]["value"], system["b.csv"]["role"]) == (None, "no_value")
    assert system["b.csv"]["changes"][0]["rule"] == "unknown_is_null"
    assert by_name["is_target"]["origin"] == "computed"

    body = {"set": {"environment": "test"}, "reason": "it is a copy"}
    await discoveries.ann("PATCH", f"/assets/{asset['id']}", json=body)
    told = await discoveries.ann.json(
        "GET", f"/assets/{asset['id']}/lineage", params={"attribute": "environment"}
    )
    (origin,) = told["attributes"]
    assert (origin["value"], origin["origin"]) == ("test", "person")
    assert [(d["kind"], d["actor"], d["reason"]) for d in origin["decisions"]] == [
        ("override", "ann", "it is a copy")
    ]

    records = {record["rows"][0]["file"]: record for record in told["records"]}
    assert set(records) == {"a.csv", "b.csv"}
    for record, other in zip(records.values(), reversed(records.values()), strict=True):
        (row,) = record["rows"]
        assert (row["sheet"], row["row_number"]) == ("", 2)
        assert record["source_key"]
        (join,) = record["joined"]
        assert (join["source"], join["kind"], join["values"]) == (
            other["source"],
            "serial_number",
            ["sn-aaaa-1"],
        )
        assert (join["decided_by"], join["decision"]) == ("rule", None)
    problem = await discoveries.ann.code(
        "GET", f"/assets/{asset['id']}/lineage", 422, params={"attribute": "shoe_size"}
    )
    assert problem == "unknown_attribute"


async def test_rows_that_a_person_joined_name_the_answer_and_the_crews_advice(
    discoveries: Discoveries, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text(
        "Server Name,IP Address,CPUs,Operating System\nweb-01,10.0.0.1,4,Ubuntu 22.04\n", encoding="utf-8"
    )
    (tmp_path / "b.csv").write_text("Hostname,IP,RAM GB\nWEB-01,10.0.0.9,32\n", encoding="utf-8")
    flow_id = await discoveries.discover([tmp_path / "a.csv", tmp_path / "b.csv"])
    for asset in await discoveries.all("/assets", estate=flow_id):
        alone = await discoveries.ann.json("GET", f"/assets/{asset['id']}/lineage")
        assert [record["joined"] for record in alone["records"]] == [[]]

    questions = await discoveries.all(f"/flows/{flow_id}/questions", status="accepted")
    (question,) = [each for each in questions if each["key"].startswith("same|")]
    answer = {"option": "same", "reason": "moved to another network"}
    await discoveries.ann("POST", f"/questions/{question['id']}/answer", json=answer)
    await discoveries.refresh(flow_id)

    (asset,) = await discoveries.all("/assets", estate=flow_id)
    told = await discoveries.ann.json("GET", f"/assets/{asset['id']}/lineage")
    assert len(told["records"]) == 2
    for record in told["records"]:
        (join,) = record["joined"]
        assert (join["kind"], join["values"], join["decided_by"]) == ("person", [], "person")
        assert join["question"] == question["text"]
        assert join["advice"]["advice"] == question["facts"]["advice"]
        decision = join["decision"]
        assert (decision["actor"], decision["value"], decision["reason"]) == (
            "ann",
            "same",
            "moved to another network",
        )


async def test_rows_of_one_source_are_told_with_the_key_they_share(
    discoveries: Discoveries, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text(
        "Server Name,Asset Tag,CPUs\nweb-01,T1,4\nweb-01,T1,8\n", encoding="utf-8"
    )
    flow_id = await discoveries.discover([tmp_path / "a.csv"])
    (asset,) = await discoveries.all("/assets", estate=flow_id)
    told = await discoveries.ann.json("GET", f"/assets/{asset['id']}/lineage")
    (record,) = told["records"]
    assert [row["row_number"] for row in record["rows"]] == [2, 3]
    assert (record["source_key"], record["joined"]) == ("T1", [])


async def test_a_secret_in_a_cell_is_shown_to_nobody(discoveries: Discoveries, tmp_path: Path) -> None:
    (tmp_path / "n.csv").write_text(
        "Server Name,IP Address,Description\nweb-01,10.0.0.1,login with password: Hafen-2026!\n",
        encoding="utf-8",
    )
    flow_id = await discoveries.discover([tmp_path / "n.csv"])
    (asset,) = await discoveries.all("/assets", estate=flow_id)
    for path in (f"/assets/{asset['id']}", f"/entities/{asset['discovery_data_entity_id']}"):
        answer = await discoveries.ann("GET", f"{path}/lineage")
        assert "***" in answer.text, path
        assert "Hafen-2026" not in answer.text, path
