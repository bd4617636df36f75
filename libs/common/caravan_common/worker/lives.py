"""An attempt's life on the worker's side, from its delivery to the confirmation of its final reply.

A unit is claimed before anything is said of it; who finds it claimed by another run stands back.
A run that ends within the time a delivery may be held sends its one reply, confirmed, then acks. Any other says
AttemptStarted, confirmed, then acks, then sends heartbeats until its final reply is confirmed.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from caravan_common.bus import Delivery, OutgoingMessage
from caravan_common.contracts import (
    AttemptAbandoned,
    ErrorInfo,
    ErrorKind,
    ExecutePhase,
    PhaseFailed,
    Reply,
)
from caravan_common.telemetry import meter
from caravan_common.worker._frames import Job
from caravan_common.worker.children import ChildDied, ChildPool, PoolClosed
from caravan_common.worker.claims import Claims
from caravan_common.worker.heartbeats import Heartbeats, LeaseClock
from caravan_common.worker.replies import Replies, reply_message, result_message
from caravan_common.worker.runs import Run, Stop
from caravan_common.worker.service import Service

log = structlog.get_logger(__name__)
_ended = meter(__name__).create_counter(
    "caravan.worker.runs", description="Runs ended, by the type of their reply"
)

STORE_REST_SECONDS = 5.0
_STORE_CODES = frozenset({"store_unavailable", "disk_full"})


class Life:
    """Lives one run at a time per call; holds no state of its own but the collaborators."""

    def __init__(
        self,
        pool: ChildPool,
        service: Service,
        replies: Replies,
        clock: LeaseClock,
        claims: Claims,
        *,
        hold_seconds: float,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._pool = pool
        self._service = service
        self._replies = replies
        self._clock = clock
        self._claims = claims
        self._hold_seconds = hold_seconds
        self._sleep = sleep

    async def live(self, run: Run, body: bytes) -> bool:
        """Returns whether repeating the command could only repeat the reply."""
        if not await self._claims.take(run):
            return await self._stand_back(run)
        beats = Heartbeats(run, self._replies, self._clock, self._sleep)
        keeper = _Later(self._hold_seconds, lambda: self._keep_lease(run, beats))

        async def book() -> bool:
            # What is spent must not be known to a delivery alone, which the broker would give out again as it was.
            return keeper.begin() and await beats.book()

        try:
            reply, code = await self._work(run, body, book)
            if reply is None:
                await run.hand_back()
                return False
            if code in _STORE_CODES and not run.holds_slot:
                await run.hold_slot()
            if code not in _STORE_CODES:
                await run.free_slot()
            await self._replies.send(reply)
            run.said = reply
        finally:
            await keeper.stop()
        if run.acked:
            # Those that end at once are told by the flow's events: a line for each would cost more than they do.
            log.info("worker.run_ended", **_about(run), reply=reply.type, code=code)
        await run.ack()
        _ended.add(1, {"flow_type": run.command.flow_type, "reply": reply.type})
        if run.holds_slot:
            await self._sleep(STORE_REST_SECONDS)
            await run.free_slot()
        return reply.type != AttemptAbandoned.__name__

    async def _stand_back(self, run: Run) -> bool:
        """Another run has the unit; or nobody knows who has, and then the broker gives the command out again."""
        if run.claimed is None:
            await run.hand_back()
            return False
        reply = run.reply(AttemptAbandoned, reason="claimed by another run", claimed_elsewhere=True)
        await self._replies.send(_worded(run, reply))
        await run.ack()
        return False

    async def say_again(self, reply: OutgoingMessage | None, delivery: Delivery) -> None:
        """Its command came again after its end: the broker may have lost the reply. One that it has not is known."""
        if reply is not None:
            await self._replies.send(reply)
        await delivery.ack()

    def end(self, run: Run, stop: Stop, reason: str) -> None:
        """Kills what works for it; its life goes on to the reply that says so. Nothing when its work has ended."""
        if run.stop is not None or not (run.task is None or run.working):
            return
        run.stop, run.stop_reason = stop, reason
        if run.task is not None:
            self._pool.kill(run.task)

    async def _keep_lease(self, run: Run, beats: Heartbeats) -> None:
        await beats.keep()
        self.end(run, Stop.SILENT, "no heartbeat was confirmed for two thirds of the lease")

    async def _work(
        self, run: Run, body: bytes, book: Callable[[], Awaitable[bool]]
    ) -> tuple[OutgoingMessage | None, str | None]:
        """The final reply and its error's code; no reply when the delivery goes back to the broker instead."""
        command = run.command
        if isinstance(command, ExecutePhase) and command.phase not in self._service.phases:
            message = (
                f"{command.flow_type} {self._service.definition.version} has no phase {command.phase!r}."
            )
            return _failed(run, ErrorKind.PERMANENT, "phase_unknown", message), None
        if run.stop is not None:
            return self._after_stop(run, run.stop), None
        deadline = _Deadline(command.timeout_seconds, lambda: self.end(run, Stop.TIMEOUT, ""))
        job = Job(run.command_type, body, str(run.run_id), run.traceparent)
        run.task = self._pool.submit(job, deadline.begin, book)
        try:
            result = await run.task.result
        except ChildDied as death:
            why = run.stop_reason or str(death)
            log.warning("worker.child_killed", **_about(run), stop=run.stop, why=why)
            return self._after_death(run, death), None
        except PoolClosed as closed:
            return _abandoned(run, str(closed)), None
        finally:
            deadline.cancel()
        return result_message(result, command.flow_id, run.traceparent), result.code

    def _after_death(self, run: Run, death: ChildDied) -> OutgoingMessage | None:
        if run.stop is not None:
            return self._after_stop(run, run.stop)
        message = f"{death}; if it repeats, look at the worker's memory.".capitalize()
        return _failed(run, ErrorKind.RETRIABLE, "child_died", message)

    def _after_stop(self, run: Run, stop: Stop) -> OutgoingMessage | None:
        match stop:
            case Stop.TIMEOUT:
                message = f"It took longer than {run.command.timeout_seconds:g} seconds and was ended."
                return _failed(run, ErrorKind.RETRIABLE, "timeout", message)
            case Stop.CANCELLED:
                return _failed(run, ErrorKind.CANCELLED, "cancelled", f"Ended on request: {run.stop_reason}.")
            case _:
                return _abandoned(run, run.stop_reason)


