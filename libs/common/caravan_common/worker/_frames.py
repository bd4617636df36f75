"""What worker and child say to each other over their socket: a kind, a length, a payload.

To the child: SETUP (pickle, once), JOB, BOOKED. From the child: PROGRESS, USAGE, BOOK, RESULT. What comes from a child
is JSON and bytes only: it has read files of strangers and is not trusted with pickle.

BOOK is usage that must be known to the orchestrator before the child goes on; BOOKED says whether it is.
"""

import json
import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

HEADER = struct.Struct("!cI")
SETUP, JOB, PROGRESS, USAGE, RESULT = b"S", b"J", b"P", b"U", b"R"
BOOK, BOOKED = b"B", b"K"
YES, NO = b"y", b"n"


class Job(NamedTuple):
    """One command to carry out: its AMQP type and body, the run's id, and the trace to go on with."""

    type: str
    body: bytes
    run_id: str
    traceparent: str | None


class Result(NamedTuple):
    """The reply's type and body, ready to publish, and its error's code. With `spent` the child is not used again."""

    type: str
    body: bytes
    message_id: str
    code: str | None = None
    spent: bool = False


def frame(kind: bytes, payload: bytes) -> bytes:
    return HEADER.pack(kind, len(payload)) + payload


def pack(head: Any, body: bytes = b"") -> bytes:
    """A JSON head on one line, then raw bytes."""
    return json.dumps(head, separators=(",", ":")).encode() + b"\n" + body


def unpack(payload: bytes) -> tuple[Any, bytes]:
    head, _, body = payload.partition(b"\n")
    return json.loads(head), body


def pack_job(job: Job) -> bytes:
    return frame(JOB, pack([job.type, job.run_id, job.traceparent], job.body))


def unpack_job(payload: bytes) -> Job:
    (kind, run_id, traceparent), body = unpack(payload)
    return Job(kind, body, run_id, traceparent)


def pack_result(result: Result) -> bytes:
    return frame(RESULT, pack([result.type, result.message_id, result.code, result.spent], result.body))


def unpack_result(payload: bytes) -> Result:
    (kind, message_id, code, spent), body = unpack(payload)
    return Result(kind, body, message_id, code, spent)


class FrameReader:
    """Cuts a stream of bytes into frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        self._buffer += data
        while len(self._buffer) >= HEADER.size:
            kind, length = HEADER.unpack_from(self._buffer)
            end = HEADER.size + length
            if len(self._buffer) < end:
                return
            payload = bytes(self._buffer[HEADER.size : end])
            del self._buffer[:end]
            yield kind, payload
