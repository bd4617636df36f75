"""The life of a child: takes one job after another from its socket, carries it out, answers. Single-threaded."""

import json
import pickle
import select
import socket
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from caravan_common.artifacts import ArtifactStore
from caravan_common.contracts import Usage
from caravan_common.settings import Settings
from caravan_common.telemetry import setup_telemetry
from caravan_common.worker._frames import (
    BOOK,
    BOOKED,
    HEADER,
    JOB,
    PROGRESS,
    SETUP,
    USAGE,
    YES,
    Job,
    Result,
    frame,
    pack,
    pack_result,
    unpack_job,
)
from caravan_common.worker.child.execution import execute
from caravan_common.worker.service import ChildSetup

_PROGRESS_EVERY_SECONDS = 0.1
_SPENT_ABOVE_BYTES = 768 << 20
# The worker answers sooner: a heartbeat that is not confirmed ends the run.
_BOOKING_SECONDS = 60.0


class Link:
    """The child's end of the socket. Safe to report through from any thread of a phase."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._reported = 0.0

    def progress(self, fraction: float | None, note: str = "") -> None:
        """Passed on at most every 0.1 s; what comes between is dropped."""
        now = time.monotonic()
        if now - self._reported < _PROGRESS_EVERY_SECONDS:
            return
        self._reported = now
        bounded = None if fraction is None else min(max(float(fraction), 0.0), 1.0)
        self.send(frame(PROGRESS, pack([bounded, str(note)[:500]])))

    def usage(self, used: Sequence[Usage]) -> None:
        """Cumulative for the run, per model."""
        self.send(frame(USAGE, _as_json(used)))

    def book(self, used: Sequence[Usage]) -> bool:
        """Returns when the orchestrator is sure to hear of it, or won't. One thread of a phase at a time."""
        self.send(frame(BOOK, _as_json(used)))
        if not select.select([self._connection], [], [], _BOOKING_SECONDS)[0]:
            return False
        return self.receive(BOOKED) == YES

    def answer(self, result: Result) -> None:
        self._reported = 0.0
        self.send(pack_result(result))

    def send(self, data: bytes) -> None:
        with self._lock:
            self._connection.sendall(data)

    def receive(self, wanted: bytes) -> bytes | None:
        """The payload of the next frame of that kind; None when the worker is gone.

        The answer to a booking may come when whoever asked was given up.
        """
        while (header := self._exactly(HEADER.size)) is not None:
            kind, length = HEADER.unpack(header)
            payload = self._exactly(length)
            if kind == wanted or payload is None:
                return payload
        return None

    def _exactly(self, size: int) -> bytes | None:
        parts = bytearray()
        while len(parts) < size:
            part = self._connection.recv(min(size - len(parts), 1 << 20))
            if not part:
                return None
            parts += part
        return bytes(parts)


def _as_json(used: Sequence[Usage]) -> bytes:
    return json.dumps([each.model_dump(mode="json") for each in used]).encode()


def serve(connection: socket.socket, number: int) -> None:
    """Until the worker closes its end. `number` is the child's among its worker's."""
    link = Link(connection)
    first = link.receive(SETUP)
    if first is None:
        return
    setup: ChildSetup = pickle.loads(first)  # noqa: S301  (from the process we were forked for)
    setup_telemetry(setup.worker, Settings.load())
    store = ArtifactStore.open(setup.store_url)
    scratch = setup.scratch_of(number)
    scratch.mkdir(parents=True)
    while (payload := link.receive(JOB)) is not None:
        job: Job = unpack_job(payload)
        result = execute(job, setup, store, scratch, link)
        swollen = _resident_bytes() > _SPENT_ABOVE_BYTES
        link.answer(result._replace(spent=True) if swollen else result)


def _resident_bytes() -> int:
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * 4096
