"""The only publisher: takes messages out of the outbox, marks each by its own confirm, promises no order."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

import structlog
from opentelemetry.trace import SpanKind

from caravan_common.bus import Bus, OutgoingMessage
from caravan_common.telemetry import attached, inject_traceparent, tracer
from caravan_orchestrator.store.dispatch import CLAIM_SECONDS, OutboxRow

log = structlog.get_logger()

OTHERS_AT_ONCE = 200
RETRY_SECONDS = 1.0


class Outbox(Protocol):
    """What the relay needs of the database; see store.dispatch.Dispatch."""

    async def claim_commands(self, windows: Mapping[str, int], default_window: int) -> list[OutboxRow]: ...

    async def claim_others(self, limit: int) -> list[OutboxRow]: ...

    async def mark_sent(self, ids: Collection[UUID]) -> None: ...

    async def release(self, ids: Collection[UUID], seconds: float) -> None: ...


class Spawned:
    """Runs publishes beside each other: the in-process bus confirms a command only when it is acked."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def __call__(self, publishing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(publishing)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def finish(self, seconds: float) -> None:
        """Lets what is under way end, then cancels it: what has not been marked is published again by its claim."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # Nothing is lost: the claims run out and another round publishes the rows again.
            log.warning("relay.round_failed", error=repr(error))


class Relay:
    """`windows` is shared with the flow-type registry: commands that may be out, by queue.

    `spawn` runs a publish in the background, so that one command without a free worker holds up no other.
    `mark` may take the marks of several publishes together.
    """

    def __init__(
        self,
        outbox: Outbox,
        bus: Bus,
        windows: Mapping[str, int],
        default_window: int,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        mark: Callable[[Collection[UUID]], Awaitable[None]] | None = None,
    ) -> None:
        self._mark = mark or outbox.mark_sent
        self._outbox, self._bus, self._windows, self._default = outbox, bus, windows, default_window
        self._spawn = spawn
        self._publishing: set[UUID] = set()
        self._committed: list[OutboxRow] = []

    async def step(self) -> bool:
        """One round: commands, as many as the windows have room for, then what this replica has committed."""
        committed, self._committed = self._committed, []
        if not self._can_publish:
            return False  # what was committed waits until its claims run out
        commands = await self._outbox.claim_commands(self._windows, self._default)
        for rows in (commands, committed):
            if rows:
                self._spawn(self._publish(rows))
        return False

    def window(self, queue: str) -> int:
        """How many commands of the queue may be claimed by now; none while they could not be published."""
        return self._windows.get(queue, self._default) if self._can_publish else 0

    def add_committed(self, rows: Sequence[OutboxRow]) -> bool:
        """What this replica has just committed as claimed by itself: events and cancels, for the next step.

        With commands among them they are published at once: none waits, so there is nothing to claim. True when a
        step is needed.
        """
        if any(row.kind == "command" for row in rows) and self._can_publish:
            self._spawn(self._publish(rows))
            return False
        self._committed.extend(rows)
        return True

    async def take_over(self) -> bool:
        """Events and cancels that whoever committed them did not publish: it died, could not, or has no relay.

        True when there may be more at once.
        """
        if not self._can_publish:
            return False
        others = await self._outbox.claim_others(OTHERS_AT_ONCE)
        if others:
            self._spawn(self._publish(others))
        return len(others) == OTHERS_AT_ONCE

    @property
    def _can_publish(self) -> bool:
        return self._bus.connected and not self._bus.blocked

    async def keep_claims(self) -> bool:
        """A publish may wait long for its confirm; meanwhile no other relay shall repeat it."""
        if self._publishing:
            await self._outbox.release(list(self._publishing), CLAIM_SECONDS)
        return False

    async def _publish(self, rows: Sequence[OutboxRow]) -> None:
        ids = {row.id for row in rows}
        self._publishing |= ids
        try:
            outcomes = await self._bus.publish_many([_message(row) for row in rows])
        finally:
            self._publishing -= ids
        sent = [row.id for row, outcome in zip(rows, outcomes, strict=True) if outcome is None]
        failed = [(row, outcome) for row, outcome in zip(rows, outcomes, strict=True) if outcome is not None]
        if sent:
            await self._mark(sent)
        if failed:
            first, error = failed[0]
            log.warning("relay.publish_failed", count=len(failed), route=first.routing_key, error=repr(error))
            await self._outbox.release([row.id for row, _ in failed], RETRY_SECONDS)


def _message(row: OutboxRow) -> OutgoingMessage:
    """A command's sending is a span of its trace; events and cancels go on with what caused them."""
    traceparent = row.traceparent
    if row.kind == "command":
        with (
            attached(traceparent),
            tracer(__name__).start_as_current_span(f"send {row.type}", kind=SpanKind.PRODUCER),
        ):
            traceparent = inject_traceparent().get("traceparent")
    return OutgoingMessage(
        exchange=row.exchange,
        routing_key=row.routing_key,
        body=row.body.encode(),
        type=row.type,
        message_id=str(row.id),
        correlation_id=str(row.flow_id),
        headers={"traceparent": traceparent} if traceparent else {},
        mandatory=row.kind == "command",
    )
