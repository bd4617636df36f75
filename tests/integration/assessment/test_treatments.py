"""A person's treatment: it changes wave, schedule and target on the next run, is learned, and goes with a rollback."""

from pathlib import Path
from typing import Any

import pytest

from tests.integration.assessment import proof
from tests.integration.assessment.conftest import Chain, Journeys
from tests.integration.assessment.estate import name_of, write_estate
from tests.support.waiting import eventually

FILLED = ("treatment", "wave", "target_type", "target_region", "target_account", "target_monthly_cost")
Shown = dict[str, list[Any]]


async def shown(journeys: Journeys, chain: Chain) -> Shown:
    """What the flows fill of each asset, by name."""
    assets = await journeys.assets(chain)
    return {name: [row[column] for column in FILLED] for name, row in sorted(assets.items())}


async def hashes(journeys: Journeys, flow_id: str) -> dict[str, str]:
    rows = await journeys.all(f"/flows/{flow_id}/datasets")
    return {row["name"]: row["sha256"] for row in rows if row["active"]}


async def override(journeys: Journeys, chain: Chain, name: str, treatment: str, **more: Any) -> str:
    """Chosen by a person and taken in by both flows; the unit's key."""
    unit = str((await journeys.treatments(chain.assessment))[name]["natural_key"])
    await journeys.choose(chain.assessment, unit, treatment, "the contract ends", **more)
    await journeys.refresh(chain.assessment)
    assert "overview" in await journeys.became_stale(chain.planning)
    await journeys.refresh(chain.planning)
    return unit


@pytest.mark.timeout(300)
async def test_what_a_person_chose_changes_wave_schedule_and_target_and_is_attributed(
    journeys: Journeys, files: list[Path]
) -> None:
    chain = await journeys.travel(files)
    before = await shown(journeys, chain)
    schedules = await hashes(journeys, chain.planning)
    unit = (await journeys.treatments(chain.assessment))[name_of(1)]["natural_key"]
    told = await journeys.choose(chain.assessment, unit, "retain", "the contract runs on")
    assert told["stale"] == ["treatment", "wave_planning", "roadmap", "editor"]
    ran = await journeys.refresh(chain.assessment)
    assert "overview" not in ran
    assert ran[0] == "treatment"
    row = (await journeys.treatments(chain.assessment))[name_of(1)]
    assert (row["treatment"], row["decided_by"]) == ("retain", "person")
    assert "decided by ann: the contract runs on" in row["reasons"]
    assert (await journeys.plan(chain.assessment))[name_of(1)]["wave"] is None
    stale = await journeys.became_stale(chain.planning)
    assert stale == ["overview", "timeline", "resource", "target"], "shown as stale, and not run unasked"
    assert (await hashes(journeys, chain.planning))["tasks"] == schedules["tasks"]
    await journeys.refresh(chain.planning)
    assert (await hashes(journeys, chain.planning))["tasks"] != schedules["tasks"]
    tasks = await journeys.all(f"/schedules/{await journeys.dataset(chain.planning, 'tasks')}")
    assert unit not in {task["application"] for task in tasks}
    after = await shown(journeys, chain)
    changed = {name for name in after if after[name][0] != before[name][0]}
    assert changed == {name_of(1), "m001-web-01", "m001-app-01"}
    for name in ("m001-web-01", "m001-app-01"):
        assert after[name][:2] == ["retain", None]
        assert before[name][2] is not None
        assert after[name][2] == "stays where it is"
    audit = await journeys.all("/audit", flow=chain.assessment)
    assert any(each["actor"] == "ann" and unit in str(each) for each in audit)
    missing, extra, _ = await proof.refold(journeys.platform.urls, chain.discovery)
    assert (missing, extra) == (0, 0)


