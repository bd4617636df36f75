"""What the failures of providers' clients mean, whatever shape they come in."""

from typing import Any

import pytest

from caravan_common.crews.calling import Fault, pause_before_retry, read_fault


class Response:
    def __init__(self, status: int, **headers: str) -> None:
        self.status_code = status
        self.headers = headers


def raised(name: str, cause: Exception | None = None, **fields: Any) -> Exception:
    """An exception of a client that is not installed here."""
    error: Exception = type(name, (Exception,), fields)("rate limit: words say nothing")
    error.__cause__ = cause
    return error


def botocore(code: str, status: int, **headers: str) -> Exception:
    metadata = {"HTTPStatusCode": status, "HTTPHeaders": headers}
    return raised("ClientError", response={"Error": {"Code": code}, "ResponseMetadata": metadata})


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (raised("RateLimitError", status_code=429), Fault("HTTP 429", passing=True)),
        (
            raised("RateLimitError", status_code=429, response=Response(429, **{"retry-after": "7"})),
            Fault("HTTP 429", passing=True, retry_after=7.0),
        ),
        (
            raised(
                "RateLimitError", status_code=429, response=Response(429, **{"retry-after": "Fri, 01 Jan"})
            ),
            Fault("HTTP 429", passing=True),
        ),
        (
            raised("RateLimitError", status_code=429, code="insufficient_quota"),
            Fault("HTTP 429", passing=False),
        ),
        (raised("ClientError", code=503), Fault("HTTP 503", passing=True)),
        (botocore("ThrottlingException", 400), Fault("HTTP 400", passing=True)),
        (raised("ResourceExhausted"), Fault("HTTP 429", passing=True)),
        (raised("AuthenticationError", status_code=401), Fault("HTTP 401", passing=False)),
        (raised("OverloadedError", status_code=529), Fault("HTTP 529", passing=True)),
        (ConnectionError("gone"), Fault("ConnectionError", passing=True)),
        (raised("Wrapped", cause=raised("RemoteProtocolError")), Fault("Wrapped", passing=True)),
        (raised("Wrapped", cause=raised("APITimeoutError")), Fault("no answer in time", passing=False)),
        (ValueError("the model is unknown"), Fault("ValueError", passing=False)),
    ],
    ids=lambda each: each.phrase if isinstance(each, Fault) else type(each).__name__,
)
def test_a_failure_is_read_by_what_it_carries_and_not_by_its_words(error: Exception, fault: Fault) -> None:
    assert read_fault(error) == fault


def test_pauses_double_and_end_with_the_retries() -> None:
    fault = Fault("HTTP 503", passing=True)
    pauses = [pause_before_retry(fault, tried, 6, 1000) for tried in range(1, 8)]
    assert pauses == [1, 2, 4, 8, 16, 20, None]


def test_the_providers_own_word_on_when_counts_before_the_policys() -> None:
    assert pause_before_retry(Fault("HTTP 429", passing=True, retry_after=0.5), 1, 2, 60) == 0.5
    assert pause_before_retry(Fault("HTTP 429", passing=True, retry_after=59.5), 1, 2, 60) is None


def test_what_does_not_pass_is_not_called_again() -> None:
    assert pause_before_retry(Fault("HTTP 401", passing=False, retry_after=0), 1, 5, 60) is None
