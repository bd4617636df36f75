"""Takes heartbeats and lease ticks from their own queue. A tick comes after all heartbeats sent before it."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import NamedTuple

from caravan_common.bus import Delivery
from caravan_common.contracts import AttemptHeartbeat, Reply, decode
from caravan_orchestrator.consumers.batching import Batcher
from caravan_orchestrator.domain.model import Origin
from caravan_orchestrator.domain.tenancy import by_tenant
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.failures import is_passing
from caravan_orchestrator.store.heartbeats import renew_leases
from caravan_orchestrator.usecases.intake import take_in
from caravan_orchestrator.usecases.refusals import Refusal
from caravan_orchestrator.usecases.timers import LEASE_TICK
from caravan_orchestrator.usecases.trust import Trust

BATCH = 500


class Beat(NamedTuple):
    """A heartbeat and the broker user that sent it."""

    heartbeat: AttemptHeartbeat
    user: str | None


class HeartbeatConsumer:
    """A heartbeat of the bound run renews its lease; any other goes through the reply intake."""

    def __init__(
        self,
        database: SqlDatabase,
        ticked: Callable[[], Awaitable[None]],
        trust: Trust,
        refused: Callable[[Refusal], Awaitable[None]],
        kick: Callable[[Collection[str]], None],
    ) -> None:
        """`refused` writes a refusal down."""
        self._database, self._ticked, self._kick = database, ticked, kick
        self._trust, self._refused = trust, refused
        self._batcher: Batcher[Beat | None] = Batcher(self.take, BATCH, is_passing)

    async def handle(self, delivery: Delivery) -> None:
        if delivery.type == LEASE_TICK:
            if self._trust.is_own(delivery.user_id):
                await self._batcher.put(None)
            else:
                await self._refused(Refusal("wrong_user", delivery.user_id, LEASE_TICK, "lease clock"))
        else:
            message = decode(delivery.type, delivery.body)
            if not isinstance(message, AttemptHeartbeat):
                raise TypeError(f"{delivery.type} is not a heartbeat")
            await self._batcher.put(Beat(message, self._trust.speaker(delivery)))
        await delivery.ack()

    async def take(self, items: Sequence[Beat | None]) -> None:
        """Heartbeats first, then the tick: what is silent after that has been silent."""
        heartbeats = [item for item in items if item is not None]
        if heartbeats:
            await self._renew(heartbeats)
        if len(heartbeats) < len(items):
            await self._ticked()

    async def _renew(self, beats: Sequence[Beat]) -> None:
        origins = await self._database.origins_of({beat.heartbeat.attempt_id for beat in beats})
        known = [
            beat.heartbeat
            for beat in beats
            if await self._counts(beat, origins.get(beat.heartbeat.attempt_id))
        ]
        for tenant, same in by_tenant(known, lambda beat: origins[beat.attempt_id].tenant):
            async with self._database.transaction(tenant) as transaction:
                renewed = await renew_leases(transaction, same)
            others: list[Reply] = [beat for beat in same if beat.attempt_id not in renewed or beat.usage]
            if others:
                self._kick((await take_in(self._database, tenant, others)).kinds)

    async def _counts(self, beat: Beat, origin: Origin | None) -> bool:
        """Nothing waits for a heartbeat: one that is refused is written down and dropped."""
        heartbeat = beat.heartbeat
        if origin is None:
            reason = "unknown_attempt"
        elif not await self._trust.may_speak(beat.user, origin.flow_type):
            reason = "wrong_user"
        elif heartbeat.flow_id != origin.flow_id:
            reason = "another_flow"
        else:
            return True
        tenant = None if origin is None else origin.tenant
        kind = type(heartbeat).__name__
        await self._refused(Refusal(reason, beat.user, kind, str(heartbeat.attempt_id), tenant))
        return False
