"""One run of a command inside a child: what its executor is given, and how its failures read."""

import contextlib
import errno
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar
from uuid import UUID

from caravan_common.artifacts import (
    ArtifactDoesNotExist,
    ArtifactRefused,
    ArtifactStore,
    ArtifactStoreUnavailable,
    run_key,
)
from caravan_common.contracts import Command, ErrorInfo, ErrorKind, PhaseError, Reply, Usage
from caravan_common.worker.service import Service

_RETRY_SECONDS = (0.1, 0.3, 1.0, 3.0, 6.0)
Returned = TypeVar("Returned")


class Reporting(Protocol):
    """Where a run reports to while it goes on."""

    def progress(self, fraction: float | None, note: str = "") -> None: ...

    def usage(self, used: Sequence[Usage]) -> None: ...

    def book(self, used: Sequence[Usage]) -> bool: ...


class Abandoned(Exception):
    """This run ends without a result by its own decision. The flags are those of AttemptAbandoned."""

    def __init__(self, reason: str, **flags: bool) -> None:
        super().__init__(reason)
        self.flags = flags


@dataclass
class ChildRun:
    """What an executor is given besides its command. `spent` is the latest cumulative usage.

    With `taints_child` the process is replaced afterwards: something in it could not be stopped.
    """

    service: Service
    store: ArtifactStore
    command: Command
    scratch: Path
    run_id: UUID
    worker: str
    link: Reporting
    spent: tuple[Usage, ...] = ()
    taints_child: bool = False

    def key(self, name: str) -> str:
        """Where it stores what it calls `name`. Raises ArtifactRefused."""
        return run_key(self.command.artifact_prefix, self.command.epoch, self.run_id, name)

    def report_usage(self, used: Sequence[Usage]) -> None:
        self.spent = tuple(used)
        self.link.usage(self.spent)

    def book_usage(self, used: Sequence[Usage]) -> bool:
        """Whether the orchestrator is sure to hear of it, even if this process ends now."""
        self.spent = tuple(used)
        return self.link.book(self.spent)

    def reply(self, kind: type[Reply], **fields: Any) -> Reply:
        """A reply of this run to its command."""
        return kind(
            attempt_id=self.command.attempt_id,
            epoch=self.command.epoch,
            run_id=self.run_id,
            flow_id=self.command.flow_id,
            worker=self.worker,
            usage=self.spent,
            **fields,
        )


def error_info(error: BaseException) -> ErrorInfo:
    """How an exception of a phase reads to the retry policy and to a person."""
    if isinstance(error, PhaseError):
        return error.info
    if isinstance(error, ArtifactRefused):
        return ErrorInfo(kind=ErrorKind.PERMANENT, code="artifact_refused", message=_one_line(error))
    if isinstance(error, ArtifactDoesNotExist):
        message = (
            f"The artifact {_one_line(error)} is not in the store; deliver the file again, or run the phase that made"
            " it again. If others can read it, this worker has another store than they have."
        )
        return ErrorInfo(kind=ErrorKind.PERMANENT, code="artifact_missing", message=message)
    return ErrorInfo(kind=ErrorKind.RETRIABLE, code=_transient_code(error), message=_one_line(error))


def _transient_code(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "out_of_memory"
    if isinstance(error, ArtifactStoreUnavailable):
        return "store_unavailable"
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "disk_full"
    return "unexpected"


def _one_line(error: BaseException) -> str:
    """The text may quote a file's contents: one line, shortened; the whole is in the log only."""
    text = " ".join(str(error).split())[:300]
    if isinstance(error, (ArtifactDoesNotExist, ArtifactRefused)):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def retrying(action: Callable[[], Returned]) -> Returned:
    """Tries again in place while the store is away, for about ten seconds; then its error goes on."""
    for pause in _RETRY_SECONDS:
        with contextlib.suppress(ArtifactStoreUnavailable):
            return action()
        time.sleep(pause)
    return action()
