"""The commands about mappings, conflicts, learning, lineage and estates, against a gateway that listens."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.discovery.conftest import Discoveries
from tests.support.command import caravan
from tests.support.listening import served

Command = Any


@pytest.fixture(scope="module")
async def listening(discoveries: Discoveries) -> AsyncIterator[str]:
    async with served(discoveries.gateway.app) as address:
        yield address


@pytest.fixture
def command(discoveries: Discoveries, listening: str, tmp_path: Path) -> Command:
    """Runs `caravan …` as an operator; fails unless it ends with `code`."""
    env = {
        "CARAVAN_URL": listening,
        "CARAVAN_TOKEN": discoveries.ann.token,
        "CARAVAN_DATA_DIR": str(tmp_path / "data"),
    }

    async def run(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = await asyncio.to_thread(caravan, *arguments, env=env)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


@pytest.fixture
async def flow(discoveries: Discoveries, tmp_path: Path) -> str:
    (tmp_path / "fleet.csv").write_text(
        "Server Name,IP Address,Memory (GB),Qqx,Serial Number\nweb-77,10.7.7.1,16,44,SN-7777-X\n",
        encoding="utf-8",
    )
    (tmp_path / "more.csv").write_text(
        "Hostname,RAM (GB),Serial Number\nweb-77,24,SN-7777-X\n", encoding="utf-8"
    )
    return await discoveries.discover([tmp_path / "fleet.csv", tmp_path / "more.csv"])


@pytest.mark.timeout(240)
async def test_a_mapping_is_corrected_refreshed_traced_and_forgotten(
    command: Command, discoveries: Discoveries, flow: str
) -> None:
    listed = json.loads((await command("mapping", "list", flow, "--json")).stdout)
    assert next(row for row in listed if row["column"] == "Qqx")["attribute"] is None
    assert "Qqx" in (await command("mapping", "list", flow, "--file", "fleet.csv")).stdout

    told = await command("mapping", "set", flow, "Qqx", "storage_gb", "--reason", "it is", "--unit", "GiB")
    assert "Decision 1 is recorded; to be refreshed: attribute_mapping" in told.stdout
    await command("flow", "refresh", flow)
    await discoveries.finished(flow)
    traced = await command("lineage", "web-77", "storage_gb", "--estate", flow)
    assert "fleet.csv, D2 (Qqx)" in traced.stdout
    found = json.loads((await command("lineage", "web-77", "--estate", flow, "--json")).stdout)
    assert {origin["attribute"] for origin in found["attributes"]} >= {"name", "memory_gb", "storage_gb"}

    patterns = json.loads((await command("learned", "list", "--json")).stdout)
    (pattern,) = [each for each in patterns if each["pattern"] == "Qqx"]
    assert "Qqx" in (await command("learned", "list", "--kind", "mapping")).stdout
    await command("pattern", "forget", pattern["id"], "--yes")
    assert "Qqx" not in (await command("learned", "list")).stdout


@pytest.mark.timeout(240)
async def test_a_conflict_is_resolved(command: Command, flow: str) -> None:
    listed = json.loads(
        (await command("conflict", "list", flow, "--attribute", "memory_gb", "--json")).stdout
    )
    (conflict,) = listed
    assert conflict["winner"] in (await command("conflict", "list", flow)).stdout
    told = await command("conflict", "resolve", conflict["id"], conflict["losers"][0], "--reason", "seen")
    assert "to be refreshed: inventory" in told.stdout


@pytest.mark.timeout(240)
async def test_an_estate_is_made_current(command: Command, flow: str) -> None:
    used = json.loads((await command("estate", "use", flow, "--json")).stdout)
    assert [each["flow_id"] for each in used if each["current"]] == [flow]
    assert "current" in (await command("estate", "list")).stdout


@pytest.mark.timeout(240)
async def test_what_waits_is_shown_with_the_request_that_settles_it(
    command: Command, discoveries: Discoveries
) -> None:
    flow = await discoveries.ann.create(flow_type="discovery", name="by hand", auto_advance=False)
    (entry,) = json.loads((await command("inbox", "--flow", flow["id"], "--kind", "phase", "--json")).stdout)
    assert entry["actions"][0]["path"] == f"/flows/{flow['id']}/phases/data_import/execute"
    assert "by hand" in (await command("inbox", "--flow", flow["id"][:18])).stdout
    assert "Nothing waits" in (await command("inbox", "--flow", flow["id"], "--kind", "failed")).stdout
    seen = json.loads((await command("overview", "--json")).stdout)
    assert seen["waiting"]["phase"] >= 1
    shown = (await command("overview")).stdout
    assert seen["engagement"]["name"] in shown
    assert "waits for a person" in shown


_SPENT = """
insert into llm_usage (client_account_id, engagement_id, flow_id, attempt_id, epoch, run_id, model, phase, calls,
                       prompt_tokens, completion_tokens, cost_usd)
select client_account_id, engagement_id, flow_id, id, 1, id, m.model, phase, 2, 900, 100, 0.25
from phase_attempts cross join (values ('some/mini'), ('some/grand')) m(model)
where flow_id = $1::uuid and phase = 'inventory'
"""


@pytest.mark.timeout(240)
async def test_what_crews_have_spent_is_said(command: Command, discoveries: Discoveries, flow: str) -> None:
    assert "No crew has asked a model yet." in (await command("usage", "--flow", flow)).stdout
    platform = discoveries.platform
    async with platform.database.transaction(platform.tenant) as transaction:
        await transaction.connection.exec_driver_sql(_SPENT, (flow,))
    told = (await command("usage", "--by", "phase", "--by", "model", "--flow", flow)).stdout
    assert [line.split()[:2] for line in told.splitlines() if "some/" in line] == [
        ["inventory", "some/grand"],
        ["inventory", "some/mini"],
    ]
    assert next(line for line in told.splitlines() if "total" in line).split()[1:] == [
        *("1", "4", "1800", "200", "0", "0.5000")
    ]
    found = json.loads((await command("usage", "--flow", flow, "--model", "some/mini", "--json")).stdout)
    assert (found["total"]["calls"], [row["model"] for row in found["items"]]) == (2, ["some/mini"])


@pytest.mark.timeout(240)
async def test_what_is_wrong_is_said_in_one_sentence(command: Command, flow: str) -> None:
    for arguments, words in (
        (("mapping", "set", flow, "Nope", "name", "--reason", "r"), "No column is called"),
        (("mapping", "set", flow, "Serial Number", "name", "--reason", "r"), "name one by its key"),
        (("mapping", "set", flow, "Qqx", "shoe_size", "--reason", "r"), "shoe_size"),
        (("lineage", "nobody-at-all"), "No assets are called"),
        (("lineage", "web-77", "shoe_size", "--estate", flow), "shoe_size"),
        (("flow", "refresh", flow), "Nothing was decided"),
    ):
        done = await command(*arguments, code=2)
        assert words in done.stderr, arguments
        assert len(done.stderr.strip().splitlines()) == 1
