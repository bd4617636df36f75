"""A gateway that was told to stop: whoever asks is answered, told to look elsewhere, and sent on."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from caravan_common.artifacts import ArtifactStore
from caravan_common.contracts import Tenant
from caravan_orchestrator.serving import HttpServer, listen
from caravan_orchestrator.store.database import SqlDatabase
from tests.integration.gateway.client import Gateway
from tests.integration.gateway.conftest import SETTINGS


@pytest.fixture
async def stoppable(database: SqlDatabase, tmp_path: Any) -> AsyncIterator[tuple[Gateway, HttpServer]]:
    """A gateway of its own, served as the orchestrator serves it."""
    gateway = Gateway(database, ArtifactStore.open(tmp_path.as_uri()), SETTINGS)
    server = HttpServer(gateway.app, listen("127.0.0.1", 0))
    await server.start()
    yield gateway, server
    await server.stop()


async def test_a_stopping_gateway_answers_and_says_that_it_is_not_ready(
    stoppable: tuple[Gateway, HttpServer], tenant: Tenant
) -> None:
    gateway, server = stoppable
    token = gateway.client(tenant, "viewer").token
    url = f"http://127.0.0.1:{server.port}"
    async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {token}"}) as client:
        before = await client.get("/api/v1/flows")
        assert "connection" not in before.headers
        gateway.app.state.services.stop()
        after = await client.get("/api/v1/flows")
        ready = await client.get("/health/ready")
        alive = await client.get("/health/live")
    assert (after.status_code, after.headers["connection"]) == (200, "close")
    assert (ready.status_code, ready.json()["checks"]["gateway"]) == (503, "stopping")
    assert (ready.json()["ready"], alive.status_code) == (False, 200)


async def test_an_event_stream_ends_with_a_time_to_come_back_and_nothing_is_cut(
    stoppable: tuple[Gateway, HttpServer], tenant: Tenant
) -> None:
    gateway, server = stoppable
    headers = {"Authorization": f"Bearer {gateway.client(tenant, 'viewer').token}"}
    url = f"http://127.0.0.1:{server.port}/api/v1/events"
    async with httpx.AsyncClient(timeout=30) as client, client.stream("GET", url, headers=headers) as answer:
        chunks = answer.aiter_text()
        first = await anext(chunks)
        gateway.app.state.services.stop()
        # The end is one of HTTP, not of the connection: httpx raises for a body that was cut.
        rest = "".join([chunk async for chunk in chunks])
    assert re.search(r"^id: \S+", first, re.MULTILINE)
    said = re.findall(r"^retry: (\d+)$", rest, re.MULTILINE)
    assert len(said) == 1
    assert 500 <= int(said[0]) < 2500
    # Nothing holds the server up any more.
    await asyncio.wait_for(server.stop(), 4)
