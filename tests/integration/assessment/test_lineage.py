"""From a wave of the plan and from a target back to the cell in the file, through three flows."""

import csv
from pathlib import Path
from typing import Any

from tests.integration.assessment.conftest import Chain, Journeys
from tests.integration.assessment.estate import name_of


async def lineage(journeys: Journeys, flow_id: str, entity_type: str, key: str) -> dict[str, Any]:
    rows = await journeys.all(f"/flows/{flow_id}/entities", entity_type=entity_type)
    (entity,) = [row for row in rows if row["natural_key"] == key]
    return dict(await journeys.ann.json("GET", f"/entities/{entity['id']}/lineage"))


def read_again(files: list[Path], source: dict[str, Any]) -> list[str]:
    """The record as a person counts it, header included."""
    (file,) = [each for each in files if each.name == source["file"]]
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.reader(text))[source["row_number"] - 1]


def cells_of(told: dict[str, Any]) -> list[dict[str, Any]]:
    return [source for source in told["sources"] if source.get("file") is not None]


async def test_a_wave_of_the_plan_leads_to_the_cells_of_its_application(
    journeys: Journeys, seen: Chain, seen_files: list[Path]
) -> None:
    unit = (await journeys.plan(seen.assessment))[name_of(2)]
    told = await lineage(journeys, seen.assessment, "planned_wave", unit["natural_key"])
    flows = {step["flow_id"] for step in told["steps"]}
    assert flows == {seen.assessment, seen.discovery}
    sources = cells_of(told)
    assert {source["file"] for source in sources} == {"machines.csv", "portfolio.csv"}
    assert any(read_again(seen_files, each)[0] == name_of(2) for each in sources)
    for source in sources:
        there = read_again(seen_files, source)
        (raw,) = [row["values"]["cells"] for row in source["rows"] if "cells" in row["values"]]
        assert [value or None for value in there] == [value or None for value in raw.values()]


async def test_a_target_leads_to_the_row_of_its_machine_through_three_flows(
    journeys: Journeys, seen: Chain, seen_files: list[Path]
) -> None:
    (target,) = [
        row for row in await journeys.all("/targets", flow=seen.planning) if row["name"] == "m002-app-01"
    ]
    told = await lineage(journeys, seen.planning, "target", target["natural_key"])
    flows = {told["entity"]["flow_id"], *(step["flow_id"] for step in told["steps"])}
    assert flows == {seen.planning, seen.assessment, seen.discovery}
    rows = [read_again(seen_files, each) for each in cells_of(told) if each["file"] == "machines.csv"]
    (row,) = [each for each in rows if each[0] == "m002-app-01"]
    # CPUs and memory of the very row, which the target's sizes were allocated from.
    assert [float(row[3]), float(row[4])] == [target["allocated_vcpu"], target["allocated_memory_gb"]]


async def test_a_machine_leads_down_to_its_treatment_wave_and_target(journeys: Journeys, seen: Chain) -> None:
    rows = await journeys.all(f"/flows/{seen.discovery}/entities", entity_type="asset")
    (machine,) = [row for row in rows if row["data"]["name"] == "m001-web-01"]
    told = await journeys.ann.json("GET", f"/entities/{machine['id']}/lineage", params={"direction": "down"})
    made = {step["dataset"] for step in told["steps"]}
    assert {"portfolio", "treatments", "wave_assignments", "waves", "targets"} <= made


async def test_a_person_s_decision_is_on_the_way_from_the_target(
    journeys: Journeys, files: list[Path]
) -> None:
    chain = await journeys.travel(files)
    unit = (await journeys.treatments(chain.assessment))[name_of(1)]["natural_key"]
    await journeys.choose(chain.assessment, unit, "rehost", "no time for more")
    await journeys.refresh(chain.assessment)
    await journeys.became_stale(chain.planning)
    await journeys.refresh(chain.planning)
    (target,) = [
        row for row in await journeys.all("/targets", flow=chain.planning) if row["name"] == "m001-app-01"
    ]
    told = await lineage(journeys, chain.planning, "target", target["natural_key"])
    assert [(each["kind"], each["actor"], each["reason"]) for each in told["decisions"]] == [
        ("override", "ann", "no time for more")
    ]
