"""The worker's end of the control socket of the process that children are forked from."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

import structlog

from caravan_common.worker._zygote import EXITED, ORDER, READY
from caravan_common.worker.service import ChildSetup

log = structlog.get_logger(__name__)

# On a busy machine it imports for minutes; one that has done nothing for so long hangs.
_START_SECONDS = 120.0
_END_SECONDS = 5.0
# Our import path as an argument: PYTHONPATH would reach every program a unit starts, of whatever Python.
_PROGRAM = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from caravan_common.worker._zygote import main
main(int(sys.argv[2]), sys.argv[3], sys.argv[4:])
"""


class ZygoteFailed(Exception):
    """The process that children are forked from could not start."""


class ZygoteLink(asyncio.Protocol):
    """Orders out, deaths in. `pids` of the living, by number; `lost` is called when the process has ended."""

    def __init__(
        self, control: socket.socket, exited: Callable[[int, int], None], lost: Callable[[], None]
    ) -> None:
        self._control = control
        self._exited = exited
        self._lost = lost
        self._buffer = b""
        self.pids: dict[int, int] = {}
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._process: asyncio.subprocess.Process | None = None

    @classmethod
    async def open(
        cls, setup: ChildSetup, exited: Callable[[int, int], None], lost: Callable[[], None]
    ) -> "ZygoteLink":
        ours, theirs = socket.socketpair()
        link = cls(ours, exited, lost)
        with theirs, _stderr_of(setup) as stderr:
            link._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                _PROGRAM,
                json.dumps(sys.path),
                str(theirs.fileno()),
                str(setup.scratch),
                *setup.preload,
                stdin=asyncio.subprocess.DEVNULL,
                stderr=stderr,
                pass_fds=(theirs.fileno(),),
            )
        # A copy, because the event loop closes what it reads from, and orders carry files, which transports can't.
        reading = ours.dup()
        reading.setblocking(False)
        await asyncio.get_running_loop().create_unix_connection(lambda: link, sock=reading)
        try:
            await link._until_ready()
        except BaseException:
            await link.close()
            raise
        return link

    async def _until_ready(self) -> None:
        """Raises ZygoteFailed when it has ended, TimeoutError when it does nothing."""
        done = None
        try:
            while not (await asyncio.wait({self._ready}, timeout=_START_SECONDS))[0]:
                before, done = done, self._done_so_far()
                if done == before:
                    raise TimeoutError(f"importing came to a halt: nothing was done in {_START_SECONDS:g} s")
                log.warning("worker.children_slow_to_start")
            self._ready.result()
        finally:
            # So that its end is taken for a loss, and it is begun anew.
            self._ready.cancel()

    def _done_so_far(self) -> str | None:
        """Its ticks of processor time, as Linux counts them; None where nothing is known of it."""
        assert self._process is not None
        try:
            status = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii", errors="replace")
        except OSError:
            return None
        return " ".join(status.rpartition(")")[2].split()[11:13])

    def order(self, what: bytes, number: int, file: socket.socket | None = None) -> None:
        """Orders are few and 9 bytes long: they always fit the socket's buffer."""
        message = ORDER.pack(what, number, 0)
        with contextlib.suppress(OSError):
            if file is None:
                self._control.send(message)
            else:
                socket.send_fds(self._control, [message], [file.fileno()])

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= ORDER.size:
            what, number, value = ORDER.unpack_from(self._buffer)
            self._buffer = self._buffer[ORDER.size :]
            if what == READY:
                self._ready.set_result(None)
            elif what == EXITED:
                self.pids.pop(number, None)
                self._exited(number, value - (1 << 32) if value >= 1 << 31 else value)
            else:
                self.pids[number] = value

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._control.close()
        if not self._ready.done():
            self._ready.set_exception(ZygoteFailed("the service could not be imported; see its traceback"))
            return
        for pid in self.pids.values():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        self._lost()

    async def close(self) -> None:
        """Ends it and all children; returns when they are gone."""
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        self._control.close()
        if self._process is None:
            return
        try:
            await asyncio.wait_for(self._process.wait(), _END_SECONDS)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


def _stderr_of(setup: ChildSetup) -> contextlib.AbstractContextManager[IO[bytes] | None]:
    return contextlib.nullcontext() if setup.log is None else setup.log.open("ab")
