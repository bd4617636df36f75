"""Which database failures pass by themselves: those are retried in place, never blamed on a message."""

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# Connection exceptions, resources, operator intervention, serialization and deadlock, lock not available.
_PASSING = ("08", "53", "57", "40", "55P03", "25P03", "58")


def is_passing(error: BaseException) -> bool:
    """True when trying again later can help."""
    if isinstance(error, OSError | asyncio.TimeoutError | PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    return state is not None and str(state).startswith(_PASSING)


async def retried_in_place(
    deed: Callable[[], Awaitable[None]], passes: Callable[[BaseException], bool] = is_passing
) -> None:
    """Again and again while the failure passes by itself: it is not the message's fault. Others are raised."""
    pause = 0.1
    while True:
        try:
            await deed()
        except Exception as error:
            if not passes(error):
                raise
        else:
            return
        await asyncio.sleep(pause)
        pause = min(5.0, pause * 2)
