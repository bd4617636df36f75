"""One process or many, in-process bus or RabbitMQ, one replica or two: the same datasets, byte for byte."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_embedded import address, up
from tests.support.command import caravan
from tests.support.process_platform import ProcessPlatform, process_platform


def hashes(url: str, token: str, files: list[Path], as_of: str) -> dict[str, str]:
    """Of every dataset of a discovery on these files, started and followed at that gateway."""
    env = {"CARAVAN_URL": url, "CARAVAN_TOKEN": token}
    created = caravan(
        "flow", "create", *files, "--auto-accept", "--as-of", as_of, "--wait", "--json", env=env
    )
    assert created.returncode == 0, created.stderr
    flow: dict[str, Any] = json.loads(created.stdout)
    assert flow["status"] == "completed", flow
    listed = caravan("flow", "datasets", flow["id"], "--json", env=env)
    assert listed.returncode == 0, listed.stderr
    return {f"{each['phase']}/{each['name']}": each["sha256"] for each in json.loads(listed.stdout)}


@pytest.mark.timeout(300)
async def test_separate_replicas_on_a_broker_compute_what_one_process_does(
    tmp_path: Path, sample_files: list[Path], expected: dict[str, Any]
) -> None:
    alone, many = tmp_path / "alone", tmp_path / "many"
    alone.mkdir()
    many.mkdir()
    embedded = await asyncio.to_thread(in_one_process, alone, sample_files, expected["as_of"])
    async with process_platform(many, {"discovery": "caravan_discovery"}) as platform:
        separate = await asyncio.to_thread(in_many, platform, sample_files, expected["as_of"])
        for name in ("discovery-1", "orchestrator-1"):
            program = platform.programs[name]
            assert await asyncio.to_thread(program.stop) == 0, program.log.read_text(errors="replace")
    assert len(embedded) > 15
    assert separate == embedded


def in_one_process(folder: Path, files: list[Path], as_of: str) -> dict[str, str]:
    with up(folder, folder / "data") as process:
        token = caravan("token", "--data-dir", folder / "data").stdout.strip()
        found = hashes(address(folder)["url"], token, files, as_of)
        process.terminate()
        process.wait(30)
    return found


def in_many(platform: ProcessPlatform, files: list[Path], as_of: str) -> dict[str, str]:
    upgraded = platform.command("db", "upgrade")
    assert upgraded.returncode == 0, upgraded.stderr
    token = platform.command("token").stdout.strip()
    return hashes(platform.url("orchestrator-2"), token, files, as_of)