@pytest.mark.timeout(300)
async def test_what_was_chosen_is_known_in_the_next_estate_until_it_is_unlearned(
    journeys: Journeys, tmp_path: Path
) -> None:
    chain = await journeys.travel(write_estate(tmp_path / "one", 3, "Ledger"), through="assessment")
    unit = (await journeys.treatments(chain.assessment))["Ledger 001"]["natural_key"]
    await journeys.choose(chain.assessment, unit, "retire", "nobody uses it", learn=True)

    async def next_time(folder: str) -> dict[str, Any]:
        again = await journeys.travel(write_estate(tmp_path / folder, 3, "Ledger"), through="assessment")
        return (await journeys.treatments(again.assessment))["Ledger 001"]

    row = await next_time("two")
    assert (row["treatment"], row["decided_by"]) == ("retire", "learned")
    patterns = await journeys.all("/learned-patterns")
    (pattern,) = [each for each in patterns if each["pattern"] == "Ledger 001"]
    assert (pattern["kind"], pattern["value"]) == ("treatment", "retire")
    await journeys.ann("DELETE", f"/learned-patterns/{pattern['id']}", 204)
    assert (await next_time("three"))["decided_by"] != "learned"


@pytest.mark.timeout(300)
async def test_a_rollback_of_the_treatment_takes_the_plan_along_and_withdraws_the_choice_with_proof(
    journeys: Journeys, files: list[Path]
) -> None:
    chain = await journeys.travel(files)
    before, told = await shown(journeys, chain), await hashes(journeys, chain.assessment)
    await override(journeys, chain, name_of(1), "rehost")
    assert await shown(journeys, chain) != before

    asked = {"kind": "phase", "phase": "treatment"}
    path = f"/flows/{chain.assessment}/rollbacks"
    refused = (await journeys.ann("POST", f"{path}:plan", 409, json=asked)).json()
    assert refused["code"] == "has_children"
    assert refused["cascade"]["flows"] == [chain.planning, chain.assessment]
    asked = {"kind": "cascade", "phase": "treatment"}
    plan = await journeys.ann.json("POST", f"{path}:plan", json=asked)
    assert plan["flows"] == [chain.planning, chain.assessment]
    assert set(plan["phases"]) == {"treatment", "wave_planning", "roadmap", "editor"}
    assert len(plan["decisions"]) == 1
    lost = {row["name"] for row in plan["datasets"]}
    assert {"treatments", "waves", "asset_waves", "tasks", "targets", "asset_targets"} <= lost
    assert "portfolio" not in lost
    assert {"treatment", "wave", "target_type"} <= set(plan["assets"]["columns"])
    assert plan["assets"]["rows"] == len(before)
    assert [each["status"] for each in plan["handoffs"]]
    body = {**asked, "digest": plan["digest"], "reason": "too early"}
    rollback = (await journeys.ann.json("POST", path, 202, json=body))["rollback_id"]
    await journeys.finished(chain.planning, "rolled_back")
    await journeys.finished(chain.assessment, "waiting")
    found = await journeys.ann.json("GET", f"/rollbacks/{rollback}")
    assert found["data_integrity_check"]["holds"], found["data_integrity_check"]
    assert await proof.faults(journeys.platform.urls, rollback, chain.discovery) == []
    # What showed before the choice was taken in shows again; of the plan nothing is left.
    back = await shown(journeys, chain)
    assert {name: row[:2] for name, row in back.items()} == {name: row[:2] for name, row in before.items()}
    assert {tuple(row[2:]) for row in back.values()} == {(None,) * 4}

    await journeys.ann.json("POST", f"/flows/{chain.assessment}/phases/treatment/execute", 202)
    again = await new_child(journeys, chain)
    assert again.planning != chain.planning
    assert await hashes(journeys, chain.assessment) == told, "as if the choice had never been made"
    assert await shown(journeys, again) == before


async def new_child(journeys: Journeys, chain: Chain) -> Chain:
    """The chain with the plan that has grown after the rollback, at its end."""

    async def grown() -> str | None:
        flows = (await journeys.ann.json("GET", f"/flows/{chain.discovery}/chain"))["flows"]
        ended = [flow["id"] for flow in flows if flow["status"] == "completed"]
        return next((id_ for id_ in ended if id_ not in (chain.discovery, chain.assessment)), None)

    found = await eventually(grown, timeout=100, what="a new plan")
    assert found is not None
    await journeys.platform.settled()
    return Chain(chain.discovery, chain.assessment, found)
