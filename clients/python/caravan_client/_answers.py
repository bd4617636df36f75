"""What a call answers: its value, or the gateway's problem as an exception."""

from typing import Any, TypeVar

from caravan_client.generated.models import ProblemView
from caravan_client.generated.types import Response

Answer = TypeVar("Answer")


class ProblemError(Exception):
    """The gateway refused. Scripts go by `code`, which is stable; `str()` is a sentence for people."""

    def __init__(self, problem: ProblemView, retry_after: float | None = None) -> None:
        super().__init__(problem.detail)
        self.problem, self.retry_after = problem, retry_after

    @property
    def code(self) -> str:
        return self.problem.code

    @property
    def status(self) -> int:
        return self.problem.status


def expect(response: Response[Answer | ProblemView]) -> Answer:
    """The value of a call's `sync_detailed` or `asyncio_detailed`; None where the answer has no content.

    Raises ProblemError.
    """
    parsed: Any = response.parsed
    if isinstance(parsed, ProblemView):
        raise ProblemError(parsed, _seconds(response.headers.get("retry-after")))
    if int(response.status_code) >= 400:
        raise ProblemError(_unknown(int(response.status_code), response.content))
    return parsed  # type: ignore[no-any-return]


def _seconds(header: str | None) -> float | None:
    return float(header) if header is not None and header.isdigit() else None


def _unknown(status: int, content: bytes) -> ProblemView:
    """What a proxy on the way says in words of its own."""
    detail = content[:300].decode(errors="replace") or f"The answer was {status} without a word."
    return ProblemView("about:blank", "", status, detail, "unknown", None, "")
