"""The lease clock: it advances only when a tick published through the heartbeat queue comes back."""

from uuid import uuid4

from caravan_common.bus import Bus, OutgoingMessage
from caravan_common.bus.topology import HEARTBEAT_ROUTE
from caravan_orchestrator.loops.apart import each_apart
from caravan_orchestrator.store.dispatch import Dispatch, DueRow
from caravan_orchestrator.usecases.ports import Database
from caravan_orchestrator.usecases.timers import expire_lease

TICK = "LeaseTick"
# The clock never makes up for time the platform was away.
MOST_PER_TICK = 2.0
EXPIRED_AT_ONCE = 100


class LeaseClock:
    """`tick` is a loop's step, `ticked` the handler of what comes back."""

    def __init__(self, dispatch: Dispatch, database: Database, bus: Bus) -> None:
        self._dispatch, self._database, self._bus = dispatch, database, bus

    async def tick(self) -> bool:
        """Sends a tick down the way heartbeats take. Ticks that pile up die after a few seconds."""
        if self._bus.connected and not self._bus.blocked:
            await self._bus.publish(
                OutgoingMessage(
                    exchange=HEARTBEAT_ROUTE.exchange,
                    routing_key=HEARTBEAT_ROUTE.routing_key,
                    body=b"{}",
                    type=TICK,
                    message_id=str(uuid4()),
                    correlation_id="",
                    mandatory=False,
                )
            )
        return False

    async def ticked(self) -> None:
        """Heartbeats sent before this tick have been taken in: what is silent now has been silent."""
        await self._dispatch.advance_lease_clock(MOST_PER_TICK)
        await each_apart(await self._dispatch.expired_leases(EXPIRED_AT_ONCE), self._expire)

    async def _expire(self, due: DueRow) -> None:
        await expire_lease(self._database, due.tenant, due.flow_id, due.id)
