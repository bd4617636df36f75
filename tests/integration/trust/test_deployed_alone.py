"""A flow service that a running platform has never heard of joins it: its user, its mapping, its process, and no more.

The service is the one of docs/writing-a-flow-service.md, in a folder that only its own worker can import from.
"""

import asyncio
import os
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from caravan_orchestrator.local_key import key_file, local_key, make_token
from tests.support.guide_service import CERTIFICATES, write_service
from tests.support.process_platform import ProcessPlatform
from tests.support.waiting import eventually


@pytest.mark.timeout(400)
async def test_a_new_flow_service_is_deployed_alone(platform: ProcessPlatform, tmp_path: Path) -> None:
    package, effects = tmp_path / "package", tmp_path / "effects"
    package.mkdir()
    effects.mkdir()
    write_service(package)
    running = {name: program.pid for name, program in platform.programs.items()}
    others, mapped = permissions(platform), await mapping(platform)
    async with gateway(platform) as client:
        order = await renewal_of(client, effects)
        refused = await client.post("/flows", json=order)
        assert (refused.status_code, refused.json()["code"]) == (422, "unknown_flow_type")

        address = await asyncio.to_thread(platform.add_service, "renewal")
        path = os.pathsep.join((str(package), platform.environment["PYTHONPATH"]))
        own = {"CARAVAN_AMQP_URL": address, "PYTHONPATH": path}
        worker = platform.make_program("renewal-1", "caravan_renewal", platform.environment | own)
        worker.start()
        try:
            flow_id = await begun(client, order)
            await platform.reach(flow_id, "completed", timeout=120)
        finally:
            worker.stop()

    assert sorted(path.name for path in effects.iterdir()) == ["portal.renewed", "shop.renewed"]
    # Whoever ran before runs on, and what was known of them is what is known of them.
    assert {name: program.pid for name, program in platform.programs.items()} == running
    assert all(program.is_running for program in platform.programs.values())
    assert all(each.said('"orchestrator.started"') == 1 for each in platform.orchestrators)
    assert others < permissions(platform)
    assert [line.split("\t")[0] for line in permissions(platform) - others] == ["renewal"]
    assert await mapping(platform) == mapped | {("renewal", "renewal")}


def permissions(platform: ProcessPlatform) -> set[str]:
    """User and what it may, a line each, as the broker has them."""
    return set(platform.broker.rabbitmqctl("list_permissions", "--no-table-headers").splitlines())


async def mapping(platform: ProcessPlatform) -> set[tuple[str, str]]:
    """Flow type and broker user."""
    rows = await platform.as_owner("select flow_type, broker_user from flow_type_users")
    return {(row[0], row[1]) for row in rows}


def gateway(platform: ProcessPlatform) -> httpx.AsyncClient:
    tenant = platform.tenant
    token = make_token(
        local_key(key_file(platform.folder)),
        subject="ann",
        client_account_id=tenant.client_account_id,
        engagement_ids=[tenant.engagement_id],
        roles=["operator"],
    )
    url = f"{platform.url('orchestrator-1')}/api/v1"
    return httpx.AsyncClient(base_url=url, headers={"authorization": f"Bearer {token}"}, timeout=30)


async def renewal_of(client: httpx.AsyncClient, effects: Path) -> dict[str, object]:
    """What POST /flows takes for a renewal of the list, which is delivered first."""
    delivered = await client.post("/uploads", files={"file": ("list.csv", CERTIFICATES)})
    assert delivered.status_code == 201, delivered.text
    configuration = {
        "as_of": "2026-01-01",
        "folder": str(effects),
        "uploads": [delivered.json()["upload_id"]],
    }
    return {"flow_type": "renewal", "name": "renewal", "auto_accept": True, "configuration": configuration}


async def begun(client: httpx.AsyncClient, order: dict[str, object]) -> UUID:
    """The flow, as soon as the gateway knows its type."""

    async def created() -> UUID | None:
        answer = await client.post("/flows", json=order)
        return UUID(answer.json()["id"]) if answer.status_code == 201 else None

    flow_id = await eventually(created, timeout=60, what="its flow type is known")
    assert flow_id is not None
    return flow_id
