"""A cascade whose orchestrators and workers are killed half-way, twice: it completes, once, leaves first."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from caravan_orchestrator.domain import control
from tests.chaos.ledger import faults_in_ledger, faults_in_rollback
from tests.chaos.test_rollback import EFFECTS, Say, Undoing, completed, crash
from tests.support.growing import grow
from tests.support.process_platform import ProcessPlatform, process_platform
from tests.support.waiting import eventually

BELOW = ("x", "y", "z")
pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
async def platform(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ProcessPlatform]:
    folder = tmp_path_factory.mktemp("platform")
    async with process_platform(folder, {"chaos": "tests.chaos.service"}) as running:
        yield running


async def grown(platform: ProcessPlatform, parent: UUID, journal: Path) -> UUID:
    configuration = {
        "machines": 40,
        "effects": list(BELOW),
        "path": str(journal),
        "seconds": 0.4,
        "lease_seconds": 2.0,
    }
    flow = await grow(platform, parent, "chaos", configuration=configuration, auto_accept=True)
    await platform.reach(flow, "completed")
    await platform.settled()
    return flow


async def kill_all_after(undoing: Undoing, undone: int) -> None:
    async def reached() -> bool:
        return await undoing.undone() >= undone

    await eventually(reached, timeout=90, every=0.01, what=f"{undone} effects to be undone")
    await crash(undoing.platform, [*undoing.platform.orchestrators, *undoing.platform.workers])


async def test_a_cascade_killed_half_way_completes_once_and_is_proved(
    platform: ProcessPlatform, tmp_path: Path, say: Say
) -> None:
    root, journal = await completed(platform, tmp_path)
    child = await grown(platform, root, journal)
    rollback = await platform.roll_back(root, "cascade", "act")
    undoing = Undoing(platform, root, rollback, journal)
    for undone in (1, len(BELOW) + 1):
        await kill_all_after(undoing, undone)
    await platform.reach(root, "waiting", timeout=90)
    assert (await platform.status(child))[0] == "rolled_back"
    assert await undoing.stands() == "completed"
    assert await faults_in_rollback(platform, rollback, root) == []
    told = (await asyncio.to_thread(journal.read_text)).split("\n")[:-1]
    undid = [line.removeprefix("undid ") for line in told if line.startswith("undid ")]
    assert (sorted(undid[: len(BELOW)]), sorted(undid[len(BELOW) :])) == (list(BELOW), list(EFFECTS))
    await platform.order(root, lambda draft: control.execute_phase(draft, "ann", "act"))
    await platform.reach(root, "completed")
    assert await faults_in_ledger(platform) == []
    say(f"killed twice; {len(undid)} effects of two flows undone once each, leaves first, and proved")
