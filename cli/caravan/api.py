"""A client of the gateway: over HTTP, or into an application in this very process. One way for all commands."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import httpx

from caravan.failures import BadInput, CommandFailed, PlatformFault, PlatformUnavailable

if TYPE_CHECKING:
    from caravan.embedded import EmbeddedPlatform

DEFAULT_URL = "http://127.0.0.1:8080"
_PAGE = 500
# Uploads and rollback plans take their time; everything else answers in milliseconds.
_TIMEOUT = httpx.Timeout(600, connect=5)
_SILENCE = 60.0


class ConnectionBroke(PlatformUnavailable):
    """In the middle of an answer."""


class ApiRefused(BadInput):
    """The gateway's own words; `code` is stable (docs/errors.md)."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status, self.code = status, str(problem.get("code") or "")
        super().__init__(
            str(problem.get("detail") or problem.get("title") or f"The gateway answered {status}.")
        )


class Api:
    """An async context manager. Every method raises ApiRefused or PlatformUnavailable."""

    def __init__(self, http: httpx.AsyncClient, where: str) -> None:
        self._http, self._where = http, where

    @classmethod
    def at(cls, url: str, token: str) -> "Api":
        http = httpx.AsyncClient(
            base_url=url.rstrip("/"),
            headers={"Authorization": f"Bearer {token}"},
            timeout=_TIMEOUT,
            # A proxy knows nothing of this machine's own addresses.
            trust_env=urlsplit(url).hostname not in ("127.0.0.1", "localhost", "::1"),
        )
        return cls(http, url)

    @classmethod
    def inside(cls, platform: "EmbeddedPlatform") -> "Api":
        http = httpx.AsyncClient(
            base_url="http://caravan",
            transport=httpx.ASGITransport(platform.app),
            headers={"Authorization": f"Bearer {platform.token()}"},
            timeout=_TIMEOUT,
        )
        return cls(http, "the embedded platform")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def get(self, path: str, **query: Any) -> Any:
        return await self._ask("GET", path, params=_given(query))

    async def page(self, path: str, **query: Any) -> bytes:
        """What is no JSON."""
        return (await self._answer("GET", path, params=_given(query))).content

    async def post(self, path: str, body: Any = None, **query: Any) -> Any:
        return await self._ask("POST", path, json=body, params=_given(query))

    async def patch(self, path: str, body: Any) -> Any:
        return await self._ask("PATCH", path, json=body)

    async def put(self, path: str, body: Any) -> Any:
        return await self._ask("PUT", path, json=body)

    async def delete(self, path: str) -> None:
        await self._ask("DELETE", path)

    async def upload(self, path: Path, name: str) -> dict[str, Any]:
        """Streamed from the file; answers {upload_id, name, sha256, bytes}."""
        with path.open("rb") as file:
            # The name is percent-encoded by the client where it must be; it is text, never a path.
            answer: dict[str, Any] = await self._ask("POST", "/uploads", files={"file": (name, file)})
        return answer

    async def pages(
        self, path: str, *, most: int | None = None, **query: Any
    ) -> AsyncIterator[dict[str, Any]]:
        """All items of a list, page after page; with `most` the first so many."""
        cursor: str | None = None
        left = most
        while left is None or left > 0:
            limit = _PAGE if left is None else min(_PAGE, left)
            page = await self.get(path, limit=limit, cursor=cursor, **query)
            for item in page["items"]:
                yield item
            cursor = page.get("next_cursor")
            if cursor is None:
                return
            left = None if left is None else left - len(page["items"])

    async def lines(self, path: str, *, last_event: str | None, **query: Any) -> AsyncIterator[str]:
        """Of a stream of events, until it ends. It speaks at least twice a minute, or is taken for dead."""
        headers = {} if last_event is None else {"Last-Event-ID": last_event}
        timeout = httpx.Timeout(_SILENCE, connect=_TIMEOUT.connect)
        try:
            async with self._http.stream(
                "GET", f"/api/v1{path}", params=_given(query), headers=headers, timeout=timeout
            ) as response:
                if not response.is_success:
                    await response.aread()
                    raise failure_of(response)
                async for line in response.aiter_lines():
                    yield line
        except httpx.HTTPError as error:
            raise self._failed(error) from error

    async def ready(self) -> dict[str, Any]:
        """What the platform says of its own health, ready or not."""
        try:
            answer: dict[str, Any] = (await self._http.get("/health/ready")).json()
        except (httpx.HTTPError, ValueError) as error:
            raise self._away(error) from error
        return answer

    async def _ask(self, method: str, path: str, **options: Any) -> Any:
        response = await self._answer(method, path, **options)
        return response.json() if response.content else None

    async def _answer(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            response = await self._http.request(method, f"/api/v1{path}", **options)
        except httpx.HTTPError as error:
            raise self._failed(error) from error
        if response.is_success:
            return response
        raise failure_of(response)

    def _failed(self, error: httpx.HTTPError) -> CommandFailed:
        """What was never reached is told from what was reached and then took too long, or broke off."""
        if isinstance(error, httpx.TimeoutException) and not isinstance(error, httpx.ConnectTimeout):
            return PlatformFault(
                f"Caravan at {self._where} is up, but took longer than it may to answer; what was asked for may still"
                " be done: look with `caravan flow list` before asking again."
            )
        if isinstance(
            error, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError | httpx.CloseError
        ):
            return ConnectionBroke(
                f"The connection to Caravan at {self._where} broke off ({str(error) or type(error).__name__}); look"
                " with `caravan status` whether it is up, and whether what was asked for is done."
            )
        return self._away(error)

    def _away(self, error: Exception) -> PlatformUnavailable:
        reason = str(error) or type(error).__name__
        return PlatformUnavailable(
            f"No Caravan answers at {self._where} ({reason}); start one with `caravan up`, or set CARAVAN_URL."
        )


def failure_of(response: httpx.Response) -> CommandFailed:
    """What a refusal means for the command: the gateway's words, and the exit code for scripts."""
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    if not isinstance(problem, dict):
        problem = {}
    if response.status_code == httpx.codes.UNAUTHORIZED:
        return ApiRefused(
            response.status_code,
            {
                **problem,
                "detail": f"{problem.get('detail', 'The token is not accepted.')} Set CARAVAN_TOKEN, or name the"
                " platform's data folder with --data-dir.",
            },
        )
    if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        detail = str(problem.get("detail") or f"The gateway answered {response.status_code}.")
        return PlatformUnavailable(detail) if response.status_code != 500 else PlatformFault(detail)
    return ApiRefused(response.status_code, problem)


def _given(query: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value is not None}
