"""The event stream, over a real socket: live, resumed, neither missing nor repeating."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import insert

from caravan_common.contracts import Tenant, new_id
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.reads.events import here, read_events
from caravan_orchestrator.store.tables.between import flow_events
from tests.integration.gateway.client import Client, Gateway
from tests.support.listening import served


@pytest.fixture(scope="session")
async def address(gateway: Gateway) -> AsyncIterator[str]:
    """Where the gateway is served, on a free port."""
    async with served(gateway.app) as address:
        yield f"{address}/api/v1"


class Listener:
    """Reads one stream: the last id seen, and how many heartbeats."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines
        self.position, self.comments, self.ended = "", 0, False

    async def next(self, count: int = 1) -> list[dict[str, Any]]:
        """Fewer when the stream ends before."""
        found: list[dict[str, Any]] = []
        while len(found) < count and not self.ended:
            message = await self._message()
            if "data" in message:
                found.append(json.loads(message["data"]))
        return found

    async def beat(self) -> None:
        """Waits for a heartbeat."""
        before = self.comments
        while self.comments == before and not self.ended:
            await self._message()

    async def _message(self) -> dict[str, str]:
        message: dict[str, str] = {}
        async for line in self._lines:
            if line == "":
                self.position = message.get("id", self.position)
                return message
            name, _, value = line.partition(": ")
            if name == "":
                self.comments += 1
            message[name] = value
        self.ended = True
        return message


