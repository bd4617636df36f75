"""A worker service: the life of a run as worker.lives has it, on the production heartbeats and book of runs."""

from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from caravan_common.bus import OutgoingMessage
from caravan_common.contracts import (
    AttemptAbandoned,
    CancelAttempt,
    Command,
    CompensateUnit,
    ErrorInfo,
    ErrorKind,
    ExecuteUnit,
    PhaseFailed,
    Reply,
    Usage,
    decode,
)
from caravan_common.worker.heartbeats import Heartbeats, LeaseClock
from caravan_common.worker.replies import reply_message
from caravan_common.worker.runs import Runs, Stop
from tests.simulation import work
from tests.simulation.broker import Connection, Consumer, Delivery
from tests.simulation.kernel import Future, Process, Task
from tests.simulation.sample import QUEUES

if TYPE_CHECKING:
    from tests.simulation.world import World

HOLD_SECONDS = 2.0
SLOTS = 2


@dataclass(eq=False)
class SimRun:
    """What Heartbeats and Runs need of worker.runs.Run, without an event loop of asyncio."""

    worker: "SimWorker"
    command: Any
    slot: Consumer
    deliveries: list[Delivery]
    run_id: UUID
    confirmed_at: float
    traceparent: None = None
    acked: bool = False
    claimed: bool | None = None
    holds_slot: bool = False
    said: OutgoingMessage | None = None
    stop: Stop | None = None
    stop_reason: str = ""
    child: Task | None = None
    result: Future = field(default_factory=Future)
    began_at: float = 0.0
    spent: int = 0
    progress: tuple[float | None, str] = (None, "")

    @property
    def key(self) -> tuple[UUID, int]:
        return self.command.attempt_id, self.command.epoch

    @property
    def task(self) -> "SimRun":
        return self

    @property
    def working(self) -> bool:
        return self.child is not None and not self.result.done

    def reply(self, kind: type[Reply], **fields: object) -> Reply:
        usage = (Usage(model="m", calls=self.spent),) if self.spent else ()
        return kind.model_validate(
            {
                "message_id": self.worker.world.new_id(),
                "attempt_id": self.command.attempt_id,
                "epoch": self.command.epoch,
                "run_id": self.run_id,
                "flow_id": self.command.flow_id,
                "worker": self.worker.process.name,
                "usage": usage,
                **fields,
            }
        )

    async def ack(self) -> None:
        self.acked = True
        while self.deliveries:
            await self.deliveries.pop().ack()

    async def hand_back(self) -> None:
        while self.deliveries:
            await self.deliveries.pop().requeue()

    async def hold_slot(self) -> None:
        self.holds_slot = True
        self.slot.pause()

    def free_slot(self) -> None:
        if self.holds_slot:
            self.holds_slot = False
            if not self.worker.stopping:
                self.slot.resume()


