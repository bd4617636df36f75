"""`caravan waves` and `caravan treatments` on the plan of the real services, against a gateway that listens."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from typer.testing import CliRunner

from caravan.main import app
from tests.integration.assessment.conftest import Journeys
from tests.integration.assessment.estate import name_of, write_estate
from tests.integration.assessment.test_edits import WAVES
from tests.support.waiting import eventually, free_port

Command = Callable[..., Awaitable[str]]


@pytest.fixture
async def listening(journeys: Journeys) -> AsyncIterator[str]:
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(journeys.gateway.app, port=port, log_level="warning", lifespan="off")
    )
    serving = asyncio.ensure_future(server.serve())

    async def started() -> bool:
        return server.started

    await eventually(started, what="the gateway listens")
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving


@pytest.fixture
def command(journeys: Journeys, listening: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """What `caravan …` prints, in a thread of this process, where signals can't be listened for."""
    monkeypatch.setattr("caravan.running.run", asyncio.run)

    async def run(*arguments: str) -> str:
        env = {
            "CARAVAN_URL": listening,
            "CARAVAN_TOKEN": journeys.ann.token,
            "CARAVAN_DATA_DIR": str(tmp_path / "data"),
        }
        done = await asyncio.to_thread(
            CliRunner(env=env).invoke, app, list(arguments), catch_exceptions=False
        )
        assert done.exit_code == 0, done.output
        return str(done.stdout)

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

    shown = await asked("waves", "show", flow)
    assert (shown["version"], shown["in_force"], len(shown["items"])) == (first, True, 6)
    assert name_of(0) in await command("waves", "show", flow)
    edit = await asked("waves", "check", flow, "--move", f"{unit}={free}", "--lock", unit)
    assert edit["status"] == "answered"
    assert "answered" in await command("waves", "check", flow, "--merge", "1,2")
    await asked("waves", "accept", flow, edit["edit_id"], "--reason", "agreed")
    await journeys.finished(flow)
    held = (await journeys.plan(flow))[name_of(0)]
    assert (held["wave"], held["locked"]) == (free, True)
    assert name_of(0) in (told := await command("waves", "compare", flow, first)) or unit in told
    dropped = await asked("waves", "check", flow, "--starts", "1=2027-01-05")
    await asked("waves", "discard", flow, dropped["edit_id"])
    await asked("waves", "restore", flow, first)
    await journeys.finished(flow)
    assert await journeys.plan(flow) == plan

    listed = await asked("treatments", "list", "--flow", flow)
    assert {row["name"] for row in listed} == plan.keys()
    chosen = ("treatments", "set", unit, "retain", "--reason", "stays", "--once", "--flow", flow)
    assert (await asked(*chosen))["application"] == unit
    await command("flow", "refresh", flow)
    await journeys.finished(flow)
    assert "person" in await command("treatments", "list", "--flow", flow)
    assert (await journeys.plan(flow))[name_of(0)]["wave"] is None


@pytest.mark.timeout(400)
async def test_what_shows_the_plan_as_it_was_is_named_and_refreshed_down_the_chain(
    journeys: Journeys, command: Command, tmp_path: Path
) -> None:
    chain = await journeys.travel(write_estate(tmp_path, 4), waves=WAVES)
    flow = chain.assessment
    unit = (await journeys.plan(flow))[name_of(0)]["natural_key"]

    async def asked(*arguments: str) -> Any:
        return json.loads(await command("waves", *arguments, "--json"))

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
    words = await command("waves", "accept", flow, edit["edit_id"], "--refresh")
    assert "refreshed: assessment, planning." in words
    assert await journeys.stale(flow) == await journeys.stale(chain.planning) == []
    dated = await journeys.all(f"/datasets/{await journeys.dataset(flow, 'roadmap')}/rows")
    assert unit in str([row for row in dated if row.get("wave") == 6])
