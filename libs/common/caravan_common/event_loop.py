"""The event loop of a service's own process: uvloop, or asyncio's on Windows, where there is no uvloop."""

import asyncio
import gc
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

if sys.platform == "win32":
    from asyncio import new_event_loop
else:
    from uvloop import new_event_loop

Outcome = TypeVar("Outcome")


def run(work: Coroutine[Any, Any, Outcome]) -> Outcome:
    """As asyncio.run: returns what the work returns, raises what it raises."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(work)


# New objects more than were freed, before the youngest are looked through; youngest collections before the next older
# ones are, twice. A page of a list makes thousands of objects at once, which are gone with the answer: by Python's own
# figures (700, 10, 10) twenty readers caused a full collection of 30 to 40 ms every seven seconds.
_COLLECT_AFTER = (10_000, 20, 50)


def spare_the_collector() -> None:
    """To be called once all is imported and started: that lives on and is never looked through again.

    A full collection stops the loop, for 130 ms over what a gateway has imported.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)
