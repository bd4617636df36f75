"""What every request passes before its route: a span, a limit on its size, and for /api a valid token
and a limit on how many come."""

import math
from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from caravan_common.telemetry import attached, tracer
from caravan_orchestrator.api.auth import TokenVerifier
from caravan_orchestrator.api.problems import Problem
from caravan_orchestrator.api.rate import Rate
from caravan_orchestrator.api.services import GatewayServices, GatewaySettings
from caravan_orchestrator.api.standing import Standing
from caravan_orchestrator.usecases.service_accounts import PREFIX

_tracer = tracer("caravan.gateway")
# Between the boundary lines of a multipart body and its one file.
_MULTIPART_EXTRA = 64 << 10


class Traced:
    """One span per request, child of the caller's when it sends a traceparent."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with (
            attached(Headers(scope=scope).get("traceparent")),
            _tracer.start_as_current_span(f"{scope['method']} gateway") as span,
        ):
            await self._app(scope, receive, send)
            if (route := scope.get("route")) is not None:
                span.update_name(f"{scope['method']} {route.path}")


class Stopping:
    """While the gateway stops, no connection is kept: its next request would find nobody."""

    def __init__(self, app: ASGIApp, services: GatewayServices) -> None:
        self._app, self._stopping = app, services.stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def closing(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (b"connection", b"close")]
            await send(message)

        await self._app(scope, receive, closing if self._stopping.is_set() else send)


class Limited:
    """Refuses bodies over the limit, by their announced length or as soon as they have grown past it."""

    def __init__(self, app: ASGIApp, services: GatewayServices) -> None:
        self._app, self._settings = app, services.settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._settings.body_bytes
        if scope["path"].endswith("/uploads"):
            limit = self._settings.upload_bytes + _MULTIPART_EXTRA
        elif "/reference-tables/" in scope["path"]:
            limit = self._settings.reference_bytes
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdigit() and int(announced) > limit:
            await _too_large(limit).response()(scope, receive, send)
            return
        await self._app(scope, _counting(receive, limit), send)


def _counting(receive: Receive, limit: int) -> Callable[[], Awaitable[Message]]:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            # FastAPI turns anything else raised while it reads a body into a bare 400.
            raise HTTPException(413, _too_large(limit).detail)
        return message

    return counted


def _too_large(limit: int) -> Problem:
    return Problem("too_large", f"The body is larger than the {limit:,} bytes allowed here.", status=413)


class Authenticated:
    """Puts the token's principal into request.state, and keeps each to their rate, before anything of the body is
    read."""

    def __init__(
        self, app: ASGIApp, verifier: TokenVerifier, standing: Standing, settings: GatewaySettings
    ) -> None:
        self._app, self._verifier, self._standing = app, verifier, standing
        self._rate = Rate(settings.rate, settings.burst)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        try:
            request = Request(scope)
            token = _bearer_token(request)
            known = self._standing.of_key if token.startswith(PREFIX) else self._verifier.verify
            principal = await known(token)
            if seconds := self._rate.take((principal.client_account_id, principal.subject)):
                raise _too_many(seconds)
            request.state.principal = principal
        except Problem as problem:
            await problem.response()(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _too_many(seconds: float) -> Problem:
    detail = "You send more requests than one subject may; wait as long as Retry-After says."
    headers = {"Retry-After": str(math.ceil(seconds))}
    return Problem("too_many_requests", detail, status=429, headers=headers)


def _bearer_token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Problem(
            "unauthenticated",
            "Send a bearer token; `caravan token` makes one for the embedded platform.",
            status=401,
            headers={"WWW-Authenticate": "Bearer"},
        )
    return token.strip()
