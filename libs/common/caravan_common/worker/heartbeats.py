"""Keeps the lease of a run that outlasts the time its delivery may be held; kills it when that fails for too long."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from caravan_common.bus import Bus, OutgoingMessage
from caravan_common.contracts import AttemptHeartbeat, AttemptStarted
from caravan_common.worker.replies import Replies, heartbeat_message, reply_message
from caravan_common.worker.runs import Run

_BEATS_PER_LEASE = 4
_SILENCE_ALLOWED = 2 / 3


class LeaseClock:
    """Seconds on a monotonic clock that stands still while the broker has blocked the connection."""

    def __init__(self, bus: Bus, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._bus = bus
        self._monotonic = monotonic

    def now(self) -> float:
        return self._monotonic() - self._bus.blocked_seconds()


class Heartbeats:
    """One per run, from the moment its delivery has to be given up until its final reply is confirmed."""

    def __init__(
        self, run: Run, replies: Replies, clock: LeaseClock, sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._run = run
        self._replies = replies
        self._clock = clock
        self._sleep = sleep
        # Reports of a run are sent in the order in which they were worded.
        self._sending = asyncio.Lock()
        self._begun = asyncio.Event()
        self._interval = run.command.lease_seconds / _BEATS_PER_LEASE
        self._limit = run.command.lease_seconds * _SILENCE_ALLOWED

    async def keep(self) -> None:
        """AttemptStarted until confirmed, then the ack, then beats. Returns when the run has been silent too long."""
        try:
            if not await self._start():
                return
        finally:
            self._begun.set()
        if self._run.working:
            await self._run.hold_slot()
        await self._run.ack()
        while not self._too_silent():
            await self._sleep(self._until_next())
            await self._send(started=False)

    async def book(self) -> bool:
        """A beat at once, which carries the usage of now; whether it was confirmed. Waits for the start."""
        await self._begun.wait()
        return self._run.working and await self._send(started=False)

    async def _start(self) -> bool:
        """Whether AttemptStarted was confirmed before the run had been silent too long."""
        # Nobody counts a lease before the run has been heard of.
        self._run.confirmed_at = self._clock.now()
        while not await self._send(started=True):
            if self._too_silent():
                return False
            await self._sleep(min(self._interval / 4, 1.0))
        return True

    def _until_next(self) -> float:
        """A missed beat is made up for soon; the limit is never slept through."""
        silence = self._clock.now() - self._run.confirmed_at
        wait = self._interval - silence if silence < self._interval else self._interval / 4
        # Without work there is no limit to meet, and a result may wait for its connection for long.
        return max(min(wait, self._limit - silence), 0.0) if self._run.working else wait

    def _too_silent(self) -> bool:
        """Only a run with work going on can be stopped: a result that waits to be sent stays."""
        return self._run.working and self._clock.now() - self._run.confirmed_at >= self._limit

    async def _send(self, *, started: bool) -> bool:
        async with self._sending:
            sent = self._clock.now()
            left = self._limit - (sent - self._run.confirmed_at)
            if self._run.working and left <= 0:
                return False
            timeout = min(self._interval / 2, left) if self._run.working else self._interval
            if await self._replies.try_send(self._started() if started else self._beat(), timeout):
                self._run.confirmed_at = sent
                return True
            return False

    def _started(self) -> OutgoingMessage:
        run = self._run
        return reply_message(run.reply(AttemptStarted), run.command.flow_id, run.traceparent)

    def _beat(self) -> OutgoingMessage:
        run = self._run
        fraction, note = run.task.progress if run.task else (None, "")
        beat = run.reply(AttemptHeartbeat, fraction=fraction, note=note)
        return heartbeat_message(beat, run.command.flow_id, run.traceparent)
