"""A secret that every setting carries and a delivered file holds: after a discovery it is nowhere it should not be."""

import base64
import io
import json
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any
from uuid import UUID

import aio_pika
import httpx
import polars as pl
import pytest

from caravan_common.bus.topology import (
    CANCELS_EXCHANGE,
    EVENTS_EXCHANGE,
    HEARTBEAT_ROUTE,
    REPLY_ROUTE,
    Route,
    command_route,
)
from caravan_orchestrator.local_key import key_file, local_key, make_token
from tests.support.amqp import connect
from tests.support.command import caravan
from tests.support.marker import Marker
from tests.support.model_server import ModelServer, verdicts
from tests.support.otlp_receiver import OtlpReceiver
from tests.support.process_platform import ProcessPlatform, process_platform

MARKER = Marker(token_hex(16))
# Characters that are quoted in URLs and escaped in JSON stand around what is looked for.
SECRET = f'p/{MARKER.core}+"x'
_ALL = (
    REPLY_ROUTE,
    HEARTBEAT_ROUTE,
    command_route("discovery", 1),
    Route(EVENTS_EXCHANGE.name, "#"),
    Route(CANCELS_EXCHANGE.name, ""),
)


def inventory() -> bytes:
    """A delivered file with a column of passwords, and one in a note."""
    rows = [
        f'srv{n:02},RHEL {7 + n % 2},4,16,10.0.0.{n},"{MARKER.core}{n}","login admin password={MARKER.core}"'
        for n in range(1, 13)
    ]
    header = "Hostname,Operating System,vCPU,Memory GB,IP Address,Admin Password,Notes"
    return "\n".join([header, *rows, ""]).encode()


def settings(provider: ModelServer) -> dict[str, str]:
    return {
        "CARAVAN_LLM": "openai/scripted",
        "CARAVAN_LLM_BASE_URL": provider.url,
        "CARAVAN_LLM_API_KEY": SECRET,
        "CARAVAN_TEST_SECRET": SECRET,
    }


@pytest.fixture(scope="module")
def provider() -> Iterator[ModelServer]:
    with ModelServer() as server:
        server.script(verdicts())
        yield server


@pytest.fixture(scope="module")
async def secretive(
    tmp_path_factory: pytest.TempPathFactory, receiver: OtlpReceiver, provider: ModelServer
) -> AsyncIterator[ProcessPlatform]:
    """Passwords of broker users and database roles carry the marker too."""
    export = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_BSP_SCHEDULE_DELAY": "500"}
    async with process_platform(
        tmp_path_factory.mktemp("secretive"),
        {"discovery": "caravan_discovery"},
        mapped=True,
        password=SECRET,
        orchestrators=1,
        workers=1,
        settings=settings(provider) | export,
    ) as opened:
        yield opened


async def everything_said(platform: ProcessPlatform) -> tuple[aio_pika.abc.AbstractConnection, Any]:
    """A queue that gets a copy of every message of the broker."""
    connection = await connect(platform.broker.url)
    channel = await connection.channel()
    queue = await channel.declare_queue(exclusive=True)
    for route in _ALL:
        await queue.bind(route.exchange, route.routing_key)
    return connection, queue


async def discover(platform: ProcessPlatform, client: httpx.AsyncClient) -> str:
    files = {"file": ("inventory.csv", inventory(), "text/csv")}
    upload = (await client.post("/uploads", files=files)).raise_for_status().json()
    configuration = {"uploads": [upload["upload_id"]], "credentials": "secret://env/CARAVAN_TEST_SECRET"}
    body = {
        "flow_type": "discovery",
        "name": "secretive",
        "configuration": configuration,
        "auto_accept": True,
    }
    answer = await client.post("/flows", json=body)
    assert answer.status_code == 201, answer.text
    flow_id = str(answer.json()["id"])
    await platform.reach(UUID(flow_id), "completed", timeout=300)
    await platform.settled()
    return flow_id


def gateway(platform: ProcessPlatform) -> httpx.AsyncClient:
    tenant = platform.tenant
    token = make_token(
        local_key(key_file(platform.folder)),
        subject="ann",
        client_account_id=tenant.client_account_id,
        engagement_ids=[tenant.engagement_id],
        roles=["operator", "admin"],
    )
    url = f"{platform.url('orchestrator-1')}/api/v1"
    return httpx.AsyncClient(base_url=url, timeout=60, headers={"authorization": f"Bearer {token}"})


