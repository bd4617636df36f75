"""`caravan wave` and `caravan treatment`, against a gateway that listens."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.integration.plans.conftest import Plans
from tests.support.command import caravan_here
from tests.support.listening import served

Command = Callable[..., Awaitable[str]]


@pytest.fixture
async def listening(plans: Plans) -> AsyncIterator[str]:
    async with served(plans.gateway.app) as address:
        yield address


@pytest.fixture
def command(plans: Plans, listening: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """What `caravan …` prints."""

    async def run(*arguments: str) -> str:
        token = plans.gateway.token(plans.platform.tenant, "operator")
        env = {"CARAVAN_URL": listening, "CARAVAN_TOKEN": token, "CARAVAN_DATA_DIR": str(tmp_path)}
        return await caravan_here(monkeypatch, *arguments, env=env)

    return run


async def test_waves_are_checked_accepted_compared_and_restored(plans: Plans, command: Command) -> None:
    flow = await plans.make()
    first = await plans.version(flow)

    async def asked(*arguments: str) -> Any:
        return json.loads(await command("wave", *arguments, "--json"))

    edit = await asked("check", flow, "--move", "app:003=wave-003", "--lock", "app:000")
    assert (edit["status"], edit["cut_before"], edit["cut_after"]) == ("answered", 1.0, 2.0)
    assert "answered" in await command("wave", "check", flow, "--move", "app:002=1")
    await asked("accept", flow, edit["edit_id"], "--reason", "agreed")
    await plans.done(flow)
    shown = await asked("show", flow)
    assert [(row["wave"], row["locked"]) for row in shown["items"]] == [
        (1, True),
        (1, False),
        (2, False),
        (3, False),
    ]
    assert "in force" in await command("wave", "show", flow)
    compared = await asked("compare", flow, first)
    assert [row["application"] for row in compared["differences"]] == ["app:000", "app:003"]
    assert "app:003" in await command("wave", "compare", flow, first)
    dropped = await asked("check", flow, "--starts", "1=2026-01-06", "--move", "app:001=2")
    await asked("discard", flow, dropped["edit_id"])
    await asked("restore", flow, first)
    await plans.done(flow)
    assert [row["wave"] for row in (await asked("show", flow))["items"]] == [1, 1, 2, 2]


async def test_a_treatment_is_listed_and_set(plans: Plans, command: Command) -> None:
    flow = await plans.make()
    chosen = ("treatment", "set", "app:001", "retain", "--reason", "stays", "--once", "--flow", flow)
    assert json.loads(await command(*chosen, "--json"))["application"] == "app:001"
    rows = json.loads(await command("treatment", "list", "--flow", flow, "--json"))
    assert [row["decision"] is not None for row in rows] == [False, True, False, False]
    assert "retain" in await command("treatment", "list", "--flow", flow)
