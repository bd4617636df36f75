"""Where real things meet handlers: the one place that builds an orchestrator out of its parts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog

from caravan_common.artifacts import ArtifactStore
from caravan_common.bus import (
    DEAD,
    HEARTBEATS,
    REPLIES,
    Bus,
    Subscription,
    command_queue,
)
from caravan_orchestrator.consumers.batching import Batcher
from caravan_orchestrator.consumers.dead_letters import DeadLetterConsumer
from caravan_orchestrator.consumers.heartbeats import HeartbeatConsumer
from caravan_orchestrator.consumers.replies import ReplyConsumer
from caravan_orchestrator.domain.decision import FOLLOW_UPS
from caravan_orchestrator.loops.collecting import Collecting
from caravan_orchestrator.loops.folding import Folding
from caravan_orchestrator.loops.housekeeping import Housekeeping
from caravan_orchestrator.loops.indexer import Indexer
from caravan_orchestrator.loops.leases import LeaseClock
from caravan_orchestrator.loops.lookout import Lookout
from caravan_orchestrator.loops.loop import Loop
from caravan_orchestrator.loops.proving import Proving
from caravan_orchestrator.loops.redelivery import Redelivery
from caravan_orchestrator.loops.relay import Relay, Spawned
from caravan_orchestrator.loops.sealing import Sealing
from caravan_orchestrator.loops.wakeups import Wakeups
from caravan_orchestrator.measuring import measure
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.dispatch import Dispatch, OutboxRow
from caravan_orchestrator.store.failures import is_passing
from caravan_orchestrator.store.flow_type_users import read_users
from caravan_orchestrator.usecases.refusals import Refusals
from caravan_orchestrator.usecases.registry import Registry
from caravan_orchestrator.usecases.trust import Everybody, Mapped, Trust

log = structlog.get_logger()

REPLY_PREFETCH = 192
HEARTBEAT_PREFETCH = 500
DEFAULT_WINDOW = 4
# Marks are in no hurry: until they are made the claims hold. They take room in no window that the claims do not.
MARK_SECONDS = 0.1
MARKED_TOGETHER = 64
# A broker confirms within this; an in-process command without a free worker does not.
LAST_PUBLISHES_SECONDS = 1.0


@dataclass(frozen=True)
class Intervals:
    """Seconds between looks when nothing kicks. The lease clock must tick at least every two seconds.

    `lookout` looks for all duties together; `duty` is how often each looks by itself, should the lookout fail.
    """

    lookout: float = 0.5
    duty: float = 15.0
    claims: float = 2.0
    redelivery: float = 10.0
    tick: float = 1.0
    trust: float = 5.0
    sealing: float = 60.0
    housekeeping: float = 3600.0
    collecting: float = 3600.0


class Orchestrator:
    """One replica. Two of them share the work through the database and the broker, and need not know each other."""

    def __init__(
        self,
        database: SqlDatabase,
        bus: Bus,
        store: ArtifactStore,
        *,
        mapped: bool,
        intervals: Intervals = Intervals(),
    ) -> None:
        self.database, self.bus, self.store = database, bus, store
        self.dispatch = Dispatch(database.dispatch)
        users = Mapped(lambda: read_users(database.dispatch), bus.user)
        trust: Trust = users if mapped else Everybody()
        refused = Refusals(database).record
        self.registry = Registry(database, self._declare, trust, refused)
        clock = LeaseClock(self.dispatch, database, bus)
        self._publishing = Spawned()
        marks = Batcher(self._mark_sent, MARKED_TOGETHER, is_passing, gather=MARK_SECONDS, at_once=False)
        relay = Relay(self.dispatch, bus, self.registry.windows, DEFAULT_WINDOW, self._publishing, marks.put)
        duty = intervals.duty
        self.relay = Loop("relay", relay.step, duty)
        self._add_committed, self._window = relay.add_committed, relay.window
        self.index = Loop("index", Indexer(self.dispatch, database, store, self.wake).step, duty)
        self.fold = Loop("fold", Folding(self.dispatch, database).step, duty)
        self.proof = Loop("proof", Proving(self.dispatch, database).step, duty)
        others = Loop("take over", relay.take_over, duty)
        wakeups = Loop("wakeups", Wakeups(self.dispatch, database).step, duty)
        lookout = Lookout(
            self.dispatch,
            {
                "command": self.relay.kick,
                "other": others.kick,
                "wakeup": wakeups.kick,
                "index": self.index.kick,
                "fold": self.fold.kick,
                "rollback": self.proof.kick,
            },
        )
        self.loops: Sequence[Loop] = (
            self.relay,
            self.index,
            self.fold,
            self.proof,
            others,
            wakeups,
            Loop("lookout", lookout.step, intervals.lookout),
            Loop("claims", relay.keep_claims, intervals.claims),
            Loop("redelivery", Redelivery(self.dispatch, bus).step, intervals.redelivery),
            Loop("tick", clock.tick, intervals.tick),
            *((Loop("trust", users.refresh, intervals.trust),) if mapped else ()),
            Loop("sealing", Sealing(database.dispatch).step, intervals.sealing),
            Loop("housekeeping", Housekeeping(self.dispatch).step, intervals.housekeeping),
            Loop("collecting", Collecting(self.dispatch, database, store).step, intervals.collecting),
        )
        self.replies = ReplyConsumer(
            database, store, self.registry.announced, trust, refused, self._follow_up
        )
        self.heartbeats = HeartbeatConsumer(database, clock.ticked, trust, refused, self.wake)
        self.dead = DeadLetterConsumer(database, trust)
        self._subscriptions: list[Subscription] = []
        self._of_replies: Subscription | None = None

    def kick(self) -> None:
        """After a commit: there may be something to publish, to index, to fold."""
        self.wake(FOLLOW_UPS)

    def wake(self, kinds: Collection[str]) -> None:
        """Something was committed, and work of these kinds followed from it."""
        self.relay.kick()
        self._follow_up(kinds)

    def _follow_up(self, kinds: Collection[str]) -> None:
        """As `wake`, but for the relay: it is told by the transaction itself what there is for it."""
        for kind, loop in (("index", self.index), ("fold", self.fold), ("rollback", self.proof)):
            if kind in kinds:
                loop.kick()

    @property
    def takes_replies(self) -> bool:
        """Whether this replica's own consumer of the replies stands, whatever others have."""
        return self._of_replies is not None and self._of_replies.consuming

    async def start(self, *, boot: bool = False) -> None:
        """`boot`: this process owns the whole platform, so every lease of an earlier one has run out."""
        await self.bus.declare_topology()
        for flow_type, version, slots in await self.dispatch.windows():
            queue = await self._declare(flow_type, int(version.split(".", 1)[0]))
            self.registry.windows[queue] = max(2, 2 * slots)
        if boot:
            await self.dispatch.expire_all_leases()
        subscribe = self.bus.subscribe
        self._of_replies = await subscribe(REPLIES, self.replies.handle, prefetch=REPLY_PREFETCH)
        self._subscriptions = [
            await subscribe(DEAD, self.dead.handle, prefetch=8),
            self._of_replies,
            await subscribe(HEARTBEATS, self.heartbeats.handle, prefetch=HEARTBEAT_PREFETCH),
        ]
        for loop in self.loops:
            loop.start()
        self.database.window = self._window
        self.database.publish = self._publish
        self.database.measure = measure
        log.info("orchestrator.started")

    async def stop(self) -> None:
        for subscription in self._subscriptions:
            await subscription.close()
        self.database.publish = None
        for loop in self.loops:
            await loop.stop()
        await self._publishing.finish(LAST_PUBLISHES_SECONDS)
        log.info("orchestrator.stopped")

    async def _mark_sent(self, published: Sequence[Collection[UUID]]) -> None:
        await self.dispatch.mark_sent([id_ for ids in published for id_ in ids])

    def _publish(self, committed: Sequence[OutboxRow]) -> None:
        if self._add_committed(committed):
            self.relay.kick()

    async def _declare(self, flow_type: str, major: int) -> str:
        queue = command_queue(flow_type, major)
        await self.bus.declare_queue(queue)
        return queue.name
