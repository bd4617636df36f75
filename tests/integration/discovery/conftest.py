"""Discovery as it runs in production, behind a gateway of this process: real workers, a real database."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from caravan_common.artifacts import ArtifactStore
from caravan_discovery.flow import SERVICE
from caravan_orchestrator.api.app import GatewaySettings
from tests.integration.gateway.client import Client, Gateway
from tests.support import Database
from tests.support.inprocess_platform import InProcessPlatform, inprocess_platform


@dataclass(frozen=True)
class Discoveries:
    """Makes discoveries through the gateway, as `ann`, an operator."""

    platform: InProcessPlatform
    gateway: Gateway
    ann: Client

    async def discover(self, files: Sequence[Path], **flow: Any) -> str:
        """The id of a flow that has come to its end, indexed and folded."""
        uploads = [
            (await self.ann.upload(file.read_bytes(), file.name))["upload_id"] for file in sorted(files)
        ]
        body = {
            "flow_type": "discovery",
            "name": "a discovery",
            "configuration": {"uploads": uploads, "as_of": "2026-11-02"},
            "auto_accept": True,
            **flow,
        }
        flow_id = (await self.ann.json("POST", "/flows", 201, json=body))["id"]
        await self.finished(flow_id)
        return str(flow_id)

    async def finished(self, flow_id: str) -> None:
        await self.platform.reach(UUID(flow_id), "completed", timeout=240)
        await self.platform.settled()

    async def refresh(self, flow_id: str) -> list[str]:
        """The phases that were computed for it."""
        before = await self.attempts(flow_id)
        await self.ann("POST", f"/flows/{flow_id}/refresh", 202)
        await self.finished(flow_id)
        return (await self.attempts(flow_id))[len(before) :]

    async def attempts(self, flow_id: str) -> list[str]:
        pages = await self.ann.pages(f"/flows/{flow_id}/attempts", kind="execute", limit=500)
        return [attempt["phase"] for page in pages for attempt in page]

    async def all(self, path: str, **query: Any) -> list[dict[str, Any]]:
        return [row for page in await self.ann.pages(path, limit=500, **query) for row in page]


@pytest.fixture(scope="session")
async def discoveries(
    database_urls: Database, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Discoveries]:
    folder = tmp_path_factory.mktemp("discovery")
    async with inprocess_platform(database_urls, folder, SERVICE, slots=1) as platform:
        store = ArtifactStore.open((folder / "artifacts").as_uri())
        gateway = Gateway(platform.database, store, GatewaySettings(), platform.orchestrator.wake)
        yield Discoveries(platform, gateway, gateway.client(platform.tenant, "operator"))
