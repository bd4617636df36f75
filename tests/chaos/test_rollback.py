"""Rollbacks whose orchestrators and workers are killed half-way: each completes, once, and its proof holds."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from caravan_orchestrator.domain import control
from caravan_orchestrator.store.fold import _FOLD_KEY
from tests.chaos.commits import Caught, commit_trap
from tests.chaos.ledger import faults_in_ledger, faults_in_rollback
from tests.support.process_platform import ProcessPlatform, process_platform
from tests.support.program import Program
from tests.support.waiting import eventually

EFFECTS = ("a", "b", "c", "d")
ALL_PHASES = ("gather", "judge", "act")
Say = Callable[[str], None]
pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
async def platform(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ProcessPlatform]:
    folder = tmp_path_factory.mktemp("platform")
    async with process_platform(folder, {"chaos": "tests.chaos.service"}) as running:
        yield running


@dataclass
class Undoing:
    """A completed flow whose rollback is under way, and the journal of its effects."""

    platform: ProcessPlatform
    flow: UUID
    rollback: UUID
    journal: Path

    async def lines(self) -> Counter[str]:
        return Counter((await asyncio.to_thread(self.journal.read_text)).split("\n")[:-1])

    async def undone(self) -> int:
        return sum(count for line, count in (await self.lines()).items() if line.startswith("undid"))

    async def stands(self) -> str:
        rows = await self.platform.as_owner("select status from flow_rollbacks where id = $1", self.rollback)
        return str(rows[0][0])


async def completed(platform: ProcessPlatform, folder: Path) -> tuple[UUID, Path]:
    journal = folder / "journal"
    configuration = {
        "machines": 40,
        "effects": list(EFFECTS),
        "path": str(journal),
        "seconds": 0.4,
        "lease_seconds": 2.0,
    }
    flow = await platform.create("chaos", configuration=configuration, auto_accept=True)
    await platform.reach(flow, "completed")
    await platform.settled()
    return flow, journal


@asynccontextmanager
async def fold_held_up(platform: ProcessPlatform, flow: UUID) -> AsyncIterator[None]:
    """The proof waits for the fold of what was restored, and so stays ahead for as long as this lasts."""
    [[estate]] = await platform.as_owner("select estate_id from migration_flows where id = $1", flow)
    connection = await asyncpg.connect(platform.postgres.url, timeout=10)
    try:
        await connection.execute(f"select pg_advisory_lock({_FOLD_KEY})", estate)
        yield
    finally:
        await connection.close()


async def crash(platform: ProcessPlatform, programs: list[Program]) -> None:
    """All at once, and then up again."""
    await asyncio.gather(*(asyncio.to_thread(program.kill) for program in programs))
    for program in programs:
        program.start()


async def while_undoing(undoing: Undoing) -> str:
    """Everything, when the first effect has been undone and others have not."""

    async def begun() -> bool:
        return await undoing.undone() >= 1

    await eventually(begun, every=0.01, what="the first undo")
    stood = f"{await undoing.undone()} of {len(EFFECTS)} undone"
    await crash(undoing.platform, [*undoing.platform.orchestrators, *undoing.platform.workers])
    return f"killed while {stood}"


async def while_restoring(undoing: Undoing) -> str:
    """An orchestrator inside the commit that moves the pointers back, and the other one with it."""

    async def all_undone() -> bool:
        return await undoing.undone() == len(EFFECTS)

    await eventually(all_undone, every=0.01, what="the last undo")
    async with commit_trap(undoing.platform, wide=True) as trap:
        while await undoing.stands() == "undoing":
            caught = await trap.catch(20)
            assert caught is not None, "no commit could be caught"
            if await moves_pointers(undoing, caught):
                return await crash_inside(undoing, caught)
            caught.release()
    raise AssertionError("the commit that moves the pointers was missed")


async def moves_pointers(undoing: Undoing, caught: Caught) -> bool:
    """Before it is committed, its new row can't be seen; that it holds the old one's lock can."""
    sql = "select xmax::text = $2 from flow_rollbacks where id = $1"
    return await _is(undoing.platform, sql, undoing.rollback, caught.xid)


async def crash_inside(undoing: Undoing, caught: Caught) -> str:
    """They go without having heard how the commit ended."""
    platform = undoing.platform
    await asyncio.gather(*(asyncio.to_thread(program.kill) for program in platform.orchestrators))
    caught.release()

    async def committed() -> bool:
        sql = "select xmin::text = $2 from flow_rollbacks where id = $1"
        return await _is(platform, sql, undoing.rollback, caught.xid)

    await eventually(committed, what="the commit's end")
    for program in platform.orchestrators:
        program.start()
    return f"killed inside the commit of transaction {caught.xid}, which moved the pointers"


async def while_proving(undoing: Undoing) -> str:
    """Both orchestrators, when the pointers are back and the proof is not there: its fold is held up."""

    async def proving() -> bool:
        return await undoing.stands() in ("proving", "completed")

    await eventually(proving, every=0.005, what="the restored pointers")
    stood = await undoing.stands()
    await crash(undoing.platform, undoing.platform.orchestrators)
    assert stood == "proving", "the proof was quicker than the kill"
    return "killed while proving"


async def _is(platform: ProcessPlatform, sql: str, *arguments: Any) -> bool:
    return bool((await platform.as_owner(sql, *arguments))[0][0])


MOMENTS = {"undoing": while_undoing, "restoring": while_restoring, "proving": while_proving}
# Each phase and the flow, and each moment, at least once; `make proof` has every pair.
SHORT = [
    ("phase", "gather", "proving"),
    ("phase", "judge", "restoring"),
    ("phase", "act", "undoing"),
    ("flow", None, "undoing"),
]
PAIRS = [
    (kind, phase, moment)
    for kind, phase in [*(("phase", name) for name in ALL_PHASES), ("flow", None)]
    for moment in MOMENTS
]


async def check(
    platform: ProcessPlatform, folder: Path, kind: str, phase: str | None, moment: str, say: Say
) -> None:
    flow, journal = await completed(platform, folder)
    async with fold_held_up(platform, flow) if moment == "proving" else nullcontext():
        undoing = Undoing(platform, flow, await platform.roll_back(flow, kind, phase), journal)
        began = asyncio.get_running_loop().time()
        how = await MOMENTS[moment](undoing)
    await platform.reach(undoing.flow, "waiting" if kind == "phase" else "rolled_back", timeout=90)
    seconds = asyncio.get_running_loop().time() - began
    assert await undoing.stands() == "completed"
    assert await faults_in_rollback(platform, undoing.rollback, undoing.flow) == []
    once = {f"{deed} {name}": 1 for name in EFFECTS for deed in ("did", "undid")}
    assert await undoing.lines() == once
    await run_again(platform, undoing.flow, phase)
    assert await undoing.lines() == once | {f"did {name}": 2 for name in EFFECTS}
    assert await faults_in_ledger(platform) == []
    say(f"{kind} {phase or ''}: {how}; undone once, restored and proved within {seconds:.1f} s")


async def run_again(platform: ProcessPlatform, flow: UUID, phase: str | None) -> None:
    """The phase that was rolled back, or the first; the later ones follow."""
    await platform.order(flow, lambda draft: control.execute_phase(draft, "ann", phase or ALL_PHASES[0]))
    await platform.reach(flow, "completed")


@pytest.mark.parametrize(("kind", "phase", "moment"), SHORT)
async def test_a_rollback_killed_half_way_completes_once_and_is_proved(
    platform: ProcessPlatform, tmp_path: Path, say: Say, kind: str, phase: str | None, moment: str
) -> None:
    await check(platform, tmp_path, kind, phase, moment, say)


@pytest.mark.proof
@pytest.mark.parametrize(("kind", "phase", "moment"), [pair for pair in PAIRS if pair not in SHORT])
async def test_every_rollback_killed_at_every_moment_completes_once_and_is_proved(
    platform: ProcessPlatform, tmp_path: Path, say: Say, kind: str, phase: str | None, moment: str
) -> None:
    await check(platform, tmp_path, kind, phase, moment, say)
