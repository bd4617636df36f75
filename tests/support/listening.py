"""A gateway of this process over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import ASGIApp

from caravan_orchestrator.serving import HttpServer, listen


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[str]:
    """Its address, on a free port of the server that an orchestrator serves its own with."""
    server = HttpServer(app, listen("127.0.0.1", 0))
    await server.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        await server.stop()