@asynccontextmanager
async def listening(
    address: str, client: Client, last: str | None = None, **parameters: str
) -> AsyncIterator[Listener]:
    headers = {"Authorization": f"Bearer {client.token}"} | ({"Last-Event-ID": last} if last else {})
    async with (
        httpx.AsyncClient(timeout=30) as http,
        http.stream("GET", f"{address}/events", headers=headers, params=parameters) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Listener(answer.aiter_lines())


async def test_events_come_as_they_happen_as_cloud_events(address: str, ann: Client, tenant: Tenant) -> None:
    await ann.create()
    async with listening(address, ann) as stream:
        flow = await ann.create()
        first = (await stream.next())[0]
    assert (first["specversion"], first["type"], first["subject"]) == (
        "1.0",
        "caravan.flow.created",
        flow["id"],
    )
    assert (first["sequence"], first["engagement"]) == (1, str(tenant.engagement_id))


async def test_a_stream_tells_of_persons_to_those_who_run_flows(
    address: str, ann: Client, gateway: Gateway, tenant: Tenant
) -> None:
    vera = gateway.client(tenant, "viewer", subject="vera")
    async with listening(address, ann) as full, listening(address, vera) as masked:
        await ann.create(name="Laptops of ada@example.org")
        told = [(await stream.next())[0]["data"]["name"] for stream in (full, masked)]
    assert told == ["Laptops of ada@example.org", "Laptops of ***"]


async def test_a_stream_goes_on_after_the_last_event_seen(address: str, ann: Client) -> None:
    async with listening(address, ann) as stream:
        flow = await ann.create()
        seen = await stream.next(2)
        position = stream.position
    await ann("POST", f"/flows/{flow['id']}/pause")
    other = await ann.create()
    everything = await ann.json("GET", f"/flows/{flow['id']}/events")
    async with listening(address, ann, position) as stream:
        await ann("POST", f"/flows/{flow['id']}/resume")
        rest = await stream.next(len(everything["items"]) - 2 + 3 + 1)
    ids = [event["id"] for event in seen + rest]
    assert len(ids) == len(set(ids))
    numbers = [event["sequence"] for event in seen + rest if event["subject"] == flow["id"]]
    assert numbers == list(range(1, len(numbers) + 1))
    assert next(event["type"] for event in rest if event["subject"] == other["id"]) == "caravan.flow.created"
    assert rest[-1]["type"] == "caravan.flow.resumed"


async def test_a_stream_can_start_after_an_event_of_the_list(address: str, ann: Client) -> None:
    flow = await ann.create()
    events = (await ann.json("GET", f"/flows/{flow['id']}/events"))["items"]
    async with listening(address, ann, events[0]["id"], flow=flow["id"]) as stream:
        rest = await stream.next(len(events) - 1)
    assert [event["id"] for event in rest] == [event["id"] for event in events[1:]]


async def test_a_stream_is_narrowed_to_a_flow_and_to_types(address: str, ann: Client) -> None:
    first = await ann.create()
    async with listening(
        address, ann, flow=first["id"], types="caravan.flow.paused,caravan.flow.resumed"
    ) as stream:
        await ann("POST", f"/flows/{(await ann.create())['id']}/pause")
        await ann("POST", f"/flows/{first['id']}/pause")
        await ann("POST", f"/flows/{first['id']}/resume")
        found = await stream.next(2)
    assert [(event["type"], event["subject"]) for event in found] == [
        ("caravan.flow.paused", first["id"]),
        ("caravan.flow.resumed", first["id"]),
    ]


async def test_another_tenants_events_are_never_told(address: str, ann: Client, stranger: Client) -> None:
    async with listening(address, stranger) as stream:
        await ann.create()
        own = await stranger.create()
        assert {event["subject"] for event in await stream.next(2)} == {own["id"]}


async def test_a_silent_stream_shows_that_it_is_alive(address: str, ann: Client) -> None:
    async with listening(address, ann) as stream:
        await stream.beat()
        assert not stream.ended


async def test_a_stream_ends_when_its_token_does(address: str, gateway: Gateway, tenant: Tenant) -> None:
    brief = gateway.client(tenant, "viewer", seconds=1.5)
    async with listening(address, brief) as stream, asyncio.timeout(20):
        assert await stream.next() == []
        assert stream.ended


async def test_a_position_that_is_none_is_refused(ann: Client) -> None:
    for position in ("yesterday", "1:2:~x~y", "~~"):
        answer = await ann("GET", "/events", 422, headers={"Last-Event-ID": position})
        assert answer.json()["code"] == "invalid_event_id"


async def test_an_event_committed_late_is_told_though_a_newer_one_was_before_it(
    ann: Client, database: SqlDatabase, tenant: Tenant
) -> None:
    one, other = await ann.create(), await ann.create()
    earlier, later = new_id(), new_id()

    def row(id_: UUID, flow: Any) -> Any:
        values = {
            "id": id_,
            "flow_id": UUID(flow["id"]),
            "sequence": 1000,
            "type": "caravan.test.made",
            "data": {},
        }
        return insert(flow_events).values(**tenant.model_dump(), **values)

    async def read(position: Any) -> tuple[list[UUID], Any]:
        async with database.transaction(tenant) as reading:
            found, after = await read_events(
                reading.connection, tenant.engagement_id, position, now=reading.now, flow_id=None, types=None
            )
        return [event["id"] for _, event in found], after

    async with database.transaction(tenant) as transaction:
        position = await here(transaction.connection, transaction.now)
    async with database.transaction(tenant) as slow:
        await slow.connection.execute(row(earlier, one))
        async with database.transaction(tenant) as quick:
            await quick.connection.execute(row(later, other))
        told, position = await read(position)
        assert told == [later]
    told, position = await read(position)
    assert told == [earlier]
    assert (await read(position))[0] == []


async def test_a_long_absence_is_made_up_for_in_portions(
    ann: Client, database: SqlDatabase, tenant: Tenant
) -> None:
    async with database.transaction(tenant) as transaction:
        position = await here(transaction.connection, transaction.now)
    for _ in range(4):
        await ann.create()
    told: list[UUID] = []
    for _ in range(20):
        async with database.transaction(tenant) as reading:
            found, position = await read_events(
                reading.connection,
                tenant.engagement_id,
                position,
                now=reading.now,
                flow_id=None,
                types=None,
                limit=3,
            )
        told += [event["id"] for _, event in found]
    events = [
        event["id"]
        for flow in (await ann.json("GET", "/flows"))["items"]
        for event in (await ann.json("GET", f"/flows/{flow['id']}/events"))["items"]
    ]
    assert len(told) == len(set(told)) == len(events)
    assert {str(id_) for id_ in told} == set(events)
