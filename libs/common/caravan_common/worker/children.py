"""Warm child processes, one attempt each at a time. Killing one takes its whole process group; it is replaced.

No thread and no polling: children and the process they are forked from are sockets of the event loop.
"""

import asyncio
import contextlib
import os
import pickle
import shutil
import socket
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from typing import cast

import structlog

from caravan_common.worker._frames import (
    BOOK,
    BOOKED,
    NO,
    PROGRESS,
    RESULT,
    SETUP,
    USAGE,
    YES,
    FrameReader,
    Job,
    Result,
    frame,
    pack_job,
    unpack,
    unpack_result,
)
from caravan_common.worker._zygote import FORK, KILL
from caravan_common.worker._zygote_link import ZygoteFailed, ZygoteLink
from caravan_common.worker.service import ChildSetup

log = structlog.get_logger(__name__)

_STILLBORN_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
# What a child has loaded and allocated for its work helps the next job, and is given back when none comes.
_REST_SECONDS = 20.0


class ChildDied(Exception):
    """The child ended without a result. `killed` when it was on our order."""

    def __init__(self, status: int, *, killed: bool) -> None:
        how = f"by signal {-status}" if status < 0 else f"with exit code {status}"
        super().__init__(f"the process that did the work ended {how}")
        self.status = status
        self.killed = killed


class PoolClosed(Exception):
    """No more children: the worker is stopping."""


@dataclass(eq=False)
class Task:
    """A job on its way. `progress` and `usage` are the latest reported, the latter JSON of a list of Usage.

    `book` makes `usage` known to the orchestrator and returns whether it is.
    """

    job: Job
    progress: tuple[float | None, str] = (None, "")
    usage: bytes = b"[]"
    result: asyncio.Future[Result] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    on_begin: Callable[[], None] | None = None
    book: Callable[[], Awaitable[bool]] | None = None
    child: "_Child | None" = None


class ChildPool:
    """`size` children for the services of `setup`, forked from one process that has imported everything.

    One that has worked and then had nothing to do for `rest_seconds` is replaced by a new one.
    """

    def __init__(self, size: int, setup: ChildSetup, *, rest_seconds: float = _REST_SECONDS) -> None:
        self.size = size
        self.setup = setup
        self._setup_frame = frame(SETUP, pickle.dumps(setup))
        self._children: dict[int, _Child] = {}
        self._idle: list[_Child] = []
        self._waiting: deque[Task] = deque()
        self._numbers = count(1)
        self._zygote: ZygoteLink | None = None
        self._restarting: asyncio.Future[None] | None = None
        self._rest_seconds = rest_seconds
        self._resting: asyncio.TimerHandle | None = None
        self._closed = False

    async def start(self) -> None:
        """Raises ZygoteFailed when an import of the services fails (its traceback is on stderr), TimeoutError when it
        comes to a halt; then it is begun anew, and what was submitted waits for that."""
        self.setup.scratch.mkdir(parents=True, exist_ok=True)
        self._zygote = await ZygoteLink.open(self.setup, self._exited, self._zygote_lost)
        await asyncio.gather(*(self._fork() for _ in range(self.size)))

    @property
    def free(self) -> int:
        """Children with nothing to do."""
        return len(self._idle)

    @property
    def pids(self) -> tuple[int, ...]:
        """Of the children alive, as far as they have said."""
        known = self._zygote.pids if self._zygote else {}
        return tuple(known[number] for number in self._children if number in known)

    @property
    def able(self) -> bool:
        """Whether there is a process to fork children from."""
        return self._zygote is not None

    def submit(
        self,
        job: Job,
        on_begin: Callable[[], None] | None = None,
        book: Callable[[], Awaitable[bool]] | None = None,
    ) -> Task:
        """First come, first served; `on_begin` is called when a child takes it.

        `book` is awaited before a call of a model; without one, calls are made unbooked.

        The task's `result` raises ChildDied or PoolClosed.
        """
        task = Task(job, on_begin=on_begin, book=book)
        if self._closed:
            task.result.set_exception(PoolClosed("the worker is stopping"))
        elif self._idle:
            # The one that worked last: it has most of what it may need.
            self._idle.pop().begin(task)
        else:
            self._waiting.append(task)
        return task

    def kill(self, task: Task) -> None:
        """Ends the task at once, its grandchildren with it; `result` raises ChildDied. Nothing when it has ended."""
        if task.result.done():
            return
        if task.child is None:
            self._waiting.remove(task)
            task.result.set_exception(ChildDied(-9, killed=True))
        else:
            self._kill(task.child)

    async def close(self) -> None:
        """Kills all children. Tasks not ended raise ChildDied or PoolClosed."""
        self._closed = True
        if self._resting is not None:
            self._resting.cancel()
        self._refuse_waiting("the worker is stopping")
        if self._zygote is not None:
            zygote, self._zygote = self._zygote, None
            await zygote.close()
        for child in list(self._children.values()):
            child.end(-9)
        self._children.clear()
        await asyncio.to_thread(shutil.rmtree, self.setup.scratch, ignore_errors=True)

    def _kill(self, child: "_Child") -> None:
        child.killed = True
        if self._zygote is not None:
            self._zygote.order(KILL, child.number)

    async def _fork(self) -> None:
        # One that was to be replaced may have been already, by a start in the meantime.
        if self._zygote is None or len(self._children) >= self.size:
            return
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        number = next(self._numbers)
        child = _Child(number, self)
        self._children[number] = child
        with theirs:
            self._zygote.order(FORK, number, theirs)
        await asyncio.get_running_loop().create_unix_connection(lambda: child, sock=ours)
        child.write(self._setup_frame)
        if number in self._children:
            self._offer(child)
        else:
            child.end(-9)

    def _offer(self, child: "_Child") -> None:
        if self._waiting:
            child.begin(self._waiting.popleft())
        else:
            self._idle.append(child)
            if child.rested_since is not None and self._resting is None:
                self._look_after(self._rest_seconds)

    def _look_after(self, seconds: float) -> None:
        self._resting = asyncio.get_running_loop().call_later(seconds, self._refresh)

    def _refresh(self) -> None:
        """Children that have worked and then rested are replaced by new ones. One timer for all, and none while no
        child has worked: a platform at rest stays asleep."""
        self._resting = None
        now = time.monotonic()
        left = {
            child: self._rest_seconds - (now - child.rested_since)
            for child in self._idle
            if child.rested_since is not None
        }
        for child, seconds in left.items():
            if seconds <= 0:
                self._idle.remove(child)
                self._kill(child)
        if later := [seconds for seconds in left.values() if seconds > 0]:
            self._look_after(min(later))

    def finished(self, child: "_Child", result: Result) -> None:
        """Called by a child that has given its result."""
        child.rested_since = time.monotonic()
        if result.spent:
            self._kill(child)
        elif not child.killed:
            self._offer(child)

    def _exited(self, number: int, status: int) -> None:
        child = self._children.pop(number, None)
        if child is None or self._closed:
            return
        with contextlib.suppress(ValueError):
            self._idle.remove(child)
        asyncio.get_running_loop().run_in_executor(None, _remove, self.setup.scratch_of(number))
        child.end(status)
        # One that can't even begin must not be forked in a tight loop.
        pause = _STILLBORN_PAUSE_SECONDS if time.monotonic() - child.born < 0.1 and not child.killed else 0.0
        _keep(asyncio.ensure_future(self._replace(pause)))

    async def _replace(self, pause: float) -> None:
        await asyncio.sleep(pause)
        await self._fork()

    def _zygote_lost(self) -> None:
        """Whoever killed it, it took the children along; a new one is started, and what waits goes on waiting."""
        if self._closed:
            return
        log.error("worker.children_lost")
        self._zygote = None
        self._idle.clear()
        for child in list(self._children.values()):
            child.end(-9)
        self._children.clear()
        # The new one may be lost as well while its start has not returned: that start then goes on to the next.
        if self._restarting is None:
            self._restarting = asyncio.ensure_future(self._restart())

    async def _restart(self) -> None:
        pause = _STILLBORN_PAUSE_SECONDS
        try:
            while not self._closed and self._zygote is None:
                try:
                    await self.start()
                except (ZygoteFailed, TimeoutError, OSError) as error:
                    log.error("worker.children_not_started", error=str(error))  # noqa: TRY400
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
        finally:
            self._restarting = None

    def _refuse_waiting(self, why: str) -> None:
        while self._waiting:
            self._waiting.popleft().result.set_exception(PoolClosed(why))


