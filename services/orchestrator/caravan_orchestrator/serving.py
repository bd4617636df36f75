"""The gateway beside an orchestrator in one process: what it is given, and an HTTP server that leaves signals alone."""

import asyncio
import contextlib
import errno
import math
import socket
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import uvicorn
from sqlalchemy import text
from starlette.types import ASGIApp

from caravan_common.bus import REPLIES, BusError, command_queue
from caravan_common.settings import Settings
from caravan_orchestrator.api.auth import TokenVerifier
from caravan_orchestrator.api.services import GatewayServices, GatewaySettings
from caravan_orchestrator.bootstrap import Orchestrator
from caravan_orchestrator.usecases.dead_letters import replay_dead_letters

_ASK_SECONDS = 3.0
_LAST_REQUESTS_SECONDS = 5
# Longer than load balancers keep theirs (60 s as a rule): whoever closes first must not be the one who is asked.
_KEEP_CONNECTIONS_SECONDS = 75


class PortIsTaken(Exception):
    """Something else listens there, or we may not."""


def flow_defaults(settings: Settings) -> dict[str, float | int]:
    """What a flow's configuration says when its creator does not."""
    return {"lease_seconds": settings.lease_seconds, "budget_tokens": settings.llm_budget_tokens}


def gateway_settings(settings: Settings) -> GatewaySettings:
    """What a deployment may say about its gateway."""
    origins = tuple(origin.strip() for origin in settings.cors_origins.split(",") if origin.strip())
    burst = math.ceil(2 * settings.rate_limit)
    return GatewaySettings(rate=settings.rate_limit, burst=burst, cors_origins=origins)


def gateway_services(
    orchestrator: Orchestrator, verifier: TokenVerifier, settings: GatewaySettings | None = None
) -> GatewayServices:
    """The gateway works on the orchestrator's own database, store and bus."""
    database, bus = orchestrator.database, orchestrator.bus

    async def replay(
        actor: str, client: UUID, ids: Sequence[UUID] | None, group: str | None
    ) -> dict[str, int]:
        return await replay_dead_letters(database, bus, actor, client=client, ids=ids, group=group)

    async def consumers(flow_type: str, major: int) -> int:
        return await bus.consumer_count(command_queue(flow_type, major))

    return GatewayServices(
        database=database,
        store=orchestrator.store,
        verifier=verifier,
        kick=orchestrator.wake,
        health=lambda: check_health(orchestrator),
        consumers=consumers,
        replay=replay,
        settings=settings or GatewaySettings(),
    )


async def check_health(orchestrator: Orchestrator) -> dict[str, Any]:
    """Ready when the database answers, and replies are taken by us and the broker says so. Asks for at most 3 s."""
    database, replies = await asyncio.gather(_database(orchestrator), _replies(orchestrator))
    checks = {"database": database, "replies": replies}
    return {"ready": all(check == "ok" for check in checks.values()), "checks": checks}


async def _database(orchestrator: Orchestrator) -> str:
    try:
        async with asyncio.timeout(_ASK_SECONDS), orchestrator.database.dispatch.connect() as connection:
            await connection.execute(text("select 1"))
    except Exception as error:  # noqa: BLE001 - whatever it is, the answer is: not ready, and this is why
        return f"unreachable ({type(error).__name__})"
    return "ok"


async def _replies(orchestrator: Orchestrator) -> str:
    try:
        async with asyncio.timeout(_ASK_SECONDS):
            count = await orchestrator.bus.consumer_count(REPLIES)
    except (BusError, TimeoutError) as error:
        return f"unreachable ({type(error).__name__})"
    if not count:
        return "no consumer"
    # The broker counts those of all replicas.
    return "ok" if orchestrator.takes_replies else "no consumer of its own"


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; port 0 takes any free one. Raises PortIsTaken."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        bound.listen(1024)
    except OSError as error:
        bound.close()
        why = "is in use" if error.errno == errno.EADDRINUSE else f"can't be used ({error.strerror})"
        raise PortIsTaken(f"Port {port} {why}") from error
    bound.setblocking(False)
    return bound


class HttpServer:
    """uvicorn in the loop of its caller, who alone decides when it ends."""

    def __init__(self, app: ASGIApp, bound: socket.socket) -> None:
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_keep_alive=_KEEP_CONNECTIONS_SECONDS,
            timeout_graceful_shutdown=_LAST_REQUESTS_SECONDS,
        )
        self._server = _Server(config)
        self._bound = bound
        self.port = int(bound.getsockname()[1])
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Requests that came before it wait in the socket's queue."""
        self._serving = asyncio.create_task(self._server.serve([self._bound]), name="http")

    async def stop(self) -> None:
        """Requests under way have five seconds to end."""
        if self._serving is None:
            self._bound.close()
            return
        self._server.should_exit = True
        await asyncio.gather(self._serving, return_exceptions=True)


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
