"""An orchestrator replica: production relay, lease clock, wake-ups, proving and consumers, on the model's ports."""

from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from caravan_common.bus import BusError
from caravan_common.bus.topology import DEAD, HEARTBEATS, REPLIES
from caravan_orchestrator.bootstrap import DEFAULT_WINDOW
from caravan_orchestrator.consumers.dead_letters import DeadLetterConsumer
from caravan_orchestrator.consumers.heartbeats import HeartbeatConsumer
from caravan_orchestrator.consumers.replies import ReplyConsumer
from caravan_orchestrator.loops.leases import LeaseClock
from caravan_orchestrator.loops.proving import Proving
from caravan_orchestrator.loops.redelivery import OUT_SECONDS, Redelivery
from caravan_orchestrator.loops.relay import Relay
from caravan_orchestrator.loops.wakeups import Wakeups
from caravan_orchestrator.store.dispatch import OutboxRow
from caravan_orchestrator.store.failures import is_passing
from caravan_orchestrator.usecases.refusals import Refusal
from caravan_orchestrator.usecases.trust import Everybody
from tests.simulation.broker import Connection, Delivery
from tests.simulation.database import Session
from tests.simulation.dispatch import ModelDispatch
from tests.simulation.kernel import Bell, Future, Process
from tests.simulation.sample import QUEUES

if TYPE_CHECKING:
    from tests.simulation.world import World

Step = Callable[[], Awaitable[bool]]


class _Store:
    """Every artifact is there, with the size its manifest says."""

    local = True

    def size(self, _: str) -> int:
        return 8


async def _unwritten(_: Refusal) -> None:
    """What is refused is written down beside the flow: nothing here depends on it."""


