"""Takes heartbeats and lease ticks from their own queue. A tick comes after all heartbeats sent before it."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from itertools import groupby

from caravan_common.bus import Delivery
from caravan_common.contracts import AttemptHeartbeat, Reply, decode
from caravan_orchestrator.consumers.batching import Batcher
from caravan_orchestrator.loops.leases import TICK
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.failures import is_passing
from caravan_orchestrator.store.heartbeats import renew_leases
from caravan_orchestrator.usecases.intake import take_in

BATCH = 500


class HeartbeatConsumer:
    """A heartbeat of the bound run renews its lease; any other goes through the reply intake."""

    def __init__(
        self,
        database: SqlDatabase,
        ticked: Callable[[], Awaitable[None]],
        kick: Callable[[Collection[str]], None],
    ) -> None:
        self._database, self._ticked, self._kick = database, ticked, kick
        self._batcher: Batcher[AttemptHeartbeat | None] = Batcher(self.take, BATCH, is_passing)

    async def handle(self, delivery: Delivery) -> None:
        if delivery.type == TICK:
            await self._batcher.put(None)
        else:
            message = decode(delivery.type, delivery.body)
            if not isinstance(message, AttemptHeartbeat):
                raise TypeError(f"{delivery.type} is not a heartbeat")
            await self._batcher.put(message)
        await delivery.ack()

    async def take(self, items: Sequence[AttemptHeartbeat | None]) -> None:
        """Heartbeats first, then the tick: what is silent after that has been silent."""
        heartbeats = [item for item in items if item is not None]
        if heartbeats:
            await self._renew(heartbeats)
        if len(heartbeats) < len(items):
            await self._ticked()

    async def _renew(self, heartbeats: Sequence[AttemptHeartbeat]) -> None:
        tenants = await self._database.tenants_of({beat.attempt_id for beat in heartbeats})
        known = [beat for beat in heartbeats if beat.attempt_id in tenants]

        def by_tenant(beat: AttemptHeartbeat) -> str:
            return str(tenants[beat.attempt_id])

        for _, group in groupby(sorted(known, key=by_tenant), key=by_tenant):
            same = list(group)
            tenant = tenants[same[0].attempt_id]
            async with self._database.transaction(tenant) as transaction:
                renewed = await renew_leases(transaction, same)
            others: list[Reply] = [beat for beat in same if beat.attempt_id not in renewed or beat.usage]
            if others:
                self._kick(await take_in(self._database, tenant, others))
