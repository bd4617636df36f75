"""People edit the plan of the real planner: checked, accepted, compared, restored; later plans keep what is locked."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.integration.assessment.conftest import Journeys
from tests.integration.assessment.estate import name_of, write_estate
from tests.support.processor_time import processor_seconds
from tests.support.waiting import eventually

Edit = dict[str, Any]
# Capacity for two units a wave, so that every size of machine needs several waves.
WAVES = {"count": 8, "length_days": 14, "start": "2027-01-04", "capacity_servers": 4}


async def ask(journeys: Journeys, version: str, *edits: Edit) -> dict[str, Any]:
    path = f"/wave-plans/{version}"
    body = {"edits": list(edits)}
    id_ = (await journeys.ann.json("POST", f"{path}/edits:check", 202, json=body))["edit_id"]

    async def answered() -> dict[str, Any] | None:
        found: dict[str, Any] = await journeys.ann.json("GET", f"{path}/edits/{id_}")
        return found if found["status"] != "checking" else None

    found = await eventually(answered, timeout=60, what="the edit is answered")
    assert found is not None
    return found


async def accept(journeys: Journeys, flow: str, *edits: Edit) -> dict[str, Any]:
    """The answer to edits that stand by now."""
    version = await journeys.dataset(flow, "waves")
    edit = await ask(journeys, version, *edits)
    assert edit["status"] == "answered", edit
    body = {"edit_id": edit["edit_id"], "reason": "agreed"}
    await journeys.ann.json("POST", f"/wave-plans/{version}/edits:accept", 202, json=body)
    await journeys.finished(flow)
    return edit


async def waves(journeys: Journeys, flow: str, version: str | None = None) -> dict[str, int | None]:
    return {row["natural_key"]: row["wave"] for row in (await journeys.plan(flow, version)).values()}


@pytest.fixture(scope="module")
async def flow(journeys: Journeys, tmp_path_factory: pytest.TempPathFactory) -> str:
    """One for all: those who change the plan take it back, but for the last."""
    files = write_estate(tmp_path_factory.mktemp("edited"), 6)
    return (await journeys.travel(files, through="assessment", waves=WAVES)).assessment


async def keys(journeys: Journeys, flow: str) -> list[str]:
    plan = await journeys.plan(flow)
    return [plan[name_of(number)]["natural_key"] for number in range(len(plan))]


@pytest.mark.timeout(240)
async def test_what_an_edit_breaks_is_named_and_nothing_changes(journeys: Journeys, flow: str) -> None:
    version, before = await journeys.dataset(flow, "waves"), await waves(journeys, flow)
    unit = await keys(journeys, flow)
    everything = [{"move": {"application": key, "wave": 1}} for key in unit]
    edit = await ask(journeys, version, *everything)
    assert any("servers" in said for said in edit["violations"]["capacity"])
    # Service 002 needs 001; put before it, the order is broken, and both are named.
    turned = [{"move": {"application": unit[1], "wave": 3}}, {"move": {"application": unit[2], "wave": 2}}]
    edit = await ask(journeys, version, *turned)
    assert any(unit[1] in said and unit[2] in said for said in edit["violations"]["precedence"])
    assert {row["wave"] for row in edit["load"]} == set(range(1, 9))
    assert await journeys.dataset(flow, "waves") == version
    assert await waves(journeys, flow) == before
    unknown = await ask(journeys, version, {"move": {"application": "nobody", "wave": 1}})
    assert (unknown["status"], unknown["error"]["code"]) == ("failed", "edit_not_possible")


@pytest.mark.timeout(300)
async def test_a_wave_is_split_dated_and_merged_and_every_version_keeps_its_calendar(
    journeys: Journeys, flow: str
) -> None:
    first = await journeys.dataset(flow, "waves")
    before = await waves(journeys, flow)
    unit, wave = next((key, wave) for key, wave in before.items() if list(before.values()).count(wave) > 1)
    other = next(key for key, place in before.items() if place is not None and place != wave)
    # In one batch numbers are those of the plan that is shown, behind the split as before it.
    edits: list[Edit] = [
        {"split": {"wave": wave, "applications": [unit]}},
        {"move": {"application": other, "wave": 8}},
    ]
    edit = await accept(journeys, flow, *edits)
    second = await journeys.dataset(flow, "waves")
    after = await waves(journeys, flow)
    assert wave is not None
    assert (after[unit], after[other]) == (wave + 1, 9)
    assert len(edit["dates"]) == 9
    shown = await journeys.ann.json("GET", f"/wave-plans/{second}")
    dates = [(row["wave"], row["starts"], row["ends"]) for row in shown["calendar"]]
    assert dates == [(row["wave"], row["starts"], row["ends"]) for row in edit["dates"]]
    assert len((await journeys.ann.json("GET", f"/wave-plans/{first}"))["calendar"]) == 8

    dated = {"date": {"wave": 9, "ends": "2027-05-28"}}
    edit = await accept(journeys, flow, dated)
    assert edit["dates"][-1]["ends"] == "2027-05-28"
    assert (await journeys.plan(flow))[(await named(journeys, flow))[other]]["ends"] == "2027-05-28"
    await accept(journeys, flow, {"merge": {"waves": [wave, wave + 1]}})
    merged = await waves(journeys, flow)
    assert (merged[unit], merged[other]) == (wave, 8)

    body = {"with": await journeys.dataset(flow, "waves")}
    compared = await journeys.ann.json("POST", f"/wave-plans/{second}/edits:compare", json=body)
    assert unit in {row["application"] for row in compared["differences"]}
    await journeys.ann.json("POST", f"/wave-plans/{first}/edits:restore", 202)
    await journeys.finished(flow)
    assert await waves(journeys, flow) == before
    restored = await journeys.dataset(flow, "waves")
    rows = [(await journeys.ann.json("GET", f"/datasets/{id_}"))["sha256"] for id_ in (first, restored)]
    assert rows[0] == rows[1]


async def named(journeys: Journeys, flow: str) -> dict[str, str]:
    return {row["natural_key"]: name for name, row in (await journeys.plan(flow)).items()}


@pytest.mark.timeout(240)
async def test_a_discarded_edit_changes_nothing(journeys: Journeys, flow: str) -> None:
    version, unit = await journeys.dataset(flow, "waves"), await keys(journeys, flow)
    edit = await ask(journeys, version, {"move": {"application": unit[0], "wave": 8}})
    path, body = f"/wave-plans/{version}/edits", {"edit_id": edit["edit_id"]}
    await journeys.ann("POST", f"{path}:discard", 204, json=body)
    assert await journeys.ann.code("POST", f"{path}:accept", 409, json=body) == "edit_not_open"
    assert await journeys.dataset(flow, "waves") == version


@pytest.mark.timeout(300)
async def test_five_hundred_applications_are_answered_in_seconds(
    journeys: Journeys, tmp_path: Path, say: Callable[[str], None]
) -> None:
    """Of processor time: how long it takes beside other work says little."""
    files = write_estate(tmp_path / "large", 500)
    limits = {"steps": 2000}
    flow = (await journeys.travel(files, through="assessment", waves=limits)).assessment
    version, plan = await journeys.dataset(flow, "waves"), await journeys.plan(flow)
    assert len(plan) == 500
    unit = plan[name_of(250)]["natural_key"]
    began, used = time.monotonic(), processor_seconds()
    edit = await ask(journeys, version, {"move": {"application": unit, "wave": 1}})
    took, used = time.monotonic() - began, processor_seconds() - used
    say(f"500 applications: answered within {took:.2f} s, {used:.2f} s of processor time")
    assert edit["status"] == "answered"
    assert used < 2


@pytest.mark.timeout(300)
async def test_a_lock_holds_in_the_next_plan_also_where_it_only_says_here(
    journeys: Journeys, flow: str
) -> None:
    unit = await keys(journeys, flow)
    here = (await waves(journeys, flow))[unit[4]]
    # Away from where the planner puts it, then locked without naming the wave.
    away = 7 if here != 7 else 6
    await accept(
        journeys, flow, {"move": {"application": unit[4], "wave": away}}, {"lock": {"application": unit[4]}}
    )
    await accept(journeys, flow, {"lock": {"application": unit[0]}})
    held = await waves(journeys, flow)
    assert held[unit[4]] == away
    sql = "select value from human_decisions where flow_id = $1 order by number desc limit 1"
    ((decision,),) = await journeys.platform.query(sql, flow)
    assert decision["edits"] == [{"lock": {"application": unit[0], "wave": held[unit[0]], "locked": True}}]
    # What else changes the plan: another unit stays, and everything is planned anew.
    await journeys.choose(flow, unit[5], "retain", "it stays")
    ran = await journeys.refresh(flow)
    assert "wave_planning" in ran
    after = await waves(journeys, flow)
    assert after[unit[5]] is None
    assert (after[unit[4]], after[unit[0]]) == (away, held[unit[0]])
    planned = await journeys.all(f"/wave-plans/{await journeys.dataset(flow, 'wave_assignments')}")
    locked = {row["natural_key"]: (row["wave"], row["locked"]) for row in planned}
    assert locked[unit[4]] == (away, True)
    assert locked[unit[0]] == (held[unit[0]], True)
