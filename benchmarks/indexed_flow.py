"""The whole discovery of files as in production: gateway's records, workers' children, index and fold in PostgreSQL."""

import asyncio
import tempfile
import time
from functools import partial
from pathlib import Path
from uuid import UUID

import psutil

from benchmarks.phases_in_turn import report, resident
from caravan_common.artifacts import ArtifactStore, file_sha256
from caravan_common.contracts import ArtifactRef, UploadRef, new_id
from caravan_discovery.flow import SERVICE
from tests.support.inprocess_platform import InProcessPlatform, inprocess_platform
from tests.support.postgres import Database, choose_postgres
from tests.support.waiting import eventually

_SAMPLE_SECONDS = 0.2
_PATIENCE = 1800
_DUE = "select count(*) from running.due where kind in ('index', 'fold')"
_INDEXED = """
select name, rows, extract(epoch from indexed_at - created_at) from datasets where flow_id = $1 and index = 'rows'
order by rows desc limit 3
"""


def measure_indexed(files: tuple[Path, ...], as_of: str) -> None:
    """Prints seconds until the flow is complete, and until index and asset table have caught up with it."""
    database = choose_postgres().open()
    try:
        with tempfile.TemporaryDirectory(prefix="caravan-indexed-") as folder:
            asyncio.run(_measure(files, as_of, database, Path(folder)))
    finally:
        database.close()


async def _measure(files: tuple[Path, ...], as_of: str, database: Database, folder: Path) -> None:
    async with inprocess_platform(database, folder, SERVICE, slots=1) as platform:
        store = ArtifactStore.open((folder / "artifacts").as_uri())
        uploads = [_upload(store, platform, file) for file in files]
        peak = [0.0]
        watch = asyncio.create_task(_watch(peak))
        started = time.monotonic()
        flow = await platform.create(
            "discovery", uploads=uploads, configuration={"as_of": as_of}, auto_accept=True
        )
        if await platform.reach(flow, "completed", "failed", timeout=_PATIENCE) == "failed":
            raise SystemExit("discovery failed")
        complete = time.monotonic() - started
        await eventually(partial(_caught_up, platform), timeout=_PATIENCE, every=_SAMPLE_SECONDS)
        seconds = time.monotonic() - started
        watch.cancel()
        await _report(platform, flow, complete, seconds)
        report("ingest", "peak memory of the platform", round(peak[0]), "MiB", {})


def _upload(store: ArtifactStore, platform: InProcessPlatform, file: Path) -> UploadRef:
    key = f"{platform.tenant.client_account_id}/{platform.tenant.engagement_id}/uploads/{file.name}"
    digest = file_sha256(file)
    store.put_file(key, file, sha256=digest, move=False)
    artifact = ArtifactRef(key=key, sha256=digest, size=file.stat().st_size, media_type="text/csv")
    return UploadRef(upload_id=str(new_id()), name=file.name, artifact=artifact)


async def _caught_up(platform: InProcessPlatform) -> bool:
    async with platform.database.dispatch.connect() as connection:
        return bool((await connection.exec_driver_sql(_DUE)).scalar_one() == 0)


async def _watch(peak: list[float]) -> None:
    """Keeps in `peak` the highest sum of PSS over this process and its children, but for PostgreSQL's."""
    while True:
        await asyncio.sleep(_SAMPLE_SECONDS)
        family = [psutil.Process(), *psutil.Process().children(recursive=True)]
        ours = [process.pid for process in family if "postgres" not in _name(process)]
        peak[0] = max(peak[0], sum(resident(pid) for pid in ours))


def _name(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.NoSuchProcess:
        return ""


async def _report(platform: InProcessPlatform, flow: UUID, complete: float, seconds: float) -> None:
    largest = {
        name: {"rows": rows, "seconds": round(float(took), 1)}
        for name, rows, took in await platform.query(_INDEXED, flow)
    }
    assets = (await platform.query("select count(*) from assets"))[0][0]
    more = {"indexed": largest, "assets": assets}
    report("ingest", "flow complete", round(complete, 1), "s", {})
    report("ingest", "indexed and folded", round(seconds, 1), "s", more)
