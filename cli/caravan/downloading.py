"""One small file from the web, within limits. What comes back is untrusted bytes."""

import time

import httpx

from caravan.failures import BadInput

MOST_SECONDS, _MOST_REDIRECTS = 60.0, 3


def download(
    url: str, most_bytes: int, *, plain_http: bool = False, most_seconds: float = MOST_SECONDS
) -> bytes:
    """The body of `url`, by https alone unless `plain_http`, redirects included. Raises BadInput."""
    allowed = ("https", "http") if plain_http else ("https",)

    def refuse_others(request: httpx.Request) -> None:
        if request.url.scheme not in allowed:
            raise BadInput(f"{request.url} is not https; give --plain-http if that is meant.")

    deadline = time.monotonic() + most_seconds
    try:
        with (
            httpx.Client(
                follow_redirects=True,
                max_redirects=_MOST_REDIRECTS,
                timeout=httpx.Timeout(10.0),
                event_hooks={"request": [refuse_others]},
                headers={"Accept": "application/json"},
            ) as client,
            client.stream("GET", url) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise BadInput(
                    f"{url} answered {answer.status_code} {answer.reason_phrase}; nothing was changed."
                )
            return _read(answer, url, most_bytes, deadline)
    except httpx.InvalidURL as error:
        raise BadInput(f"{url} is no address ({error}).") from None
    except httpx.HTTPError as error:
        raise BadInput(
            f"{url} could not be fetched ({str(error) or type(error).__name__}); nothing was changed."
        ) from None


def _read(answer: httpx.Response, url: str, most_bytes: int, deadline: float) -> bytes:
    """Counts what was unpacked: a small answer may claim to be large, and a packed one be larger than it claims."""
    pieces, held = [], 0
    for piece in answer.iter_bytes(65536):
        held += len(piece)
        if held > most_bytes:
            raise BadInput(f"{url} has more than {most_bytes >> 20} MiB; nothing was changed.")
        if time.monotonic() > deadline:
            raise BadInput(f"{url} did not arrive in time; nothing was changed.")
        pieces.append(piece)
    return b"".join(pieces)