async def hits(platform: ProcessPlatform, receiver: OtlpReceiver) -> dict[str, bool]:
    """By place, whether the marker is there. Places: a table, a file, a kind of message or answer."""
    found: dict[str, bool] = {}
    tables = await platform.as_owner(
        "select table_schema, table_name from information_schema.tables"
        " where table_schema in ('public', 'running') and table_type = 'BASE TABLE'"
    )
    for schema, name in tables:
        rows = await platform.as_owner(f'select t::text from {schema}."{name}" t')
        found[f"table {schema}.{name}"] = any(MARKER.is_in(row[0].encode()) for row in rows)
    for root in (platform.folder / "artifacts", platform.broker.folder / "log", platform.folder):
        pattern = "*.log" if root == platform.folder else "*"
        for file in root.rglob(pattern):
            if file.is_file():
                found[f"file {file.relative_to(root)}"] = MARKER.is_in(file.read_bytes())
    found["spans and metrics"] = any(map(MARKER.is_in, receiver.bodies))
    return found


@pytest.mark.timeout(600)
async def test_a_secret_is_nowhere_but_in_what_the_client_delivered(
    secretive: ProcessPlatform, receiver: OtlpReceiver, provider: ModelServer
) -> None:
    connection, said = await everything_said(secretive)
    async with connection, gateway(secretive) as client:
        flow_id = await discover(secretive, client)
        assert len(receiver.bodies) > 0
        found = await hits(secretive, receiver)
        count = 0
        while (message := await said.get(fail=False, no_ack=True)) is not None:
            count += 1
            text = message.body + repr((message.headers, message.properties)).encode()
            found["messages"] = found.get("messages", False) or MARKER.is_in(text)
        assert count > 6
        datasets = (await client.get(f"/flows/{flow_id}/datasets", params={"limit": 500})).json()["items"]
        assert len(datasets) > 5
        parts = (
            "",
            "/phases",
            "/attempts",
            "/questions",
            "/datasets",
            "/events",
            "/entities",
            "/mappings",
            "/conflicts",
        )
        asked = [f"/flows/{flow_id}{part}" for part in parts] + [
            "/audit",
            "/usage",
            "/dead-letters",
            "/assets",
        ]
        for path in [*asked, *(f"/datasets/{each['id']}/rows" for each in datasets)]:
            answer = await client.get(path)
            found[f"GET {path}"] = MARKER.is_in(answer.content)
        found["prompts"] = any(
            MARKER.is_in(json.dumps(request.body).encode()) for request in provider.requests
        )
        raw = next(each for each in datasets if each["name"] == "raw_rows")
    delivered = await secretive.as_owner(
        "select artifact_key from uploads union all select artifact_key from datasets where id = $1",
        UUID(raw["id"]),
    )
    assert {place for place, hit in found.items() if hit} == {f"file {row[0]}" for row in delivered}

    # It can fail: what is put there is found, in every form.
    (secretive.folder / "artifacts" / "planted").write_bytes(base64.b64encode(b"ab" + SECRET.encode()))
    packed = io.BytesIO()
    pl.DataFrame({"x": [SECRET]}).write_parquet(packed)
    (secretive.folder / "artifacts" / "planted.parquet").write_bytes(packed.getvalue())
    (secretive.folder / "planted.log").write_text(SECRET.encode().hex())
    async with secretive.database.dispatch.connect() as database:
        await database.exec_driver_sql(
            "insert into running.dead_letters (id, queue, reason, error_group, type, headers, body)"
            " values (gen_random_uuid(), 'q', 'rejected', 'g', 'x', '{}', $1)",
            (SECRET.encode(),),
        )
    planted = {place for place, hit in (await hits(secretive, receiver)).items() if hit}
    assert planted - {f"file {row[0]}" for row in delivered} == {
        "file planted",
        "file planted.parquet",
        "file planted.log",
        "table running.dead_letters",
    }


@pytest.mark.timeout(600)
def test_neither_report_nor_exports_nor_what_the_command_prints_has_it(
    provider: ModelServer, tmp_path: Path
) -> None:
    file = tmp_path / "inventory.csv"
    file.write_bytes(inventory())
    out = tmp_path / "out"
    done = caravan(
        "run",
        file,
        "--json",
        "--export",
        out,
        "--report",
        out / "report.html",
        env=settings(provider) | {"TMPDIR": str(tmp_path)},
        timeout=500,
    )
    assert done.returncode == 0, done.stderr
    written = [each for each in out.rglob("*") if each.is_file()]
    assert len(written) > 5
    assert [each.name for each in written if MARKER.is_in(each.read_bytes())] == []
    assert not MARKER.is_in(done.stdout.encode() + os.linesep.encode() + done.stderr.encode())