class SimOrchestrator:
    """One replica, from its start to its crash."""

    def __init__(self, world: "World", name: str) -> None:
        self.world = world
        self.process = Process(world.kernel, name)
        self.bus = Connection(world.broker, self.process)
        session: Any = Session(world.server, self.process)
        self.dispatch: Any = ModelDispatch(world.server, self.process, world.watch.row_marked_sent)
        bus: Any = self.bus
        clock = LeaseClock(self.dispatch, session, bus)
        relay = Relay(
            self.dispatch, bus, dict.fromkeys(QUEUES, world.window), DEFAULT_WINDOW, self._publish_beside
        )
        store: Any = _Store()
        nothing: Any = None
        self.replies = ReplyConsumer(session, store, nothing, Everybody(), _unwritten, self._wake)
        self.heartbeats = HeartbeatConsumer(session, clock.ticked, Everybody(), _unwritten, self._wake)
        self.dead = DeadLetterConsumer(session, Everybody())
        self._relay, self._others, self._wakeups, self._proof = (Bell(world.kernel) for _ in range(4))
        world.bells[name] = (self._relay, self._others, self._wakeups, self._proof)
        spawn = self.process.spawn
        self._add_committed = relay.add_committed
        session.publish = self._publish
        # In every other history commands are not claimed at commit: some faults show only when the relay comes late.
        session.window = relay.window if world.seed // 2 % 2 else None
        spawn(self._loop(relay.step, self._relay, self.dispatch.next_unclaimed_command))
        spawn(self._loop(relay.take_over, self._others, self.dispatch.next_unclaimed_other))
        due = self.dispatch.next_work
        spawn(self._loop(Wakeups(self.dispatch, session).step, self._wakeups, lambda: due(("wakeup",))))
        spawn(self._loop(Proving(self.dispatch, session).step, self._proof, lambda: due(("rollback",))))
        spawn(self._tick(clock.tick))
        if world.redelivers:
            spawn(self._look_for_missing(Redelivery(self.dispatch, bus).step))
        self._consume(REPLIES.name, self.replies, 64)
        self._consume(HEARTBEATS.name, self.heartbeats, 500)
        self.bus.consume(world.broker.queue(DEAD.name), self._handler(self.dead), 8)

    def _spawn(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        self.process.spawn(coroutine)

    def _publish_beside(self, publishing: Coroutine[Any, Any, None]) -> None:
        async def guarded() -> bool:
            await publishing
            return False

        # Killed before it began, it would complain of never having been awaited.
        self.process.spawn(self._attempt(guarded)).done.watchers.append(publishing.close)

    def _publish(self, committed: Sequence[OutboxRow]) -> None:
        if self._add_committed(committed):
            self._relay.ring()

    def _wake(self, kinds: Collection[str]) -> None:
        if "rollback" in kinds:
            self._proof.ring()

    async def _loop(self, step: Step, bell: Bell, next_work: Callable[[], float | None]) -> None:
        """loops.loop.Loop; instead of polling twice a second it is woken when polling would have found work."""
        kernel, pause = self.world.kernel, 0.0
        while True:
            worked = await self._attempt(step)
            if worked is None:
                pause = min(5.0, pause * 2 or 0.2)
                await self.process.sleep(pause)
                continue
            pause = 0.0
            at = next_work()
            if not worked:
                wait = None if at is None else max(0.0, at - kernel.now) + 0.01 + 0.5 * kernel.random()
                await bell.wait(wait)

    async def _tick(self, step: Step) -> None:
        """Once a second, while there are leases that a tick could bring to their end."""
        while True:
            await self._attempt(step)
            await self.process.sleep(1.0)
            while not self.world.tables.has_leases():
                await self.world.lease_bell(self.process)

    async def _look_for_missing(self, step: Step) -> None:
        """Every ten seconds, while there is anything to look for."""
        while True:
            await self.process.sleep(10.0)
            if self.dispatch.any_unstarted(OUT_SECONDS):
                await self._attempt(step)

    async def _attempt(self, step: Step) -> bool | None:
        """None when it failed in a way that passes; any other failure is a finding."""
        try:
            return bool(await step())
        except Exception as error:  # noqa: BLE001
            if not (is_passing(error) or isinstance(error, BusError)):
                self.world.kernel.unexpected(self.process.name, error)
            return None

    def _consume(self, name: str, consumer: Any, size: int) -> None:
        consumer._batcher = ModelBatcher(self.process, consumer.take, size)
        taken = self.bus.consume(self.world.broker.queue(name), self._handler(consumer), 500)
        taken.on_ack = self.world.watch.reply_acked

    def _handler(self, consumer: Any) -> Callable[[Delivery], None]:
        return lambda delivery: self._spawn(self._handle(consumer, delivery))

    async def _handle(self, consumer: Any, delivery: Delivery) -> None:
        """bus._handling.run_handler: what escapes rejects the delivery."""
        if self.world.ack_first:
            await delivery.ack()
        try:
            await consumer.handle(delivery)
        except Exception as error:  # noqa: BLE001
            if not is_passing(error):
                self.world.kernel.unexpected(self.process.name, error)
            await delivery.reject()


class ModelBatcher:
    """consumers.batching.Batcher without an event loop of asyncio."""

    def __init__(self, process: Process, take: Callable[[Sequence[Any]], Awaitable[None]], size: int) -> None:
        self._process, self._take, self._size = process, take, size
        self._waiting: list[tuple[Any, Future]] = []
        self._bell = Bell(process.kernel)
        process.spawn(self._drain())

    async def put(self, item: Any) -> None:
        outcome = Future()
        self._waiting.append((item, outcome))
        self._bell.ring()
        await outcome

    async def _drain(self) -> None:
        while True:
            while self._waiting:
                batch = self._waiting[: self._size]
                del self._waiting[: self._size]
                error = await self._attempt([item for item, _ in batch])
                for item, outcome in batch:
                    failure = error and (await self._attempt([item]) if len(batch) > 1 else error)
                    outcome.set(None, failure)
            await self._bell.wait(None)

    async def _attempt(self, items: Sequence[Any]) -> Exception | None:
        pause = 0.1
        while True:
            try:
                await self._take(items)
            except Exception as error:  # noqa: BLE001
                if not is_passing(error):
                    return error
                await self._process.sleep(pause)
                pause = min(5.0, pause * 2)
            else:
                return None
