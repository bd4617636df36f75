"""A rolling upgrade and its way back under load: no request fails, no flow is lost, no event is missed.

The version before is the commit named in `deploy/previous-version`, run by the libraries of this environment. Old code
runs on the new schema; workers and orchestrators are one version apart both ways.
"""

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.chaos.ledger import faults_in_assets, faults_in_ledger
from tests.chaos.load import EFFECTS, LEASE_SECONDS, Load
from tests.chaos.traffic import Balancer, Traffic
from tests.chaos.upgrading import CURRENT, MixedPlatform, Tree, mixed_platform
from tests.support.waiting import eventually

Say = Callable[[str], None]
# A load balancer looks every 0.2 s; on a machine with much else to do it is late.
_DRAIN = "3"


class Upgrade:
    """Replaces processes while the traffic goes on, and waits at each mix of versions until it has done work."""

    def __init__(self, platform: MixedPlatform, balancer: Balancer, traffic: Traffic, flows: int) -> None:
        self.platform, self.balancer, self.traffic, self.flows = platform, balancer, traffic, flows
        self.mixes: list[str] = []

    async def workers(self, tree: Tree) -> None:
        for program in list(self.platform.workers):
            await self.platform.replace(program.name, tree)

    async def orchestrators(self, tree: Tree) -> None:
        for program in list(self.platform.orchestrators):
            name = program.name
            await self.platform.replace(name, tree)
            await self.balancer.leave(name)
            await self.balancer.join(name, self.platform.url(name))

    async def works(self, what: str) -> None:
        """`flows` flows that were created from now on complete."""
        before = len(self.traffic.known)

        async def completed() -> bool:
            new = self.traffic.known[before:]
            sql = "select count(*) from migration_flows where status = 'completed' and id = any($1::text[]::uuid[])"
            return int((await self.platform.as_owner(sql, new))[0][0]) >= self.flows

        await eventually(completed, timeout=120, every=0.2, what=f"{self.flows} flows with {what}")
        self.mixes.append(what)


async def upgrade_under_load(folder: Path, say: Say, *, back: bool, flows: int, under_way: int) -> None:
    """`back`: also the orchestrators go back to the version before, and come again before the workers do."""
    journals = folder / "journals"
    journals.mkdir()
    chance = random.Random()

    def configure(number: int) -> dict[str, object]:
        return {
            "machines": chance.choice((5, 50, 500)),
            "effects": list(EFFECTS),
            "path": str(journals / f"{number}.journal"),
            "seconds": chance.uniform(0, 0.2),
            "phase_seconds": 3.0 if number % 8 == 0 else chance.uniform(0, 0.2),
            "lease_seconds": LEASE_SECONDS,
        }

    services = {"chaos": "tests.chaos.service"}
    settings = {"CARAVAN_DRAIN_SECONDS": _DRAIN}
    async with mixed_platform(folder, services, slots=3, settings=settings) as platform:
        load = Load(platform, journals, chance, under_way)
        balancer = Balancer(platform.token)
        for program in platform.orchestrators:
            await balancer.join(program.name, platform.url(program.name))
        traffic = Traffic(balancer, configure, load.unfinished, under_way)
        upgrade = Upgrade(platform, balancer, traffic, flows)
        traffic.start()
        try:
            await upgrade.works("all of the version before")
            before = await platform.schema_version()
            await platform.upgrade_schema()
            after = await platform.schema_version()
            await upgrade.workers(CURRENT)
            await upgrade.works("new workers, old orchestrators")
            await upgrade.orchestrators(CURRENT)
            await upgrade.works("all new")
            await upgrade.workers(platform.previous)
            await upgrade.works("old workers, new orchestrators")
            if back:
                await upgrade.orchestrators(platform.previous)
                await upgrade.works("all old again, on the new schema")
                await upgrade.orchestrators(CURRENT)
                await upgrade.works("new orchestrators, old workers")
                await upgrade.workers(CURRENT)
                await upgrade.works("all new again")
            traffic.create_no_more()
            await load.completed()

            async def heard() -> bool:
                return traffic.heard_of() >= len(traffic.known)

            await eventually(heard, timeout=30, what="the stream to tell of the last flow")
        finally:
            await traffic.stop()
        behind = await platform.settled()
        requests = sum(balancer.answered.values())
        say(
            f"schema {before} to {after}, {platform.previous.version} and this version: {'; '.join(upgrade.mixes)}"
        )
        say(
            f"{requests} requests answered, {len(balancer.failed)} failed, {balancer.refused} sent to another replica"
            f" because the first took no connections; {len(traffic.known)} flows created and completed"
        )
        pieces = sum(traffic.streams.values()) + 1
        say(f"{len(traffic.events)} events on one stream in {pieces} pieces: {dict(traffic.streams)}")
        say(await load.report() + f"; index and fold had caught up after {behind:.0f} s")
        assert balancer.failed == []
        assert traffic.events_missed_or_doubled() == []
        assert not [fate for fate in traffic.streams if fate.startswith("cut")]
        await _nothing_lost(platform, load, traffic.known)


async def _nothing_lost(platform: MixedPlatform, load: Load, known: Sequence[str]) -> None:
    rows = await platform.as_owner("select id::text from migration_flows")
    assert sorted(row[0] for row in rows) == sorted(known)
    assert await faults_in_ledger(platform) == []
    assert await load.effects_that_differ() == {}
    for row in rows[:: max(1, len(rows) // 10)]:
        assert await faults_in_assets(platform, row[0]) == []
    assert await platform.as_owner("select queue, type, reason from running.dead_letters") == []


@pytest.mark.proof
@pytest.mark.timeout(900)
async def test_an_upgrade_under_load_fails_no_request_and_loses_no_flow(tmp_path: Path, say: Say) -> None:
    await upgrade_under_load(tmp_path, say, back=False, flows=3, under_way=8)


@pytest.mark.proof
@pytest.mark.timeout(1800)
async def test_an_upgrade_there_and_back_fails_no_request_and_loses_no_flow(tmp_path: Path, say: Say) -> None:
    await upgrade_under_load(tmp_path, say, back=True, flows=40, under_way=20)
