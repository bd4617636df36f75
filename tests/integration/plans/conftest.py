"""A service that takes edits, on the broker of the run, behind a gateway of this process."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from caravan_common.artifacts import ArtifactStore
from caravan_orchestrator.api.app import GatewaySettings
from tests.integration.gateway.client import Client, Gateway
from tests.support import Database
from tests.support.broker import Broker
from tests.support.inprocess_platform import InProcessPlatform, inprocess_platform
from tests.support.rabbit_buses import RabbitBuses
from tests.support.waiting import eventually
from tests.support.waves_service import WAVES_SERVICE


@dataclass(frozen=True)
class Plans:
    """As `ann`, an operator."""

    platform: InProcessPlatform
    gateway: Gateway
    ann: Client

    async def make(self, **configuration: Any) -> str:
        """A flow that has come to its end."""
        body = {"flow_type": "waved", "name": "a plan", "configuration": configuration}
        flow_id = (await self.ann.json("POST", "/flows", 201, json=body))["id"]
        await self.done(flow_id)
        return str(flow_id)

    async def done(self, flow_id: str) -> None:
        await self.platform.reach(UUID(flow_id), "completed")
        await self.platform.settled()

    async def version(self, flow_id: str) -> str:
        """Of the plan in force."""
        found = (await self.ann.json("GET", f"/flows/{flow_id}/datasets"))["items"]
        return str(next(row["id"] for row in found if row["active"] and row["name"] == "waves"))

    async def ask(self, version: str, *edits: dict[str, Any]) -> str:
        body = {"edits": list(edits)}
        answer = await self.ann.json("POST", f"/wave-plans/{version}/edits:check", 202, json=body)
        return str(answer["edit_id"])

    async def answered(self, version: str, edit_id: str) -> dict[str, Any]:
        async def read() -> dict[str, Any] | None:
            found: dict[str, Any] = await self.ann.json("GET", f"/wave-plans/{version}/edits/{edit_id}")
            return found if found["status"] != "checking" else None

        found = await eventually(read, what="the edit is answered")
        assert found is not None
        return found

    async def accept(self, flow_id: str, *edits: dict[str, Any]) -> str:
        """Edits the plan in force; the id of the next version."""
        version = await self.version(flow_id)
        edit_id = await self.ask(version, *edits)
        await self.answered(version, edit_id)
        body = {"edit_id": edit_id}
        await self.ann.json("POST", f"/wave-plans/{version}/edits:accept", 202, json=body)
        await self.done(flow_id)
        return await self.version(flow_id)

    async def waves(self, version: str) -> dict[str, int | None]:
        found = await self.ann.json("GET", f"/wave-plans/{version}")
        return {row["natural_key"]: row["wave"] for row in found["items"]}


@pytest.fixture(scope="session")
async def plans(
    database_urls: Database, broker: Broker, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Plans]:
    folder = tmp_path_factory.mktemp("plans")
    buses = RabbitBuses(broker)
    async with inprocess_platform(database_urls, folder, WAVES_SERVICE, bus=await buses.open()) as platform:
        store = ArtifactStore.open((folder / "artifacts").as_uri())
        settings = GatewaySettings(rate=0, figures_age=0)
        gateway = Gateway(platform.database, store, settings, platform.orchestrator.wake)
        yield Plans(platform, gateway, gateway.client(platform.tenant, "operator"))
    await buses.clear()
