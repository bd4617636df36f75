"""The shape of a background duty: a step that is repeated, woken early, and never ended by a failure."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

log = structlog.get_logger()


class Loop:
    """Repeats `step` every `interval` seconds, or at once when kicked or when the step did something.

    A failing step is logged and tried again after a growing pause (at most 5 s): a database or broker that
    is away is not this duty's fault. Progress must therefore be in the database, never in the loop.
    """

    def __init__(self, name: str, step: Callable[[], Awaitable[bool]], interval: float) -> None:
        self.name, self._step, self._interval = name, step, interval
        self._kicked = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=self.name)

    def kick(self) -> None:
        self._kicked.set()

    async def stop(self) -> None:
        """Lets the step under way finish, for at most ten seconds."""
        if self._task is None:
            return
        self._stopping = True
        self.kick()
        _, late = await asyncio.wait([self._task], timeout=10)
        for task in late:
            task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    _stopping = False

    async def _run(self) -> None:
        pause = 0.0
        while not self._stopping:
            self._kicked.clear()
            try:
                worked = await self._step()
                pause = 0.0
            except Exception as error:  # noqa: BLE001 - no failure may end a duty
                worked, pause = False, min(5.0, pause * 2 or 0.2)
                log.warning("orchestrator.loop_failed", loop=self.name, error=repr(error), pause=pause)
            if worked or self._stopping:
                continue
            with suppress(TimeoutError):
                await asyncio.wait_for(self._kicked.wait(), pause or self._interval)
            if pause:
                await asyncio.sleep(pause)
