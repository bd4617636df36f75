"""The one place that knows what a provider's failures mean: time-outs, rate limits, and what is worth another call.

CrewAI and its providers have retries of their own. These are off: each call must pass the meter, and a run its budget.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 20.0
# After the pause there must be time for an answer.
_SHORTEST_CALL_SECONDS = 1.0

_TOO_MANY = 429
_PASSING = frozenset({408, 425, _TOO_MANY, 500, 502, 503, 504, 529})
# The account, not the moment, is at its limit.
_LASTING_CODES = frozenset({"insufficientquota", "servicequotaexceededexception", "billinghardlimitreached"})
_PASSING_CODES = frozenset({"throttlingexception", "toomanyrequestsexception", "resourceexhausted"})
_LINK_LOST = ("ConnectionError", "ConnectError", "RemoteProtocolError", "ReadError", "ConnectionClosedError")


class CallFailed(RuntimeError):
    """A call that is not tried again. Carries neither cause nor words of the provider.

    CrewAI looks for rate limits in causes and words, and would repeat the call behind the policy's back.
    """


@dataclass(frozen=True)
class Fault:
    """How a call failed: in one phrase for the record, and whether the same call may succeed later."""

    phrase: str
    passing: bool
    retry_after: float | None = None


def read_fault(error: BaseException) -> Fault:
    """What an exception of any provider's client says, by the shapes these clients share."""
    chain = list(_causes(error))
    names = [type(each).__name__ for each in chain]
    status = next((found for each in chain if (found := _status(each)) is not None), None)
    codes = {_code(each) for each in chain}
    if status is not None:
        passing = (status in _PASSING or bool(codes & _PASSING_CODES)) and not codes & _LASTING_CODES
        return Fault(f"HTTP {status}", passing, _retry_after(chain))
    if codes & _PASSING_CODES:
        return Fault(f"HTTP {_TOO_MANY}", passing=True, retry_after=_retry_after(chain))
    if any("Timeout" in name for name in names):
        # A second call would take as long, and both may be billed.
        return Fault("no answer in time", passing=False)
    lost = any(isinstance(each, ConnectionError) for each in chain) or any(
        name.endswith(_LINK_LOST) for name in names
    )
    return Fault(names[0], passing=lost)


def pause_before_retry(fault: Fault, tried: int, retries: int, seconds_left: float) -> float | None:
    """Seconds to wait before the call is made again; None when it is not.

    `tried`: calls made so far. The provider's own Retry-After counts, also when it is more than there is time for.
    """
    if not fault.passing or tried > retries:
        return None
    pause = min(_FIRST_PAUSE_SECONDS * 2 ** (tried - 1), _LONGEST_PAUSE_SECONDS)
    if fault.retry_after is not None:
        pause = fault.retry_after
    return pause if pause + _SHORTEST_CALL_SECONDS <= seconds_left else None


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        yield each
        each = each.__cause__ or each.__context__


def _status(error: BaseException) -> int | None:
    """OpenAI, Anthropic, Azure: `status_code`; Google: `code`; botocore: in the metadata of `response`."""
    response: Any = getattr(error, "response", None)
    candidates = (
        getattr(error, "status_code", None),
        getattr(response, "status_code", None),
        _metadata(response).get("HTTPStatusCode"),
        getattr(error, "code", None),
    )
    return next((int(each) for each in candidates if isinstance(each, int) and 400 <= each < 600), None)


def _code(error: BaseException) -> str:
    response: Any = getattr(error, "response", None)
    code: Any = getattr(error, "code", None)
    if isinstance(response, dict):
        code = (response.get("Error") or {}).get("Code") or code
    return str(code or type(error).__name__).replace("_", "").lower()


def _metadata(response: Any) -> dict[str, Any]:
    return dict(response.get("ResponseMetadata") or {}) if isinstance(response, dict) else {}


def _retry_after(chain: list[BaseException]) -> float | None:
    """In seconds. A date is as good as none: the back-off of the policy holds then."""
    for error in chain:
        response: Any = getattr(error, "response", None)
        headers: Any = _metadata(response).get("HTTPHeaders") or getattr(response, "headers", None) or {}
        try:
            return max(0.0, float(headers.get("retry-after")))
        except (AttributeError, TypeError, ValueError):
            continue
    return None
