"""Looks for every other duty whether there is work for it, in one statement, and wakes only those that have some."""

from collections.abc import Callable, Collection, Mapping
from typing import Protocol


class Work(Protocol):
    """What it needs of the database; see store.dispatch.Dispatch."""

    async def work_waiting(self, kinds: Collection[str]) -> Collection[str]: ...


class Lookout:
    """`wakes`: what to call for each kind of due work, and for "command" and "other" messages of the outbox.

    Whoever commits work wakes its duty at once; this finds what time made due, what another replica left behind, and
    what was committed by a process without loops. The duties still look by themselves, seldom, should this one fail.
    """

    def __init__(self, work: Work, wakes: Mapping[str, Callable[[], None]]) -> None:
        self._work, self._wakes = work, wakes

    async def step(self) -> bool:
        for kind in await self._work.work_waiting(self._wakes.keys()):
            self._wakes[kind]()
        return False
