"""Keeps a number of flows under way while things break, and looks at what they left behind."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog

from tests.support.process_platform import ProcessPlatform
from tests.support.waiting import eventually

log = structlog.get_logger()

EFFECTS = ("a", "b", "c", "d", "e")
LEASE_SECONDS = 4.0
# One in so many outlasts the time that a delivery is held, and lives on heartbeats from then on.
_LONG_ONE_IN = 6
_LONG_SECONDS = 3.5
_STILL_SECONDS = 90.0
_FILL_SECONDS = 30.0


@dataclass
class Load:
    """`known`: flows whose creation was confirmed to us."""

    platform: ProcessPlatform
    folder: Path
    chance: random.Random
    under_way: int
    known: list[UUID] = field(default_factory=list)
    tried: int = 0
    _task: asyncio.Task[None] | None = None
    _full: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> None:
        """Returns when the number is reached."""
        self._task = asyncio.create_task(self._keep_up())
        await asyncio.wait_for(self._full.wait(), 60)

    async def stop(self) -> None:
        """No new flows from now on. Fails when there have been none for long already."""
        if self._task is not None:
            ended = self._task.done()
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            assert not ended, f"the load ended by itself: {self._task}"

    async def _keep_up(self) -> None:
        """Whatever becomes of a statement: without it nothing would be under way, and kills would prove nothing."""
        while True:
            try:
                async with asyncio.timeout(_FILL_SECONDS):
                    await self._fill()
            except Exception as error:  # noqa: BLE001
                log.warning("load.not_filled", error=repr(error)[:200])
            await asyncio.sleep(0.2)

    async def _fill(self) -> None:
        missing = self.under_way - await self.unfinished()
        for _ in range(min(missing, 10)):
            await self._create()
        if missing <= 10:
            self._full.set()

    async def unfinished(self) -> int:
        sql = "select count(*) from migration_flows where status <> 'completed'"
        return int((await self.platform.as_owner(sql))[0][0])

    async def _create(self) -> None:
        """A database that goes away leaves open whether the flow was created: it shows in the database."""
        self.tried += 1
        configuration = {
            "machines": self.chance.choice((5, 50, 500)),
            "effects": list(EFFECTS),
            "path": str(self.folder / f"{self.tried}.journal"),
            "seconds": self.chance.uniform(0, 0.3),
            "phase_seconds": _LONG_SECONDS if self.tried % _LONG_ONE_IN == 0 else self.chance.uniform(0, 0.3),
            "lease_seconds": LEASE_SECONDS,
        }
        try:
            flow = await self.platform.create("chaos", configuration=configuration, auto_accept=True)
        except Exception as error:  # noqa: BLE001 - what a killed database does to a statement is no concern here
            log.info("load.flow_not_created", error=repr(error)[:200])
        else:
            self.known.append(flow)

    async def completed(self) -> None:
        """Every flow that exists completes, as long as something still moves."""
        while await self.unfinished():
            seen = await self._moves()

            async def moved(seen: int = seen) -> bool:
                return await self._moves() > seen or not await self.unfinished()

            try:
                await eventually(moved, timeout=_STILL_SECONDS, every=0.5)
            except TimeoutError:
                raise AssertionError(f"nothing moved for {_STILL_SECONDS:g} s") from None

    async def _moves(self) -> int:
        return int((await self.platform.as_owner("select count(*) from flow_events"))[0][0])

    async def stuck(self) -> str:
        """What is not completed, for a failing test's message."""
        ask = self.platform.as_owner
        flows = await ask(
            "select f.id, f.status, f.reason, f.current_phase, f.next_wakeup_at from migration_flows f"
            " where f.status <> 'completed' order by f.id limit 50"
        )
        attempts = await ask(
            "select a.flow_id, a.id, a.kind, a.phase, a.unit_key, a.status, a.epoch, a.run_id, a.worker,"
            " a.lease_losses, a.retries, a.dispatched_at, a.started_at, d.lease_at from phase_attempts a"
            " left join running.due d on d.kind = 'lease' and d.id = a.id"
            " where a.status in ('held', 'delayed', 'dispatched', 'running') order by a.flow_id limit 100"
        )
        outbox = await ask(
            "select kind, routing_key, attempt_id, sent_at, claimed_until from running.outbox order by id limit 100"
        )
        clock = await ask("select *, clock_timestamp() from running.lease_clock")
        due = await ask("select kind, count(*), min(at), max(at) from running.due group by 1")
        columns = ("name", "messages_ready", "messages_unacknowledged", "consumers")
        queues = await asyncio.to_thread(self.platform.broker.rabbitmqctl, "list_queues", *columns)
        rows = [dict(row) for row in (*flows, *attempts, *outbox, *clock, *due)]
        return "\n".join([*(str({k: str(v) for k, v in row.items()}) for row in rows), queues])

    async def report(self) -> str:
        """How much was done, and what of it had to be done again."""
        (flows,) = await self.platform.as_owner("select count(*) from migration_flows")
        (row,) = await self.platform.as_owner(
            "select count(*) as attempts, count(*) filter (where kind = 'unit') as units,"
            " count(*) filter (where epoch > 1) as again, max(epoch) as epochs from phase_attempts"
        )
        (losses,) = await self.platform.as_owner(
            "select count(*) from flow_events where type = 'caravan.attempt.lost'"
        )
        return (
            f"{flows[0]} flows ({self.tried} creations tried, {len(self.known)} confirmed), {row['attempts']} attempts,"
            f" {row['units']} effects; {row['again']} attempts given out again, at most {row['epochs']} times;"
            f" {losses[0]} leases lost"
        )

    async def lost(self) -> list[UUID]:
        """Flows that we were told of and that do not exist."""
        rows = await self.platform.as_owner("select id from migration_flows")
        return sorted(set(self.known) - {row[0] for row in rows})

    async def effects_that_differ(self) -> dict[str, Any]:
        """Journals that do not hold each effect of their flow exactly once."""
        rows = await self.platform.as_owner("select configuration->>'path' from migration_flows")
        wanted = Counter(f"did {name}" for name in EFFECTS)
        found = await asyncio.to_thread(_read, [row[0] for row in rows])
        return {path: lines for path, lines in found.items() if lines != wanted}


def _read(journals: Sequence[str]) -> dict[str, Counter[str]]:
    return {path: Counter(Path(path).read_text().splitlines()) for path in journals}
