"""Says what this service can do: at start, after each re-connection, and every minute."""

import asyncio

from caravan_common.bus import Bus
from caravan_common.contracts import FlowDefinition, FlowTypeAnnounced
from caravan_common.worker.replies import Replies, reply_message

EVERY_SECONDS = 60.0
_AGAIN_SECONDS = 2.0
_TIMEOUT_SECONDS = 10.0


class Announcer:
    """Announcing again changes nothing, so a lost announcement needs no care but the next one."""

    def __init__(self, bus: Bus, definition: FlowDefinition, worker: str, slots: int) -> None:
        self._bus = bus
        self._replies = Replies(bus)
        self._definition = definition
        self._digest = definition.digest()
        self._worker = worker
        self._slots = slots
        self._due = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled."""
        self._bus.on_reconnect(self._announce_soon)
        while True:
            self._due.clear()
            confirmed = await self._announce()
            try:
                async with asyncio.timeout(EVERY_SECONDS if confirmed else _AGAIN_SECONDS):
                    await self._due.wait()
            except TimeoutError:
                continue

    async def _announce_soon(self) -> None:
        self._due.set()

    async def _announce(self) -> bool:
        announcement = FlowTypeAnnounced(
            definition=self._definition, digest=self._digest, worker=self._worker, slots=self._slots
        )
        return await self._replies.try_send(reply_message(announcement, None, None), _TIMEOUT_SECONDS)
