"""Says by a file that this worker takes commands; a container looks at it, as no port is open."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

from caravan_common.bus import BusError

MARK = "consuming"
EVERY_SECONDS = 10.0
AGAIN_SECONDS = 1.0


class HealthMark:
    """`folder`/consuming is as new as the last time that `consuming` said yes. A broker that can't be asked says no."""

    def __init__(
        self,
        folder: Path,
        consuming: Callable[[], Awaitable[bool]],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._mark = folder / MARK
        self._consuming = consuming
        self._sleep = sleep

    async def run(self) -> None:
        """Until it is cancelled; then the mark is gone."""
        try:
            while True:
                consuming = await self._is_consuming()
                if consuming:
                    # A full disk is for the phases to report; the mark then ages, which is no lie either.
                    with contextlib.suppress(OSError):
                        self._mark.touch()
                await self._sleep(EVERY_SECONDS if consuming else AGAIN_SECONDS)
        finally:
            with contextlib.suppress(OSError):
                self._mark.unlink(missing_ok=True)

    async def _is_consuming(self) -> bool:
        try:
            return await self._consuming()
        except BusError:
            return False
