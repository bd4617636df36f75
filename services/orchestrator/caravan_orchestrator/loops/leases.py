"""The lease clock: it advances only when a tick published through the heartbeat queue comes back."""

from uuid import uuid4

import structlog

from caravan_common.bus import Bus, OutgoingMessage
from caravan_common.bus.topology import HEARTBEAT_ROUTE
from caravan_common.telemetry import meter
from caravan_orchestrator.loops.apart import each_apart, fails_all
from caravan_orchestrator.store.dispatch import Dispatch, DueRow
from caravan_orchestrator.usecases.ports import Database
from caravan_orchestrator.usecases.timers import LEASE_TICK, expire_lease

log = structlog.get_logger()
_not_ended = meter(__name__).create_counter(
    "caravan.leases.not_ended", description="Leases that ran out and whose end failed; each is tried again"
)

# The clock never makes up for time the platform was away.
MOST_PER_TICK = 2.0
EXPIRED_AT_ONCE = 100
ASIDE_SECONDS = 30.0


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
                    type=LEASE_TICK,
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
        """One that can't be ended is set aside for a while: it holds up no other, and no tick dies of it."""
        try:
            known = await expire_lease(self._database, due.tenant, due.flow_id, due.id)
        except Exception as error:
            if fails_all(error):
                raise
            _not_ended.add(1)
            log.exception("orchestrator.lease_not_ended", attempt=str(due.id), flow=str(due.flow_id))
            await self._dispatch.set_aside("lease", due, ASIDE_SECONDS)
            return
        if not known:
            log.warning("orchestrator.lease_of_nobody", attempt=str(due.id), flow=str(due.flow_id))
            await self._dispatch.done("lease", due)