def _about(run: Run) -> dict[str, object]:
    """For a line of the log: whose it is, and the trace that it belongs to."""
    command = run.command
    return {
        "flow_id": str(command.flow_id),
        "attempt_id": str(command.attempt_id),
        "epoch": command.epoch,
        "phase": getattr(command, "phase", None),
        "trace_id": (run.traceparent or "").partition("-")[2].partition("-")[0] or None,
    }


def _failed(run: Run, kind: ErrorKind, code: str, message: str) -> OutgoingMessage:
    return _worded(run, run.reply(PhaseFailed, error=ErrorInfo(kind=kind, code=code, message=message)))


def _abandoned(run: Run, reason: str) -> OutgoingMessage | None:
    """Before the ack the broker gives the command to another by itself, and nobody has heard of this run.

    A claimed unit's command would help nobody: whoever gets it finds the claim of this run.
    """
    if not (run.acked or run.claimed):
        return None
    return _worded(run, run.reply(AttemptAbandoned, reason=reason))


def _worded(run: Run, reply: Reply) -> OutgoingMessage:
    return reply_message(reply, run.command.flow_id, run.traceparent)


class _Later:
    """A coroutine that begins after a while, unless stopped before; costs a timer when it never begins."""

    def __init__(self, seconds: float, coroutine: Callable[[], Awaitable[None]]) -> None:
        self._coroutine = coroutine
        self._task: asyncio.Future[None] | None = None
        self._stopped = False
        self._timer = asyncio.get_running_loop().call_later(seconds, self.begin)

    def begin(self) -> bool:
        """Now, if it has not begun yet. False when it was stopped."""
        self._timer.cancel()
        if self._task is None and not self._stopped:
            self._task = asyncio.ensure_future(self._coroutine())
        return not self._stopped

    async def stop(self) -> None:
        """Waits until it has ended. What it failed with is logged."""
        self._stopped = True
        self._timer.cancel()
        if self._task is None:
            return
        self._task.cancel()
        (failure,) = await asyncio.gather(self._task, return_exceptions=True)
        if isinstance(failure, Exception):
            log.error("worker.lease_keeping_failed", exc_info=failure)


class _Deadline:
    """A timer that begins when a child takes the job, not while it waits for one."""

    def __init__(self, seconds: float, expire: Callable[[], None]) -> None:
        self._seconds = seconds
        self._expire = expire
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._expire)

    def cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
