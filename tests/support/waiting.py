"""Waiting for a condition instead of sleeping, and small things that both private servers need."""

import asyncio
import concurrent.futures
import itertools
import random
import socket
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any, TypeVar

T = TypeVar("T")

# Below those that the system gives to whoever connects: else one goes to a stranger before its server has started, or
# while it is killed, and who connects to it meanwhile may be given the very same port and reach itself.
_PORTS = range(20_000, 30_000)
# Each process goes through them from a place of its own, so that two at once meet as good as never.
_START = random.SystemRandom().choice(_PORTS) - _PORTS.start
_candidates: Iterator[int] = itertools.cycle((*_PORTS[_START:], *_PORTS[:_START]))


def wait_until(condition: Callable[[], T], *, timeout: float = 30, every: float = 0.05, what: str = "") -> T:
    """Returns the condition's first true answer; TimeoutError names `what` was waited for. Blocks its thread."""
    deadline = time.monotonic() + timeout
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {timeout:g} s: {what or condition}")
        time.sleep(every)
    return answer


async def eventually(
    condition: Callable[[], Awaitable[T]], *, timeout: float = 30, every: float = 0.05, what: str = ""
) -> T:
    """The same for a coroutine function, leaving the loop free."""
    deadline = time.monotonic() + timeout
    while not (answer := await condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {timeout:g} s: {what or condition}")
        await asyncio.sleep(every)
    return answer


def free_port() -> int:
    """None that was given out before, until all have been."""
    for port in itertools.islice(_candidates, len(_PORTS)):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no port of {_PORTS.start} to {_PORTS.stop - 1} is free")


def accepts(port: int, host: str = "127.0.0.1") -> bool:
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine to its end from any code, also where a loop runs: in a thread with a loop of its own."""
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
