"""A unit's claim in the artifact store: of all runs of one epoch, however often it is delivered, one may act and speak.

It is taken before anything is said of the run. Were a run heard of that holds no claim, a second delivery of its
command could still begin after it has ended, beside the run of the next epoch.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from caravan_common.artifacts import ArtifactStore, ArtifactStoreUnavailable
from caravan_common.contracts import CompensateUnit, ExecuteUnit
from caravan_common.worker._claim_objects import claim_unit
from caravan_common.worker.runs import Run

log = structlog.get_logger(__name__)

_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5.0


class Claims:
    """`sleep` is how it waits while the store is away."""

    def __init__(self, store: ArtifactStore, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._store = store
        self._sleep = sleep

    async def take(self, run: Run) -> bool:
        """Whether the run may begin: True for all but units, False when another run holds the claim of its epoch.

        Waits while the store is away, with its delivery unacked, until the run is stopped. Then it is False as
        well, and `run.claimed` None: nothing is known, so nothing may be said.
        """
        if not isinstance(run.command, (ExecuteUnit, CompensateUnit)):
            return True
        pause = _FIRST_PAUSE_SECONDS
        while run.stop is None:
            try:
                run.claimed = await asyncio.to_thread(claim_unit, self._store, run.command, run.run_id)
            except ArtifactStoreUnavailable as error:
                log.warning("worker.claim_awaited", attempt_id=str(run.command.attempt_id), error=str(error))
                await self._sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
            else:
                return run.claimed
        return False
