"""`caravan wave` and `caravan treatment` on the plan of the real services, against a gateway that listens."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.integration.assessment.conftest import Journeys
from tests.integration.assessment.estate import name_of, write_estate
from tests.integration.assessment.test_edits import WAVES
from tests.support.command import caravan_here
from tests.support.listening import served

Command = Callable[..., Awaitable[str]]


@pytest.fixture
async def listening(journeys: Journeys) -> AsyncIterator[str]:
    async with served(journeys.gateway.app) as address:
        yield address


@pytest.fixture
def command(journeys: Journeys, listening: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """What `caravan …` prints."""

    async def run(*arguments: str) -> str:
        env = {
            "CARAVAN_URL": listening,
            "CARAVAN_TOKEN": journeys.ann.token,
            "CARAVAN_DATA_DIR": str(tmp_path / "data"),
        }
        return await caravan_here(monkeypatch, *arguments, env=env)

    return run


@pytest.mark.timeout(300)
async def test_a_plan_is_shown_edited_compared_and_restored_and_a_treatment_is_set(
    journeys: Journeys, command: Command, files: list[Path]
) -> None:
    flow = (await journeys.travel(files, through="assessment", waves=WAVES)).assessment
    first, plan = await journeys.dataset(flow, "waves"), await journeys.plan(flow)
    unit = plan[name_of(0)]["natural_key"]
    free = min({*range(1, 9)} - {row["wave"] for row in plan.values()})

    async def asked(*arguments: str) -> Any:
        return json.loads(await command(*arguments, "--json"))

    shown = await asked("wave", "show", flow)
    assert (shown["version"], shown["in_force"], len(shown["items"])) == (first, True, 6)
    assert name_of(0) in await command("wave", "show", flow)
    edit = await asked("wave", "check", flow, "--move", f"{unit}={free}", "--lock", unit)
    assert edit["status"] == "answered"
    assert "answered" in await command("wave", "check", flow, "--merge", "1,2")
    told = await command("wave", "check", flow, "--move", f"{name_of(1)}=3", "--move", f"{name_of(2)}=2")
    assert f"precedence: {name_of(1)} (wave 3) must not move after {name_of(2)} (wave 2)" in told
    assert re.search(r"wave 3: [\d.]+ → [\d.]+( of [\d.]+)? person-days", told)
    used = max(row["wave"] for row in plan.values())
    dated = await command(
        "wave", "check", flow, "--starts", f"{used}=2028-01-03", "--ends", f"{used}=2028-01-07"
    )
    assert re.search(rf"wave {used}: \S+ to \S+ → 2028-01-03 to 2028-01-07", dated)
    await asked("wave", "accept", flow, edit["edit_id"], "--reason", "agreed")
    await journeys.finished(flow)
    held = (await journeys.plan(flow))[name_of(0)]
    assert (held["wave"], held["locked"]) == (free, True)
    assert name_of(0) in (told := await command("wave", "compare", flow, first)) or unit in told
    dropped = await asked("wave", "check", flow, "--starts", "1=2027-01-05")
    await asked("wave", "discard", flow, dropped["edit_id"])
    await asked("wave", "restore", flow, first)
    await journeys.finished(flow)
    assert await journeys.plan(flow) == plan

    listed = await asked("treatment", "list", "--flow", flow)
    assert {row["name"] for row in listed} == plan.keys()
    chosen = ("treatment", "set", unit, "retain", "--reason", "stays", "--once", "--flow", flow)
    assert (await asked(*chosen))["application"] == unit
    await command("flow", "refresh", flow)
    await journeys.finished(flow)
    assert "person" in await command("treatment", "list", "--flow", flow)
    assert (await journeys.plan(flow))[name_of(0)]["wave"] is None


@pytest.mark.timeout(400)
async def test_what_shows_the_plan_as_it_was_is_named_and_refreshed_down_the_chain(
    journeys: Journeys, command: Command, tmp_path: Path
) -> None:
    chain = await journeys.travel(write_estate(tmp_path, 4), waves=WAVES)
    flow = chain.assessment
    unit = (await journeys.plan(flow))[name_of(0)]["natural_key"]

    async def asked(*arguments: str) -> Any:
        return json.loads(await command("wave", *arguments, "--json"))

    edit = await asked("check", flow, "--move", f"{unit}=7")
    told = await asked("accept", flow, edit["edit_id"])
    assert told["stale"] == ["roadmap"]
    assert told["refresh"]["text"].startswith("roadmap still shows the plan as it was before; refresh")
    assert told["refresh"]["command"] == f"caravan flow refresh {flow}"
    assert [each["flow_type"] for each in told["refresh"]["flows"]] == ["planning"]
    await journeys.finished(flow)
    await journeys.became_stale(chain.planning)
    (entry,) = (await journeys.ann.json("GET", "/inbox", params={"kind": "stale", "flow": flow}))["items"]
    assert "do not show yet: roadmap." in entry["text"]
    assert entry["actions"][0]["path"] == f"/flows/{flow}/refresh"
    edit = await asked("check", flow, "--move", f"{unit}=6")
    words = await command("wave", "accept", flow, edit["edit_id"], "--refresh")
    assert "refreshed: assessment, planning." in words
    assert await journeys.stale(flow) == await journeys.stale(chain.planning) == []
    dated = await journeys.all(f"/datasets/{await journeys.dataset(flow, 'roadmap')}/rows")
    assert unit in str([row for row in dated if row.get("wave") == 6])
