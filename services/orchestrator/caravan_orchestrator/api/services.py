"""What the gateway is given, and how large things may be. It starts nothing of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from caravan_common.artifacts import ArtifactStore
from caravan_orchestrator.api.auth import TokenVerifier
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.usecases.readings import Readings


@dataclass(frozen=True)
class GatewaySettings:
    """Sizes in bytes, times in seconds."""

    upload_bytes: int = 2 << 30
    body_bytes: int = 1 << 20
    reference_bytes: int = 16 << 20
    event_poll: float = 0.5
    event_heartbeat: float = 15.0
    figures_age: float = 5.0
    # Each is a decision that later attempts of the flow are given.
    batch_assets: int = 5_000
    # Requests per second of one subject of one client, and how many at once after a rest; 0: as many as come.
    rate: float = 200.0
    burst: int = 400
    # For so long a person's further reads of the same are counted before they are written.
    readings_window: float = 60.0
    # Origins of browsers that may ask, as `https://console.example.org`; none unless named.
    cors_origins: tuple[str, ...] = ()


class Bell:
    """Wakes whoever waits. A ring while nobody waits is not kept: waiters look again by themselves anyway."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Call it on the loop that the waiters run on."""
        rung, self._event = self._event, asyncio.Event()
        rung.set()

    async def wait(self, seconds: float) -> None:
        event = self._event
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except TimeoutError:
            return


Replay = Callable[[str, UUID, Sequence[UUID] | None, str | None], Awaitable[dict[str, int]]]


@dataclass(frozen=True)
class GatewayServices:
    """`kick` wakes, after a commit, the relay and the loops that have work of these kinds.

    `consumers(flow_type, major)` asks the broker; `health` answers {"ready": bool, "checks": {...}}. `replay(actor,
    client, ids, group)` is absent where there is no bus.
    """

    database: SqlDatabase
    store: ArtifactStore
    verifier: TokenVerifier
    kick: Callable[[Collection[str]], None]
    health: Callable[[], Awaitable[dict[str, Any]]]
    consumers: Callable[[str, int], Awaitable[int]]
    settings: GatewaySettings = GatewaySettings()
    replay: Replay | None = None
    bell: Bell = field(default_factory=Bell)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    readings: Readings = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "readings", Readings(self.database, self.settings.readings_window))

    def stop(self) -> None:
        """From now on: requests are answered, but /health/ready says 503, connections are not kept, streams end."""
        self.stopping.set()
        self.bell.ring()
