"""Heartbeats on a clock of the test's own: when they go out, and when silence kills."""

from typing import Any, cast

import pytest

from caravan_common.bus import Bus, OutgoingMessage
from caravan_common.contracts import ExecutePhase, Tenant, new_id
from caravan_common.worker._frames import Job
from caravan_common.worker.children import Task
from caravan_common.worker.heartbeats import Heartbeats, LeaseClock
from caravan_common.worker.replies import Replies
from caravan_common.worker.runs import Run
from caravan_common.worker.slots import Slot

LEASE = 20.0


class World:
    """Time that passes only by sleeping; a broker that can be away or blocked between given times."""

    def __init__(self, *, away: tuple[float, float] = (0, 0), blocked: tuple[float, float] = (0, 0)) -> None:
        self.time = 100.0
        self.away, self.blocked = away, blocked
        self.sent: list[tuple[float, str]] = []
        self.ends_at = 1e9

    @property
    def elapsed(self) -> float:
        return self.time - 100.0

    def monotonic(self) -> float:
        return self.time

    def blocked_seconds(self) -> float:
        since, until = self.blocked
        return max(min(self.elapsed, until) - since, 0.0)

    async def sleep(self, seconds: float) -> None:
        self.time += max(seconds, 0.001)
        if self.elapsed > self.ends_at:
            raise EndOfTestError

    async def try_send(self, message: OutgoingMessage, timeout: float) -> bool:
        gone = self.away[0] <= self.elapsed < self.away[1]
        if gone or self.blocked[0] <= self.elapsed < self.blocked[1]:
            await self.sleep(timeout)
            return False
        self.sent.append((round(self.elapsed, 2), message.type))
        return True


class EndOfTestError(Exception):
    pass


async def keep(world: World, *, ends_at: float, working: bool = True) -> Run:
    """Raises EndOfTestError when the run was still kept alive at `ends_at`."""
    world.ends_at = ends_at
    clock = LeaseClock(cast(Bus, world), world.monotonic)
    command = ExecutePhase(
        attempt_id=new_id(),
        epoch=1,
        flow_id=new_id(),
        tenant=Tenant(client_account_id=new_id(), engagement_id=new_id()),
        flow_type="echo",
        definition_version="1.0.0",
        artifact_prefix="a/b/c/d",
        lease_seconds=LEASE,
        phase="noop",
    )
    task = Task(Job("ExecutePhase", b"", "", None))
    if not working:
        task.result.set_result(cast(Any, None))
    run = Run(command, "ExecutePhase", "w", Slot(), [], task=task)
    await Heartbeats(run, cast(Replies, world), clock, world.sleep).keep()
    return run


async def test_beats_go_out_four_times_in_a_lease_after_the_start() -> None:
    world = World()
    with pytest.raises(EndOfTestError):
        await keep(world, ends_at=LEASE)
    kinds = [kind for _, kind in world.sent]
    assert kinds == ["AttemptStarted", *["AttemptHeartbeat"] * 4]
    assert [at for at, _ in world.sent] == [0, 5, 10, 15, 20]


async def test_two_thirds_of_a_lease_without_a_confirm_are_the_end() -> None:
    world = World(away=(12, 1e9))
    await keep(world, ends_at=60)
    assert world.sent[-1][0] == 10
    assert world.elapsed == pytest.approx(10 + LEASE * 2 / 3, abs=0.1)


async def test_a_start_that_is_never_confirmed_is_the_end_too() -> None:
    world = World(away=(0, 1e9))
    await keep(world, ends_at=60)
    assert world.elapsed == pytest.approx(LEASE * 2 / 3, abs=1.1)


async def test_a_gap_shorter_than_that_is_survived_and_beaten_soon_after() -> None:
    world = World(away=(12, 22))
    with pytest.raises(EndOfTestError):
        await keep(world, ends_at=40)
    assert min(at for at, _ in world.sent if at > 12) < 23.5


async def test_time_in_which_the_broker_blocks_us_does_not_count() -> None:
    world = World(blocked=(12, 612))
    with pytest.raises(EndOfTestError):
        await keep(world, ends_at=640)
    assert [at for at, _ in world.sent if at > 612] != []


async def test_a_result_that_waits_to_be_sent_is_not_given_up_for_silence() -> None:
    world = World(away=(1, 200))
    with pytest.raises(EndOfTestError):
        await keep(world, ends_at=230, working=False)
    assert [at for at, _ in world.sent if at > 200] != []
