"""A small event loop on a virtual clock: coroutines stepped in an order that a seed decides, and nothing else."""

import heapq
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from random import Random
from typing import Any

_NEVER = 1e12


class TimedOut(Exception):
    """A wait took longer than it was allowed to."""


class Future:
    """Something that will be known later. Awaiting it resumes with the result, or raises the error."""

    __slots__ = ("done", "error", "result", "watchers")

    def __init__(self) -> None:
        self.done, self.result, self.error = False, None, None
        self.watchers: list[Callable[[], None]] = []

    def __await__(self) -> Generator[Any, Any, Any]:
        if not self.done:
            yield self
        if self.error is not None:
            raise self.error
        return self.result

    def set(self, result: Any = None, error: BaseException | None = None) -> None:
        """A second time does nothing."""
        if self.done:
            return
        self.done, self.result, self.error = True, result, error
        watchers, self.watchers = self.watchers, []
        for watcher in watchers:
            watcher()


class _Pause:
    __slots__ = ("seconds",)

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __await__(self) -> Generator[Any, Any, Any]:
        yield self.seconds


def pause(seconds: float) -> Awaitable[None]:
    """asyncio.sleep on the virtual clock. No sleep takes no time at all: waiting in circles must end."""
    return _Pause(max(seconds, 1e-6))


class Process:
    """What crashes as one: its tasks end wherever they are waiting. Frozen, it does nothing until it thaws."""

    def __init__(self, kernel: "Kernel", name: str) -> None:
        self.kernel, self.name = kernel, name
        self.tasks: set[Task] = set()
        self.alive, self.fragile = True, True
        self.frozen_until = 0.0
        self.at_death: list[Callable[[], None]] = []
        kernel.processes.append(self)

    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> "Task":
        task = Task(self, coroutine)
        if self.alive:
            self.kernel.at(self.kernel.now, task.step)
        else:
            task.cancel()
        return task

    def crash(self) -> None:
        if self.alive:
            self.kernel.log(self.name, "crashed")
            self.end()

    def end(self) -> None:
        """Without a word; for a person whose request is done, and when the history is over."""
        self.alive = False
        for clean in self.at_death:
            clean()
        self.at_death = []
        for task in list(self.tasks):
            task.cancel()

    def freeze(self, seconds: float) -> None:
        self.frozen_until = max(self.frozen_until, self.kernel.now + seconds)
        self.kernel.log(self.name, "stands still for {:.0f} s", seconds)

    def sleep(self, seconds: float) -> Awaitable[None]:
        return pause(seconds)

    def step(self) -> Awaitable[None]:
        """A moment in which others get on: a round trip, usually short, and sometimes the end of the process."""
        kernel = self.kernel
        if kernel.crash_chance and kernel.random() < kernel.crash_chance and self.alive and self.fragile:
            kernel.at(kernel.now, self.crash)
            return _Pause(_NEVER)
        draw = kernel.random()
        return _Pause(0.001 + 0.01 * draw if draw < 0.97 else draw - 0.9)


class Task:
    """A coroutine on its way. `done` resolves with its result."""

    __slots__ = ("coroutine", "done", "process", "running")

    def __init__(self, process: Process, coroutine: Coroutine[Any, Any, Any]) -> None:
        self.process, self.coroutine, self.done, self.running = process, coroutine, Future(), False
        process.tasks.add(self)

    def step(self) -> None:
        if self.done.done:
            return
        process = self.process
        kernel = process.kernel
        if process.frozen_until > kernel.now:
            kernel.at(process.frozen_until, self.step)
            return
        self.running = True
        try:
            wanted = self.coroutine.send(None)
        except StopIteration as end:
            self._end(end.value, None)
        except Exception as error:  # noqa: BLE001 - a failure that nobody awaits is a finding
            watched = bool(self.done.watchers)
            self._end(None, error)
            if not watched:
                kernel.unexpected(process.name, error)
        else:
            self.running = False
            if type(wanted) is float:
                kernel.at(kernel.now + wanted, self.step)
            elif wanted.done:
                kernel.at(kernel.now, self.step)
            else:
                wanted.watchers.append(self._resume)

    def _resume(self) -> None:
        self.process.kernel.at(self.process.kernel.now, self.step)

    def cancel(self) -> None:
        """Ends it where it waits; whoever awaits it gets None."""
        if self.done.done or self.running:
            return
        self.running = True
        self.coroutine.close()
        self._end(None, None)

    def _end(self, result: Any, error: BaseException | None) -> None:
        self.running = False
        self.process.tasks.discard(self)
        self.done.set(result, error)


class Kernel:
    """Virtual seconds since the start, and what happens next. `crash_chance` is per step of a process."""

    def __init__(self, seed: int, *, trace: bool = False) -> None:
        self.rng = Random(seed)
        self.random = self.rng.random
        self.now = 0.0
        self.crash_chance = 0.0
        self.steps = 0
        self._heap: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._order = 0
        self.processes: list[Process] = []
        self.trace: list[tuple[float, str, str]] | None = [] if trace else None
        self.faults: list[tuple[str, BaseException]] = []

    def at(self, when: float, call: Callable[..., None], *arguments: Any) -> None:
        self._order += 1
        heapq.heappush(self._heap, (when, self._order, call, arguments))

    def later(self, seconds: float, call: Callable[..., None], *arguments: Any) -> None:
        self.at(self.now + seconds, call, *arguments)

    def stand_still(self, seconds: float) -> None:
        """The whole platform stops and goes on: every clock has moved, nothing else has."""
        self.log("platform", "stood still for {:.0f} s", seconds)
        self.now += seconds

    def run(self, until: float, finished: Callable[[], bool] = lambda: False) -> None:
        """Up to `until`, or earlier when `finished` says so."""
        heap = self._heap
        while heap and not finished():
            when, _, call, arguments = heap[0]
            if when > until:
                break
            heapq.heappop(heap)
            if when > self.now:  # noqa: PLR1730 - the innermost loop
                self.now = when
            self.steps += 1
            call(*arguments)
        if not finished():
            self.now = max(self.now, until)

    def log(self, actor: str, event: str, *details: Any) -> None:
        """A line of the history; costs nothing unless it is wanted. `event` is a format string."""
        if self.trace is not None:
            self.trace.append((self.now, actor, event.format(*details) if details else event))

    def unexpected(self, where: str, error: BaseException) -> None:
        self.faults.append((where, error))
        self.log(where, "FAILED: {!r}", error)


class Bell:
    """Wakes whoever waits; a ring that nobody hears is heard by the next to wait."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel, self._rung = kernel, False
        self._waiting: deque[Future] = deque()

    def ring(self) -> None:
        self._rung = True
        while self._waiting:
            self._waiting.popleft().set()

    async def wait(self, seconds: float | None) -> None:
        """At most `seconds`."""
        if not self._rung:
            future = Future()
            self._waiting.append(future)
            if seconds is not None:
                self._kernel.later(seconds, future.set)
            await future
        self._rung = False