class _Child(asyncio.Protocol):
    """The worker's end of one child's socket."""

    def __init__(self, number: int, pool: ChildPool) -> None:
        self.number = number
        self.born = time.monotonic()
        self.transport: asyncio.Transport | None = None
        self.task: Task | None = None
        self.rested_since: float | None = None
        self.killed = False
        self._pool = pool
        self._frames = FrameReader()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods of asyncio's, not their classes.
        self.transport = cast(asyncio.Transport, transport)

    def write(self, data: bytes) -> None:
        if self.transport is not None:
            self.transport.write(data)

    def begin(self, task: Task) -> None:
        self.task = task
        task.child = self
        if task.on_begin is not None:
            task.on_begin()
        self.write(pack_job(task.job))

    def data_received(self, data: bytes) -> None:
        for kind, payload in self._frames.feed(data):
            if self.task is None:
                continue
            if kind == RESULT:
                self._finish(unpack_result(payload))
            elif kind == PROGRESS:
                fraction, note = unpack(payload)[0]
                self.task.progress = (fraction, note)
            elif kind == USAGE:
                self.task.usage = payload
            elif kind == BOOK:
                self.task.usage = payload
                _keep(asyncio.ensure_future(self._book(self.task)))

    async def _book(self, task: Task) -> None:
        booked = task.book is None or await task.book()
        if self.task is task:
            self.write(frame(BOOKED, YES if booked else NO))

    def _finish(self, result: Result) -> None:
        assert self.task is not None
        task, self.task = self.task, None
        if not task.result.done():
            task.result.set_result(result)
        self._pool.finished(self, result)

    def end(self, status: int) -> None:
        """The process is gone."""
        if self.transport is not None:
            self.transport.close()
        if self.task is not None and not self.task.result.done():
            self.task.result.set_exception(ChildDied(status, killed=self.killed))
        self.task = None


def _remove(path: os.PathLike[str]) -> None:
    shutil.rmtree(path, ignore_errors=True)


_kept: set[asyncio.Future[None]] = set()


def _keep(future: asyncio.Future[None]) -> None:
    """The event loop holds only weak references."""
    _kept.add(future)
    future.add_done_callback(_kept.discard)
