"""Takes commands of one flow type from the bus and gives each a life. Keeps no state beyond its runs in hand."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from opentelemetry.trace import SpanKind
from pydantic import ValidationError

from caravan_common.artifacts import ArtifactStore
from caravan_common.bus import Bus, Delivery, Subscription, cancel_queue, command_queue
from caravan_common.contracts import CancelAttempt, Command, UnknownMessageType, decode
from caravan_common.telemetry import attached, inject_traceparent, tracer
from caravan_common.worker.announce import Announcer
from caravan_common.worker.children import ChildPool
from caravan_common.worker.claims import Claims
from caravan_common.worker.heartbeats import LeaseClock
from caravan_common.worker.lives import Life
from caravan_common.worker.replies import Replies
from caravan_common.worker.runs import Run, Runs, Stop
from caravan_common.worker.service import Service
from caravan_common.worker.slots import Slot, Slots

log = structlog.get_logger(__name__)

HOLD_SECONDS = 2.0
STOP_SECONDS = 10.0


class WorkerRuntime:
    """One flow service on a bus. Bus and pool belong to the caller, are started before and closed after it."""

    def __init__(
        self,
        bus: Bus,
        pool: ChildPool,
        service: Service,
        *,
        slots: int | None = None,
        hold_seconds: float = HOLD_SECONDS,
        clock: LeaseClock | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        if service not in pool.setup.services:
            raise ValueError(f"the pool's children do not know {service.definition.flow_type}")
        self._bus = bus
        self._pool = pool
        self._definition = service.definition
        self._worker = pool.setup.worker
        self._clock = clock or LeaseClock(bus)
        claims = Claims(ArtifactStore.open(pool.setup.store_url), sleep)
        self._life = Life(
            pool, service, Replies(bus), self._clock, claims, hold_seconds=hold_seconds, sleep=sleep
        )
        self._runs = Runs()
        self._stopping = False
        self._lives: set[asyncio.Task[None]] = set()
        count = slots or pool.size
        self.queue = command_queue(self._definition.flow_type, self._definition.major)
        self._slots = Slots(bus, self.queue, count, self._take_in)
        self._announcer = Announcer(bus, self._definition, self._worker, count)
        self._announcing: asyncio.Task[None] | None = None
        self._cancels: Subscription | None = None

    async def start(self) -> None:
        """Listens for cancels before it takes commands."""
        cancels = cancel_queue(self._definition.flow_type, self._worker)
        await self._bus.declare_queue(cancels)
        self._cancels = await self._bus.subscribe(cancels, self._hear_cancel, prefetch=16)
        await self._slots.open()
        self._announcing = asyncio.create_task(self._announcer.run())

    async def stop(self) -> None:
        """Kills what runs and hands its attempts back; final replies have ten seconds to be confirmed."""
        self._stopping = True
        await self._slots.stop()
        for run in self._runs:
            self._life.end(run, Stop.STOPPING, "the worker was stopped")
        if self._lives:
            _, late = await asyncio.wait(self._lives, timeout=STOP_SECONDS)
            await _cancelled(late)
        if self._announcing is not None:
            await _cancelled({self._announcing})
        if self._cancels is not None:
            await self._cancels.close()
        await self._slots.close()

    @property
    def running(self) -> int:
        """Runs in hand, those included whose final reply is not confirmed yet."""
        return len(self._runs)

    async def is_consuming(self) -> bool:
        """Whether this replica takes commands, or has a good reason not to. For health. Raises BusError.

        One of its own slots must be a consumer, for the broker's count holds those of other replicas too; and the
        broker must count one, for what we know of our own is only what we were told. A worker whose slots are all
        taken needs none, and one whose broker is away keeps what it has in hand.
        """
        if not self._pool.able:
            return False
        if self._slots.full or (self.running > 0 and not self._bus.connected):
            return True
        return self._slots.consuming > 0 and await self._bus.consumer_count(self.queue) > 0

    async def _take_in(self, delivery: Delivery, slot: Slot) -> None:
        command = _command_of(delivery)
        if command is None or command.flow_type != self._definition.flow_type:
            log.error("worker.command_rejected", type=delivery.type, message_id=delivery.message_id)
            await delivery.reject()
            return
        key = (command.attempt_id, command.epoch)
        if (known := self._runs.find(key)) is not None:
            await self._adopt(known, delivery)
        elif self._runs.has_ended(key):
            await self._life.say_again(self._runs.reply_of(key), delivery)
        elif self._stopping:
            await delivery.requeue()
        else:
            await self._begin(command, delivery, slot)

    async def _adopt(self, run: Run, delivery: Delivery) -> None:
        """The command came again while we run it: its new delivery is settled with the run, which is not doubled."""
        if run.acked:
            await delivery.ack()
        else:
            run.deliveries.append(delivery)
            await run.settled.wait()

    async def _begin(self, command: Command, delivery: Delivery, slot: Slot) -> None:
        for older in self._runs.older_than(command):
            self._life.end(older, Stop.SUPERSEDED, f"epoch {command.epoch} of the attempt has begun")
        run = Run(
            command=command,
            command_type=delivery.type,
            worker=self._worker,
            slot=slot,
            deliveries=[delivery],
        )
        self._runs.add(run)
        life = asyncio.create_task(self._live(run, delivery))
        self._lives.add(life)
        life.add_done_callback(self._lives.discard)
        await run.settled.wait()

    async def _live(self, run: Run, delivery: Delivery) -> None:
        ended = False
        try:
            with (
                attached(delivery.headers.get("traceparent")),
                tracer(__name__).start_as_current_span(
                    f"run {self._definition.flow_type}",
                    kind=SpanKind.CONSUMER,
                    attributes={
                        "caravan.attempt_id": str(run.command.attempt_id),
                        "caravan.epoch": run.command.epoch,
                        "caravan.run_id": str(run.run_id),
                    },
                ),
            ):
                run.traceparent = inject_traceparent().get("traceparent")
                ended = await self._life.live(run, delivery.body)
        except Exception:
            log.exception("worker.run_lost", attempt_id=str(run.command.attempt_id))
            await run.hand_back()
        finally:
            self._runs.remove(run, ended=ended)
            run.settled.set()

    async def _hear_cancel(self, delivery: Delivery) -> None:
        try:
            cancel = decode(delivery.type, delivery.body)
        except (UnknownMessageType, ValidationError):
            await delivery.reject()
            return
        if isinstance(cancel, CancelAttempt):
            for run in self._runs.meant_by(cancel):
                self._life.end(run, Stop.CANCELLED, cancel.reason)
        await delivery.ack()


def _command_of(delivery: Delivery) -> Command | None:
    """None when its content is at fault."""
    try:
        message = decode(delivery.type, delivery.body)
    except (UnknownMessageType, ValidationError):
        return None
    return message if isinstance(message, Command) else None


async def _cancelled(tasks: set[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
