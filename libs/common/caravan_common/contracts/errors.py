"""How a failure is described to a retry policy (kind), a script (code) and a person (message, at)."""

from enum import StrEnum

from caravan_common.contracts._base import Model


class ErrorKind(StrEnum):
    RETRIABLE = "retriable"
    PERMANENT = "permanent"
    CANCELLED = "cancelled"
    BUDGET = "budget"


class Location(Model):
    """Where in the input the fault lies, in the words of the person who made the file. Rows count from 1."""

    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None


class ErrorInfo(Model):
    """`code` is stable and listed in docs/errors.md; `message` is one sentence with what to do."""

    kind: ErrorKind
    code: str
    message: str
    at: Location | None = None


class PhaseError(Exception):
    """Raised by a phase to fail in words a person understands. Anything else it raises is retriable."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        kind: ErrorKind = ErrorKind.PERMANENT,
        at: Location | None = None,
    ) -> None:
        super().__init__(message)
        self.info = ErrorInfo(kind=kind, code=code, message=message, at=at)

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions cross from the child process by pickle, which calls the class with `args` alone.
        return _rebuild_phase_error, (self.info,)


def _rebuild_phase_error(info: ErrorInfo) -> PhaseError:
    return PhaseError(info.code, info.message, kind=info.kind, at=info.at)
