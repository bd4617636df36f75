"""One process or many, in-process bus or RabbitMQ, one replica or two: a chain's datasets are equal, byte for byte."""

from pathlib import Path

import pytest

from caravan.api import Api
from caravan.installed import chain_end, installed_chain
from caravan.journey import Journey, deliver, follow_chain, start_chain
from caravan.output import Steps
from tests.e2e.test_embedded import address, up
from tests.support.command import caravan
from tests.support.process_platform import ProcessPlatform, process_platform

SERVICES = {name: f"caravan_{name}" for name in installed_chain()}


async def hashes(url: str, token: str, journey: Journey) -> dict[str, str]:
    """Of every dataset in force after a chain on these files, started and followed at that gateway."""
    steps = Steps(None)
    async with Api.at(url, token) as api:
        uploads = await deliver(api, journey.files, steps)
        chain = await follow_chain(api, await start_chain(api, journey, uploads), steps)
        statuses = {flow["flow_type"]: flow["status"] for flow in chain["flows"]}
        assert statuses == dict.fromkeys(SERVICES, "completed")
        return {
            f"{flow['flow_type']}/{each['phase']}/{each['name']}": each["sha256"]
            for flow in chain["flows"]
            async for each in api.pages(f"/flows/{flow['id']}/datasets", active=True)
        }


@pytest.mark.timeout(300)
async def test_separate_replicas_on_a_broker_compute_what_one_process_does(
    tmp_path: Path, sample_files: list[Path], expected: dict[str, str]
) -> None:
    alone, many = tmp_path / "alone", tmp_path / "many"
    alone.mkdir()
    many.mkdir()
    journey = Journey(files=sample_files, through=chain_end(None), as_of=expected["as_of"])
    embedded = await in_one_process(alone, journey)
    async with process_platform(many, SERVICES) as platform:
        separate = await in_many(platform, journey)
        for name in ("orchestrator-1", *(f"{service}-1" for service in SERVICES)):
            program = platform.programs[name]
            assert program.stop() == 0, program.log.read_text(errors="replace")
    assert {key.partition("/")[0] for key in embedded} == set(SERVICES)
    assert len(embedded) > 40
    assert separate == embedded


async def in_one_process(folder: Path, journey: Journey) -> dict[str, str]:
    with up(folder, folder / "data") as process:
        token = caravan("token", "--data-dir", folder / "data").stdout.strip()
        found = await hashes(address(folder)["url"], token, journey)
        process.terminate()
        process.wait(30)
    return found


async def in_many(platform: ProcessPlatform, journey: Journey) -> dict[str, str]:
    upgraded = platform.command("db", "upgrade")
    assert upgraded.returncode == 0, upgraded.stderr
    token = platform.command("token").stdout.strip()
    return await hashes(platform.url("orchestrator-2"), token, journey)
