"""Kill -9 from outside at random moments, of everything there is, with flows under way: nothing lost or doubled."""

import logging
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chaos.killing import IN_COMMIT, MIX, Killer
from tests.chaos.ledger import faults_in_assets, faults_in_ledger
from tests.chaos.load import EFFECTS, Load
from tests.support.process_platform import process_platform

_UNDER_WAY = 40
Say = Callable[[str], None]


async def survive(folder: Path, rounds: int, say: Say) -> None:
    """25 kills a round. CARAVAN_CHAOS_SEED repeats the order of kills, not their moments."""
    seed = int(os.environ.get("CARAVAN_CHAOS_SEED", random.SystemRandom().randrange(10**6)))
    say(f"seed {seed}")
    async with process_platform(folder, {"chaos": "tests.chaos.service"}, slots=4) as platform:
        journals = folder / "journals"
        journals.mkdir()
        load = Load(platform, journals, random.Random(seed), _UNDER_WAY)
        killer = Killer(platform, random.Random(seed))
        await load.start()
        try:
            try:
                await killer.rage(rounds)
            finally:
                await load.stop()
            await load.completed()
            behind = await platform.settled()
        except Exception:
            logging.getLogger(__name__).exception("%s\n%s", await load.stuck(), killer.kills[-20:])
            raise
        say(await killer.report())
        say(await load.report())
        say(f"index and fold had caught up {behind:.0f} s after the last flow was completed")
        inside = sum(kill.xid is not None for kill in killer.kills)
        assert inside == rounds * sum(MIX[kind] for kind in IN_COMMIT)
        assert await load.lost() == []
        assert await faults_in_ledger(platform) == []
        assert await load.effects_that_differ() == {}
        for estate in load.known[:: max(1, len(load.known) // 10)]:
            assert await faults_in_assets(platform, estate) == []
        parked = await platform.as_owner("select queue, type, reason from running.dead_letters")
        assert parked == []
        assert len(load.known) * len(EFFECTS) > 0


@pytest.mark.timeout(400)
async def test_twenty_five_kills_lose_nothing_and_double_nothing(tmp_path: Path, say: Say) -> None:
    await survive(tmp_path, 1, say)


@pytest.mark.proof
@pytest.mark.timeout(1800)
async def test_two_hundred_kills_lose_nothing_and_double_nothing(tmp_path: Path, say: Say) -> None:
    await survive(tmp_path, 8, say)
