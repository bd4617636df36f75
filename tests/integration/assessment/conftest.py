"""Discovery, assessment and planning as they run in production, behind a gateway of this process."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from caravan_assessment.flow import SERVICE as ASSESSMENT
from caravan_common.artifacts import ArtifactStore
from caravan_discovery.flow import SERVICE as DISCOVERY
from caravan_orchestrator.api.app import GatewaySettings
from caravan_planning.flow import SERVICE as PLANNING
from tests.integration.assessment.estate import write_estate
from tests.integration.gateway.client import Client, Gateway
from tests.support import Database
from tests.support.inprocess_platform import InProcessPlatform, inprocess_platform
from tests.support.waiting import eventually

SERVICES = (DISCOVERY, ASSESSMENT, PLANNING)


@dataclass(frozen=True)
class Chain:
    """The ids of its flows."""

    discovery: str
    assessment: str
    planning: str = ""


@dataclass(frozen=True)
class Journeys:
    """Makes chains through the gateway, as `ann`, an operator."""

    platform: InProcessPlatform
    store: ArtifactStore
    gateway: Gateway
    ann: Client

    async def travel(self, files: Sequence[Path], through: str = "planning", **configuration: Any) -> Chain:
        """A chain that has come to its end, indexed and folded."""
        uploads = [
            (await self.ann.upload(file.read_bytes(), file.name))["upload_id"] for file in sorted(files)
        ]
        body = {
            "name": "a journey",
            "through": through,
            "auto_accept": True,
            "uploads": uploads,
            "configuration": {"as_of": "2026-11-02", **configuration},
        }
        root = (await self.ann.json("POST", "/chains", 202, json=body))["flow_id"]
        flows = await self.reached(root, 3 if through == "planning" else 2)
        return Chain(*flows)

    async def reached(self, root: str, count: int) -> list[str]:
        """The ids of so many flows of the chain, all completed."""

        async def ended() -> list[str] | None:
            flows = (await self.ann.json("GET", f"/flows/{root}/chain"))["flows"]
            failed = [flow for flow in flows if flow["status"] in ("failed", "cancelled")]
            assert not failed, failed
            done = [flow["id"] for flow in flows if flow["status"] == "completed"]
            return done if len(done) == count else None

        found = await eventually(ended, timeout=100, what=f"{count} flows have completed")
        assert found is not None
        await self.platform.settled()
        return found

    async def finished(self, flow_id: str, *statuses: str) -> None:
        await self.platform.reach(UUID(flow_id), *(statuses or ("completed",)), timeout=100)
        await self.platform.settled()

    async def refresh(self, flow_id: str) -> list[str]:
        """The phases that were computed for it."""
        before = await self.attempts(flow_id)
        await self.ann("POST", f"/flows/{flow_id}/refresh", 202)

        async def refreshed() -> bool:
            flow = await self.flow(flow_id)
            return flow["status"] == "completed" and not flow["stale"]

        await eventually(refreshed, timeout=100, what="the flow is fresh")
        await self.platform.settled()
        return (await self.attempts(flow_id))[len(before) :]

    async def flow(self, flow_id: str) -> dict[str, Any]:
        return dict(await self.ann.json("GET", f"/flows/{flow_id}"))

    async def stale(self, flow_id: str) -> list[str]:
        return [phase["name"] for phase in (await self.flow(flow_id))["phases"] if phase["stale"]]

    async def became_stale(self, flow_id: str) -> list[str]:
        """What a handoff made stale, which follows the parent's end by itself."""
        try:
            found = await eventually(lambda: self.stale(flow_id), timeout=30, what="the flow is stale")
        except TimeoutError:
            parent = (await self.flow(flow_id))["parent_flow_id"]
            raise AssertionError(await self.ann.json("GET", f"/flows/{parent}/handoffs")) from None
        assert found
        return found

    async def attempts(self, flow_id: str) -> list[str]:
        rows = await self.all(f"/flows/{flow_id}/attempts", kind="execute")
        return [attempt["phase"] for attempt in rows]

    async def all(self, path: str, **query: Any) -> list[dict[str, Any]]:
        return [row for page in await self.ann.pages(path, limit=500, **query) for row in page]

    async def dataset(self, flow_id: str, name: str) -> str:
        """The id of the active one."""
        rows = await self.all(f"/flows/{flow_id}/datasets")
        return str(next(row["id"] for row in rows if row["active"] and row["name"] == name))

    async def assets(self, chain: Chain) -> dict[str, dict[str, Any]]:
        """By name."""
        return {row["name"]: row for row in await self.all("/assets", estate=chain.discovery)}

    async def treatments(self, flow_id: str) -> dict[str, dict[str, Any]]:
        """By the unit's name."""
        return {row["name"]: row for row in await self.all("/treatments", flow=flow_id)}

    async def plan(self, flow_id: str, version: str | None = None) -> dict[str, dict[str, Any]]:
        """The units of a version of the wave plan, the one in force when none is given, by name."""
        version = version or await self.dataset(flow_id, "waves")
        return {row["name"]: row for row in await self.all(f"/wave-plans/{version}")}

    async def choose(
        self, flow_id: str, key: str, treatment: str, reason: str = "we know", *, learn: bool = False
    ) -> dict[str, Any]:
        body = {"treatment": treatment, "reason": reason, "learn": learn}
        path = f"/applications/{key}/treatment"
        return dict(await self.ann.json("PUT", path, json=body, params={"flow": flow_id}))


@pytest.fixture(scope="session")
async def journeys(
    database_urls: Database, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Journeys]:
    folder = tmp_path_factory.mktemp("journeys")
    async with inprocess_platform(database_urls, folder, *SERVICES) as platform:
        store = ArtifactStore.open((folder / "artifacts").as_uri())
        settings = GatewaySettings(rate=0, figures_age=0)
        gateway = Gateway(platform.database, store, settings, platform.orchestrator.wake)
        yield Journeys(platform, store, gateway, gateway.client(platform.tenant, "operator"))


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return write_estate(tmp_path / "estate", 6)


@pytest.fixture(scope="session")
def seen_files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_estate(tmp_path_factory.mktemp("seen"), 6)


@pytest.fixture(scope="session")
async def seen(journeys: Journeys, seen_files: list[Path]) -> Chain:
    """A chain that tests only look at."""
    return await journeys.travel(seen_files)