class SimWorker:
    """One replica, from its start to its crash or clean stop."""

    def __init__(self, world: "World", name: str) -> None:
        self.world = world
        self.process = Process(world.kernel, name)
        self.bus = Connection(world.broker, self.process)
        self.clock = LeaseClock(self.bus, lambda: world.kernel.now)  # type: ignore[arg-type]
        self.runs = Runs()
        self.stopping = False
        cancels = self.bus.own_queue(f"cancels.{name}")
        self.bus.consume(cancels, self._hear_cancel, 16)
        self.slots: list[Consumer] = []
        for queue in QUEUES * SLOTS:
            slot = self.bus.consume(world.broker.queue(queue), lambda _: None, 1)
            slot.handle = lambda delivery, slot=slot: self._spawn(self._take_in(delivery, slot))
            self.slots.append(slot)

    def _spawn(self, coroutine: Coroutine[Any, Any, Any]) -> Task:
        return self.process.spawn(coroutine)

    def stop(self) -> None:
        """Cleanly: what runs is killed and handed back, what is to be said is said."""
        self.world.kernel.log(self.process.name, "stops")
        self.stopping = True
        for slot in self.slots:
            slot.pause()
        for run in self.runs:
            self.end(run, Stop.STOPPING, "the worker was stopped")  # type: ignore[arg-type]

    def _hear_cancel(self, delivery: Delivery) -> None:
        self._spawn(self._cancel(delivery))

    async def _cancel(self, delivery: Delivery) -> None:
        cancel = decode(delivery.type, delivery.body)
        assert isinstance(cancel, CancelAttempt)
        for run in self.runs.meant_by(cancel):
            self.end(run, Stop.CANCELLED, cancel.reason)  # type: ignore[arg-type]
        await delivery.ack()

    async def _take_in(self, delivery: Delivery, slot: Consumer) -> None:
        if self.world.faults.hits("poison"):
            await delivery.reject()
            return
        command: Any = decode(delivery.type, delivery.body)
        assert isinstance(command, Command)
        known: Any = self.runs.find((command.attempt_id, command.epoch))  # type: ignore[attr-defined]
        if known is not None:
            if known.acked:
                await delivery.ack()
            else:
                known.deliveries.append(delivery)
        elif self.runs.has_ended((command.attempt_id, command.epoch)):  # type: ignore[attr-defined]
            if (said := self.runs.reply_of((command.attempt_id, command.epoch))) is not None:  # type: ignore[attr-defined]
                await self._until_confirmed(said)
            await delivery.ack()
        elif self.stopping:
            await delivery.requeue()
        else:
            await self._begin(command, delivery, slot)

    async def _begin(self, command: Any, delivery: Delivery, slot: Consumer) -> None:
        for older in self.runs.older_than(command):
            self.end(older, Stop.SUPERSEDED, "a later epoch has begun")  # type: ignore[arg-type]
        run = SimRun(self, command, slot, [delivery], self.world.new_id(), self.clock.now())
        run.began_at = self.world.kernel.now
        self.world.run_epochs[run.run_id] = command.epoch
        self.runs.add(run)  # type: ignore[arg-type]
        self.world.kernel.log(
            self.process.name, "begins {} {}", self.world.name(command), f"run {_short(run)}"
        )
        await self._live(run)

    async def _live(self, run: SimRun) -> None:
        if not await work.claim(self.world, run):
            await self._send_confirmed(run, work.claimed_elsewhere(run))
            await run.ack()
            self.runs.remove(run, ended=False)  # type: ignore[arg-type]
            return
        run.claimed = True if isinstance(run.command, ExecuteUnit | CompensateUnit) else None
        keeper = self._spawn(self._keep_lease(run))
        reply = await self._work(run)
        run.free_slot()
        if reply is None:
            keeper.cancel()
            await run.hand_back()
            self.runs.remove(run, ended=False)  # type: ignore[arg-type]
            return
        await self._send_confirmed(run, reply)
        keeper.cancel()
        await run.ack()
        self.runs.remove(run, ended=not isinstance(reply, AttemptAbandoned))  # type: ignore[arg-type]

    async def _work(self, run: SimRun) -> Reply | None:
        run.child = self._spawn(self._child(run))
        outcome = await run.result
        if outcome is not None:
            return outcome
        if run.stop is None:
            return _failed(run, ErrorKind.RETRIABLE, "child_died")
        if run.stop is Stop.CANCELLED:
            return _failed(run, ErrorKind.CANCELLED, "cancelled")
        if not (run.acked or run.claimed):
            return None
        return run.reply(AttemptAbandoned, reason=run.stop_reason)

    async def _child(self, run: SimRun) -> None:
        run.result.set(await work.carry_out(self.world, run))

    def end(self, run: SimRun, stop: Stop, reason: str) -> None:
        """Kills the child; its life goes on to the reply that says so."""
        if run.working and run.stop is None:
            self.world.kernel.log(
                self.process.name, "kills {} run {}: {}", self.world.name(run.command), _short(run), reason
            )
            run.stop, run.stop_reason = stop, reason
            self.kill_child(run)

    def kill_child(self, run: SimRun) -> None:
        assert run.child is not None
        run.child.cancel()
        run.result.set(None)

    def thaw(self) -> None:
        """The machine stood still. What was silent for too long is ended before its child gets on."""
        for run in self.runs:
            if self.clock.now() - run.confirmed_at >= run.command.lease_seconds * 2 / 3:
                self.end(run, Stop.SILENT, "it stood still for too long")  # type: ignore[arg-type]

    async def _keep_lease(self, run: SimRun) -> None:
        await self.process.sleep(HOLD_SECONDS)
        heartbeats = Heartbeats(run, _Sender(self), self.clock, self.process.sleep)  # type: ignore[arg-type]
        await heartbeats.keep()
        self.end(run, Stop.SILENT, "no heartbeat was confirmed for two thirds of the lease")

    async def _send_confirmed(self, run: SimRun, reply: Reply) -> None:
        message = reply_message(reply, run.command.flow_id, None)
        self.world.kernel.log(
            self.process.name, "replies {} for {}", type(reply).__name__, self.world.name(run.command)
        )
        await self._until_confirmed(message)
        run.said = message

    async def _until_confirmed(self, message: OutgoingMessage) -> None:
        pause = 0.1
        while not await _Sender(self).try_send(message):
            await self.process.sleep(pause)
            pause = min(pause * 2, 2.0)


class _Sender:
    """worker.replies.Replies on the model's bus."""

    def __init__(self, worker: SimWorker) -> None:
        self._worker = worker

    async def try_send(self, message: OutgoingMessage, timeout: float | None = None) -> bool:
        worker = self._worker
        outcome = Future()
        publishing = worker.process.spawn(self._publish(message, outcome))
        if timeout is not None:
            worker.world.kernel.later(max(timeout, 0.0), outcome.set, False)
        confirmed = bool(await outcome)
        publishing.cancel()
        return confirmed

    async def _publish(self, message: OutgoingMessage, outcome: Future) -> None:
        failure = (await self._worker.bus.publish_many([message]))[0]
        outcome.set(failure is None)


def _failed(run: SimRun, kind: ErrorKind, code: str) -> Reply:
    return run.reply(PhaseFailed, error=ErrorInfo(kind=kind, code=code, message=code))


def _short(run: SimRun) -> str:
    return run.run_id.hex[-6:]
