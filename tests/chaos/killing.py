"""Kills processes of a platform from outside at random moments, starts them again, and keeps count."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

import psutil

from tests.chaos.commits import Caught, commit_trap
from tests.support.process_platform import ProcessPlatform
from tests.support.waiting import eventually

WORKER, CHILD, ORCHESTRATOR, POSTGRES, BROKER = "worker", "child", "orchestrator", "postgres", "broker"
ORCHESTRATOR_IN_COMMIT, POSTGRES_IN_COMMIT = "orchestrator in commit", "postgres in commit"
# Of 25; two in 25 of the database's, and three of the orchestrator's, hit a commit for certain.
MIX = {
    WORKER: 6,
    CHILD: 5,
    ORCHESTRATOR: 4,
    ORCHESTRATOR_IN_COMMIT: 3,
    POSTGRES: 3,
    POSTGRES_IN_COMMIT: 2,
    BROKER: 2,
}
IN_COMMIT = (ORCHESTRATOR_IN_COMMIT, POSTGRES_IN_COMMIT)
_PAUSE_SECONDS = (0.1, 2.0)
_DOWN_SECONDS = 2.0
_CATCH_SECONDS = 20.0
# After so many of the kills the next one waits until a phase was completed; for that it has so many seconds.
_RECOVERY = 0.8
_RECOVERY_SECONDS = 90.0


@dataclass(frozen=True)
class Kill:
    kind: str
    victim: str
    at: datetime
    xid: str | None = None
    """The transaction whose commit it hit."""


@dataclass
class Killer:
    """Two processes that do the same are killed one by one or together, as chance has it."""

    platform: ProcessPlatform
    chance: random.Random
    kills: list[Kill] = field(default_factory=list)
    ended: int = 0
    """Programs that ended by themselves."""
    _falling: set[str] = field(default_factory=set)
    _reviving: set[asyncio.Task[None]] = field(default_factory=set)

    async def rage(self, rounds: int) -> None:
        """`rounds` times the mix, in random order. Returns when everything has been started again."""
        kinds = [kind for kind, count in MIX.items() for _ in range(count * rounds)]
        self.chance.shuffle(kinds)
        supervising = asyncio.create_task(self._supervise())
        try:
            for kind in kinds:
                await asyncio.sleep(self.chance.uniform(*_PAUSE_SECONDS))
                await self._kill(kind)
                if self.chance.random() < _RECOVERY:
                    await self._recovery()
        finally:
            await self.all_revived()
            supervising.cancel()
            await asyncio.gather(supervising, return_exceptions=True)

    async def _recovery(self) -> None:
        """Most kills are to hit a platform at work, some one that has not recovered from the kill before."""
        last = self.kills[-1]

        async def went_on() -> bool:
            return await self._seconds_to_progress(last) is not None

        await eventually(
            went_on, timeout=_RECOVERY_SECONDS, every=0.1, what=f"a phase completed after {last}"
        )

    async def _supervise(self) -> None:
        """A program that ends by itself is started again, as a deployment does: one whose child died at its start."""
        while True:
            for name, program in self.platform.programs.items():
                if not program.is_running and name not in self._reviving_names | self._falling:
                    self.ended += 1
                    self._revive(name)
            await asyncio.sleep(0.2)

    async def _kill(self, kind: str) -> None:
        if kind in IN_COMMIT:
            await self.all_revived()
            await self._kill_in_commit(kind)
        elif kind == CHILD:
            await eventually(self._kill_a_child, every=0.02, what="a worker with a child to kill")
        else:
            await self._kill_one(kind)

    async def _kill_one(self, kind: str) -> None:
        async def one_is_up() -> str | None:
            up = [name for name in self._victims(kind) if self._is_up(name)]
            return self.chance.choice(up) if up else None

        victim = await eventually(one_is_up, timeout=60, every=0.02, what=f"a living {kind}")
        assert victim is not None
        await self._end(kind, victim)

    async def _end(self, kind: str, victim: str, caught: Caught | None = None) -> None:
        self._falling.add(victim)
        await asyncio.to_thread(self.platform.kill, victim)
        if caught is not None:
            caught.release()
        self.kills.append(Kill(kind, victim, datetime.now(UTC), caught.xid if caught else None))
        self._revive(victim)
        self._falling.discard(victim)

    def _victims(self, kind: str) -> Sequence[str]:
        if kind in (POSTGRES, BROKER):
            return [kind]
        programs = self.platform.workers if kind == WORKER else self.platform.orchestrators
        return [program.name for program in programs]

    def _is_up(self, name: str) -> bool:
        if name in (POSTGRES, BROKER):
            server = self.platform.postgres if name == POSTGRES else self.platform.broker
            return server.is_running and not self._reviving_names & {name}
        return self.platform.programs[name].is_running

    @property
    def _reviving_names(self) -> set[str]:
        return {task.get_name() for task in self._reviving}

    async def _kill_a_child(self) -> bool:
        """Any process below a worker: one that does the work, or the one that they are forked from."""
        worker = self.chance.choice(self.platform.workers)
        below = await asyncio.to_thread(worker.descendants)
        if not below:
            return False
        with suppress(psutil.NoSuchProcess):
            child = self.chance.choice(below)
            child.kill()  # refuses when the number is another process's by now
            self.kills.append(Kill(CHILD, f"{worker.name}'s {child.pid}", datetime.now(UTC)))
            return True
        return False

    async def _kill_in_commit(self, kind: str) -> None:
        caught: Caught | None = None
        for wide in (self.chance.random() < 0.5, True):
            async with commit_trap(self.platform, wide=wide) as trap:
                caught = await trap.catch(_CATCH_SECONDS)
                if caught is None:
                    continue
                victim = POSTGRES if kind == POSTGRES_IN_COMMIT else caught.program.name
                await self._end(kind, victim, caught)
                return
        raise TimeoutError("no commit of an orchestrator could be caught")

    def _revive(self, name: str) -> None:
        """At once, or after a moment."""
        down = self.chance.choice((0.0, self.chance.uniform(0.0, _DOWN_SECONDS)))

        async def later() -> None:
            await asyncio.sleep(down)
            await asyncio.to_thread(self.platform.start, name)

        task = asyncio.create_task(later(), name=name)
        self._reviving.add(task)
        task.add_done_callback(self._reviving.discard)

    async def all_revived(self) -> None:
        await asyncio.gather(*self._reviving)

    async def report(self) -> str:
        """Kills by kind, what became of the commits that were hit, and the time until a phase completed again."""
        kinds = Counter(kill.kind for kill in self.kills)
        lines = [f"{len(self.kills)} kills: " + ", ".join(f"{kind} {kinds[kind]}" for kind in MIX)]
        lines.append(f"{self.ended} programs ended by themselves and were started again")
        hit = [kill for kill in self.kills if kill.xid is not None]
        fates = Counter([f"{kill.kind}, {await self._fate(kill)}" for kill in hit])
        lines.append(
            f"{len(hit)} inside a commit: " + ", ".join(f"{n} {fate}" for fate, n in sorted(fates.items()))
        )
        for kind in MIX:
            waits = sorted(
                [await self._seconds_to_progress(kill) for kill in self.kills if kill.kind == kind]
            )
            if waits:
                lines.append(
                    f"seconds from the kill to the next completed phase, {kind}:"
                    f" median {waits[len(waits) // 2]:.2f}, most {waits[-1]:.2f}"
                )
        return "\n".join(lines)

    async def _fate(self, kill: Kill) -> str:
        return str((await self.platform.as_owner("select pg_xact_status($1::text::xid8)", kill.xid))[0][0])

    async def _seconds_to_progress(self, kill: Kill) -> float | None:
        sql = "select min(created_at) from flow_events where type = 'caravan.phase.completed' and created_at > $1"
        at = (await self.platform.as_owner(sql, kill.at))[0][0]
        return float((at - kill.at).total_seconds()) if at else None
