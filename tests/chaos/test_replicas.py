"""Two orchestrators and two workers of each service make the same datasets as one process does, byte for byte."""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from caravan_common.artifacts import ArtifactStore
from caravan_common.bus import REPLIES
from caravan_common.contracts import ArtifactRef, UploadRef, new_id
from caravan_discovery.flow import SERVICE as DISCOVERY_SERVICE
from tests.chaos.service import CHAOS_SERVICE
from tests.support import Database
from tests.support.flows import Flows
from tests.support.inprocess_platform import inprocess_platform
from tests.support.process_platform import process_platform
from tests.support.program import ROOT

Say = Callable[[str], None]
HARBOUR = ROOT / "samples" / "harbour"
MACHINES = (1, 7, 300, 3000)
# Rounds of the same flows until every worker has had a run. Which worker gets which is the broker's choice.
ROUNDS = 6


@dataclass(frozen=True)
class Made:
    """By flow and dataset: rows and SHA-256, as many as differ; and the workers that took part."""

    datasets: dict[tuple[str, str], set[tuple[int, str]]]
    workers: int


async def deliver(flows: Flows, store: ArtifactStore) -> list[UploadRef]:
    """The sample estate's files, as the gateway stores what people upload."""
    uploads = []
    for name in json.loads((HARBOUR / "expected.json").read_text())["inputs"]:
        upload = new_id()
        key = f"{flows.tenant.client_account_id}/{flows.tenant.engagement_id}/uploads/{upload}"
        stored = store.put_bytes(key, (HARBOUR / name).read_bytes())
        reference = ArtifactRef(key=key, sha256=stored.sha256, size=stored.size, media_type="text/csv")
        uploads.append(UploadRef(upload_id=str(upload), name=name, artifact=reference))
    return uploads


async def make(flows: Flows, store: ArtifactStore, folder: Path, wanted: int) -> Made:
    """The same flows, all at once, and once more as long as fewer workers than wanted have taken part."""
    uploads = await deliver(flows, store)
    names: dict[UUID, str] = {}
    for turn in range(ROUNDS):
        names |= await one_round(flows, uploads, folder, turn)
        if await workers(flows) >= wanted:
            break
    return Made(await datasets(flows, names), await workers(flows))


async def one_round(flows: Flows, uploads: list[UploadRef], folder: Path, turn: int) -> dict[UUID, str]:
    """One discovery of the sample estate and surveys of several sizes, to their end."""
    as_of = json.loads((HARBOUR / "expected.json").read_text())["as_of"]
    discovery = await flows.create(
        "discovery", configuration={"as_of": as_of}, uploads=uploads, auto_accept=True
    )
    names = {discovery: "discovery"}
    for machines in MACHINES:
        configuration = {
            "machines": machines,
            "effects": ["one", "two"],
            "path": str(folder / f"{machines}.{turn}.journal"),
            "phase_seconds": 0.3,
        }
        flow = await flows.create("chaos", configuration=configuration, auto_accept=True)
        names[flow] = f"survey of {machines}"
    for flow in names:
        await flows.reach(flow, "completed", timeout=150)
    return names


async def datasets(flows: Flows, names: dict[UUID, str]) -> dict[tuple[str, str], set[tuple[int, str]]]:
    rows: Sequence[Any] = await flows.query(
        "select d.flow_id, d.phase || '/' || d.name, d.rows, d.sha256 from datasets d"
        " join flow_phases p on p.flow_id = d.flow_id and p.active_attempt_id = d.attempt_id"
    )
    found: dict[tuple[str, str], set[tuple[int, str]]] = defaultdict(set)
    for flow, name, count, digest in rows:
        found[names[flow], name].add((count, digest))
    return dict(found)


async def workers(flows: Flows) -> int:
    """Those that were heard of by name: an attempt that ends within the hold has its worker in its reply."""
    rows = await flows.query("select count(distinct worker) from phase_attempts")
    return int(rows[0][0])


@pytest.mark.timeout(900)
async def test_replicas_make_the_same_datasets_as_one_process(
    database_urls: Database, tmp_path: Path, say: Say
) -> None:
    alone, apart = tmp_path / "alone", tmp_path / "apart"
    for folder in (alone, apart):
        folder.mkdir()
    async with inprocess_platform(database_urls, alone, CHAOS_SERVICE, DISCOVERY_SERVICE) as one:
        expected = await make(one, ArtifactStore.open((alone / "artifacts").as_uri()), alone, 1)
    services = {"chaos": "tests.chaos.service", "discovery": "caravan_discovery"}
    async with process_platform(apart, services) as many:
        found = await make(many, ArtifactStore.open(many.artifacts_url), apart, 4)
        replicas = (await many.consumers(REPLIES.name))[0]
    rows = sum(count for made in found.datasets.values() for count, _ in made)
    say(
        f"{len(found.datasets)} datasets with {rows} rows: {replicas} orchestrators and {found.workers} workers"
        f" made the same bytes as one process"
    )
    assert found.datasets == expected.datasets
    assert (expected.workers, found.workers, replicas) == (1, 4, 2)
