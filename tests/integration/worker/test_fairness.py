"""A client with one flow does not wait for a client with many: relay, database, bus and a worker that does nothing."""

from pathlib import Path

from benchmarks.fairness import give, turns_of_the_one, until_completed
from benchmarks.noop_service import NOOP, PHASES
from caravan_common.worker import Service
from tests.support import Database
from tests.support.inprocess_platform import inprocess_platform, new_tenant

SLOTS = 2
WINDOW = 2 * SLOTS
MANY = 30


async def test_each_phase_of_the_one_starts_within_two_windows_of_the_others(
    database_urls: Database, tmp_path: Path
) -> None:
    service = Service(NOOP, dict.fromkeys(PHASES, "benchmarks.noop_service:run"), {})
    async with inprocess_platform(database_urls, tmp_path, service, slots=SLOTS) as platform:
        one = await new_tenant(platform.database)
        await give(platform.database, platform.tenant, MANY)
        await give(platform.database, one, 1)
        await until_completed(platform.database, one, 120)
        turns = await turns_of_the_one(platform.database, platform.tenant, one)
        unfinished = await platform.query("select count(*) from migration_flows where status <> 'completed'")
    assert len(turns) == len(PHASES)
    assert max(turn.others for turn in turns) <= 2 * WINDOW
    assert unfinished[0][0] > MANY / 2
