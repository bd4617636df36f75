"""Selective rollbacks whose orchestrators and workers are killed half-way: each completes, once, with its proof."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from caravan_common.contracts import DecisionKind
from caravan_orchestrator.domain import control
from caravan_orchestrator.domain.cascade import RollbackOrder
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.domain.people import record_decision
from caravan_orchestrator.usecases import rollbacks
from tests.chaos.choosing import BUILDING, GROUPS, HOLD
from tests.chaos.ledger import faults_in_ledger, faults_in_rollback
from tests.support.process_platform import ProcessPlatform, process_platform
from tests.support.program import Program
from tests.support.waiting import eventually

PHASE = "choose"
ENVIRONMENTS = """
select natural_key, environment from assets where estate_id = $1 order by 1
"""
pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
async def platform(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ProcessPlatform]:
    folder = tmp_path_factory.mktemp("platform")
    settings = {HOLD: str(hold_in(folder))}
    async with process_platform(folder, {"choosing": "tests.chaos.choosing"}, settings=settings) as running:
        yield running


def hold_in(folder: Path) -> Path:
    """While it exists, no version is finished."""
    return folder / "hold"


async def crash(programs: list[Program], meanwhile: Callable[[], None] = lambda: None) -> None:
    """All at once, and then up again."""
    await asyncio.gather(*(asyncio.to_thread(program.kill) for program in programs))
    meanwhile()
    for program in programs:
        program.start()


async def chosen_twice(platform: ProcessPlatform, journal: Path) -> UUID:
    """All groups computed, then two of them decided about and all computed again."""
    configuration = {"path": str(journal), "lease_seconds": 2.0}
    flow = await platform.create("choosing", configuration=configuration, auto_accept=True)
    await platform.reach(flow, "completed")
    for group in ("g1", "g2"):
        await platform.order(flow, decide(group))
    await platform.order(flow, lambda draft: control.execute_phase(draft, "ann", PHASE))
    await platform.reach(flow, "completed")
    await platform.order(flow, lambda draft: control.execute_phase(draft, "ann", "use"))
    await platform.reach(flow, "completed")
    await platform.settled()
    return flow


def decide(group: str) -> Any:
    def give(draft: Draft) -> None:
        record_decision(
            draft,
            kind=DecisionKind.OVERRIDE,
            phase=PHASE,
            subject=group,
            value={"chosen": "production"},
            old=None,
            actor="ann",
        )

    return give


async def select(platform: ProcessPlatform, flow: UUID, *keys: str) -> UUID:
    async with platform.database.transaction(platform.tenant) as transaction:
        planned = (await rollbacks.plan(transaction, flow, "selective", PHASE, keys)).describe()
    async with platform.database.transaction(platform.tenant) as transaction:
        return await rollbacks.start(
            transaction,
            flow,
            RollbackOrder("selective", PHASE, planned["digest"], "ann", "a test", keys=keys),
        )


async def kill_while_undoing(platform: ProcessPlatform, rollback: UUID) -> None:
    async def undoing() -> bool:
        sql = "select count(*) from rollback_steps where rollback_id = $1 and kind = 'effect' and status = 'undoing'"
        return bool((await platform.as_owner(sql, rollback))[0][0])

    await eventually(undoing, every=0.01, what="an undo is under way")
    await crash([*platform.orchestrators, *platform.workers])


async def kill_while_building(platform: ProcessPlatform, rollback: UUID) -> None:
    """The worker writes the version, and has not answered; the lease runs out, and another builds it anew."""
    hold = hold_in(platform.folder)
    await eventually(
        lambda: asyncio.to_thread(hold.with_suffix(f".{BUILDING}").exists), what="the version is being built"
    )
    assert not (await platform.as_owner(_DONE, rollback))[0][0], "it was built before the kill"
    await crash([*platform.workers, *platform.orchestrators], hold.unlink)


_DONE = "select count(*) from rollback_steps where rollback_id = $1 and kind = 'version' and status = 'done'"
MOMENTS = {"undoing": kill_while_undoing, "building": kill_while_building}


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_selective_rollback_killed_half_way_completes_once_and_is_proved(
    platform: ProcessPlatform, tmp_path: Path, moment: str
) -> None:
    journal = tmp_path / "journal"
    flow = await chosen_twice(platform, journal)
    if moment == "building":
        hold_in(platform.folder).touch()
    rollback = await select(platform, flow, "g1")
    await MOMENTS[moment](platform, rollback)
    await platform.reach(flow, "waiting", timeout=120)
    await platform.settled()
    assert await faults_in_rollback(platform, rollback, flow) == []
    assert await faults_in_ledger(platform) == []
    shown = {(key.split(":")[1], found) for key, found in await platform.query(ENVIRONMENTS, flow)}
    assert shown == {(group, "production" if group == "g2" else "test") for group in GROUPS}
    lines = Counter((await asyncio.to_thread(journal.read_text)).split("\n")[:-1])
    done = {f"did {group}.{version}": 1 for group in GROUPS for version in (0, 2)}
    assert lines == done | {"undid g1.2": 1}
    phase = await platform.query(
        "select summary from flow_phases where flow_id = $1 and name = $2", flow, PHASE
    )
    assert phase[0][0]["environments"] == ["production", "test"]
