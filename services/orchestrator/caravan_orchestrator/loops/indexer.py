"""Copies rows of accepted datasets into the index, off the reply's path: small ones together, large ones by batches."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import structlog

from caravan_common.artifacts import ArtifactDoesNotExist, ArtifactStore
from caravan_common.contracts import Tenant
from caravan_orchestrator.domain.tenancy import by_tenant
from caravan_orchestrator.loops.apart import each_apart, fails_all
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.dispatch import Dispatch, DueRow
from caravan_orchestrator.store.indexing import (
    BatchReader,
    IndexJob,
    copy_batch,
    find_jobs,
    finish_jobs,
    text_of,
)
from caravan_orchestrator.store.yielding import PAUSE_SECONDS, find_waiting

log = structlog.get_logger()

# Longer than one batch takes, after which the claim is made anew. What a killed indexer had claimed waits no longer
# than this; a second indexer beside the first would only do the same again.
VISIBILITY_SECONDS = 15.0
GONE_SECONDS = 300.0
AT_ONCE = 64
# Datasets up to this many rows share a transaction; a batch of a large one is 20,000 rows.
SMALL_ROWS = 500


class Indexer:
    """Every batch is a transaction of its own and repeatable; a large dataset goes on after its last batch."""

    def __init__(
        self,
        dispatch: Dispatch,
        database: SqlDatabase,
        store: ArtifactStore,
        wake: Callable[[Collection[str]], None],
    ) -> None:
        self._dispatch, self._database, self._store, self._wake = dispatch, database, store, wake

    async def step(self) -> bool:
        due = await self._dispatch.claim_due("index", AT_ONCE, VISIBILITY_SECONDS)
        left = {row.id: row for row in due}
        tenants = by_tenant(due, lambda row: row.tenant)
        await each_apart(tenants, lambda group: self._together_or_apart(group[1], left))
        return len(due) == AT_ONCE

    async def _together_or_apart(self, rows: Sequence[DueRow], left: dict[UUID, DueRow]) -> None:
        try:
            await self._work(rows, left)
        except Exception as error:
            if fails_all(error):
                raise
            await each_apart(rows, lambda row: self._alone(row, left))

    async def _work(self, rows: Sequence[DueRow], left: dict[UUID, DueRow]) -> None:
        """Of one tenant. `left`: all that this step has claimed and not ended; their claims are kept meanwhile."""

        async def keep() -> None:
            await self._dispatch.keep("index", list(left.values()), VISIBILITY_SECONDS)

        waiting = await self._index(rows[0].tenant, rows, keep)
        await self._dispatch.done_all("index", [row for row in rows if row.id not in waiting])
        await self._dispatch.keep("index", [row for row in rows if row.id in waiting], PAUSE_SECONDS)
        for row in rows:
            del left[row.id]
        self._wake(("fold",))

    async def _alone(self, row: DueRow, left: dict[UUID, DueRow]) -> None:
        """What fails is tried again: a store may be restored. Its claim is kept no longer."""
        try:
            await self._work([row], left)
        except ArtifactDoesNotExist as error:
            log.error("orchestrator.artifact_gone", dataset=str(row.id), key=str(error))  # noqa: TRY400 - no trace
            await self._dispatch.keep("index", [row], GONE_SECONDS)
            del left[row.id]
        except Exception as error:
            log.error("orchestrator.not_indexed", dataset=str(row.id), error=repr(error))  # noqa: TRY400 - the loop's
            del left[row.id]
            raise

    async def _index(
        self, tenant: Tenant, rows: Sequence[DueRow], keep: Callable[[], Awaitable[None]]
    ) -> set[UUID]:
        """The datasets that let a phase of their flow go first (store/yielding.py): they go on where they are."""
        async with self._database.transaction(tenant) as transaction:
            jobs = await find_jobs(transaction, [row.id for row in rows])
            waiting = await find_waiting(transaction, [job.id for job in jobs])
        small = [job for job in jobs if job.rows <= SMALL_ROWS]
        with TemporaryDirectory(prefix="caravan-index-") as folder:
            if small:
                await self._index_together(tenant, small, Path(folder))
                await keep()
            for job in jobs:
                if job.rows > SMALL_ROWS and job.id not in waiting:
                    waiting |= await self._index_by_batches(tenant, job, Path(folder), keep)
        return waiting

    async def _index_together(self, tenant: Tenant, jobs: Sequence[IndexJob], folder: Path) -> None:
        def read() -> bytes:
            paths = [self._store.get_path(job.artifact_key, folder) for job in jobs]
            return b"".join(text_of(job, path) for job, path in zip(jobs, paths, strict=True))

        text = await asyncio.to_thread(read)
        async with self._database.transaction(tenant) as transaction:
            if text:
                await copy_batch(transaction, text, jobs)
            await finish_jobs(transaction, jobs)

    async def _index_by_batches(
        self, tenant: Tenant, job: IndexJob, folder: Path, keep: Callable[[], Awaitable[None]]
    ) -> set[UUID]:
        """While one batch is copied the next one is worded: two are in memory, however long the dataset is.

        Answers the dataset's id where it waits before its last batch.
        """
        path = await asyncio.to_thread(self._store.get_path, job.artifact_key, folder)
        reader = BatchReader(job, path)
        reading = asyncio.create_task(asyncio.to_thread(reader.next_batch))
        try:
            while batch := await reading:
                reading = asyncio.create_task(asyncio.to_thread(reader.next_batch))
                async with self._database.transaction(tenant) as transaction:
                    await copy_batch(transaction, batch.text, [job], progress=batch.end)
                    waiting = await find_waiting(transaction, [job.id])
                if waiting:
                    return waiting
                await keep()
        finally:
            # Its thread can't be stopped, and the folder it reads from is about to go.
            await asyncio.wait([reading])
        async with self._database.transaction(tenant) as transaction:
            await finish_jobs(transaction, [job])
        return set()
