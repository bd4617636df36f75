"""Runs a command's coroutine so that SIGINT and SIGTERM cancel it, and everything it started is stopped."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

from caravan.failures import INTERRUPTED, CommandFailed

T = TypeVar("T")


class Interrupted(CommandFailed):
    """By a signal. Everything has been stopped."""

    exit_code = INTERRUPTED


def run(work: Coroutine[Any, Any, T]) -> T:
    """Raises Interrupted."""
    return asyncio.run(_cancelled_by_signals(work))


async def _cancelled_by_signals(work: Coroutine[Any, Any, T]) -> T:
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    signalled = False

    def interrupt() -> None:
        nonlocal signalled
        # Once only: a second one must not cut the stopping short.
        if not signalled:
            signalled = True
            task.cancel()

    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, interrupt)
    try:
        return await task
    except asyncio.CancelledError:
        raise Interrupted("Interrupted; everything that was started has been stopped.") from None
    finally:
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(each)
