"""Sends commands again that the broker confirmed and has no more: out for long, started by nobody, in no queue.

The same command under the same epoch: whoever has it after all knows it again, and of two runs the first one heard of
is bound. So a mistake here costs work, never a result. Why it is needed: docs/decisions/ADR-008-redelivery.md.
"""

from collections.abc import Collection
from typing import Protocol
from uuid import UUID

import structlog

from caravan_common.bus import REPLIES, Bus, Queue
from caravan_orchestrator.store.dispatch import UnstartedRow

log = structlog.get_logger()

# A worker says within two seconds that it has begun. The rest is for replies that wait to be taken in.
OUT_SECONDS = 30.0


class Outbox(Protocol):
    """What it needs of the database; see store.dispatch.Dispatch."""

    async def unstarted(self, seconds: float) -> list[UnstartedRow]: ...

    async def send_again(self, ids: Collection[UUID], seconds: float) -> None: ...


class Redelivery:
    """A command is sent again when two looks in a row find it missing; what the first one saw may be forgotten."""

    def __init__(self, outbox: Outbox, bus: Bus) -> None:
        self._outbox, self._bus = outbox, bus
        self._missed: frozenset[UUID] = frozenset()

    async def step(self) -> bool:
        before, self._missed = self._missed, frozenset()
        if not self._bus.connected or self._bus.blocked:
            return False
        missing = await self._missing()
        again = [row for row in missing if row.id in before]
        if again:
            queues = sorted({row.routing_key for row in again})
            log.warning("redelivery.commands_sent_again", count=len(again), queues=queues)
            await self._outbox.send_again([row.id for row in again], OUT_SECONDS)
        self._missed = frozenset(row.id for row in missing if row.id not in before)
        return False

    async def _missing(self) -> list[UnstartedRow]:
        """What waits in a queue is not missing, and what a waiting reply may speak of is not unstarted."""
        rows = await self._outbox.unstarted(OUT_SECONDS)
        if not rows or await self._bus.message_count(REPLIES):
            return []
        queues = {row.routing_key for row in rows}
        empty = {name for name in queues if await self._bus.message_count(Queue(name)) == 0}
        return [row for row in rows if row.routing_key in empty]
