"""Frees the artifact store of what runs left behind whose result was not taken: killed, superseded, failed.

What a run wrote goes a day after its attempt has ended, and only as a whole: a run of which one object is referred
to stays. Claims of units lie beside the runs, are tiny, and stay too.
"""

import asyncio
import time
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from caravan_common.artifacts import ArtifactStore, attempt_prefix, run_of
from caravan_orchestrator.loops.apart import each_apart
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.dispatch import Dispatch, DueRow

log = structlog.get_logger()

KEPT = timedelta(days=1)
BATCH = 1_000
LOOK_AGAIN_SECONDS = 24 * 3600.0
_AT_ONCE = 50
# As long as listing and deleting of so many runs may take before another replica tries them too.
VISIBILITY_SECONDS = 600.0

_LOOK_AT_NEXT = """
with seen as (select upto from running.collection for update skip locked),
fresh as (select a.attempt_id, a.flow_id, a.client_account_id, a.engagement_id
  from running.attempt_tenants a, seen
  where a.attempt_id > seen.upto and a.attempt_id < $1 order by a.attempt_id limit $2),
planned as (insert into running.due (kind, id, flow_id, client_account_id, engagement_id, at)
  select 'collect', attempt_id, flow_id, client_account_id, engagement_id, now() from fresh
  on conflict (kind, id) do nothing)
update running.collection set upto = (select attempt_id from fresh order by attempt_id desc limit 1)
where exists (select 1 from fresh)
"""
_ENDED_AT = "select ended_at from phase_attempts where id = $1"
_REFERRED_TO = """
select artifact_key from artifacts where flow_id = $1
union select artifact_key from datasets where flow_id = $1
union select transcript ->> 'key' from phase_attempts where flow_id = $1 and transcript ->> 'key' is not null
"""


class Collecting:
    def __init__(
        self, dispatch: Dispatch, database: SqlDatabase, store: ArtifactStore, kept: timedelta = KEPT
    ) -> None:
        self._dispatch, self._database, self._store, self._kept = dispatch, database, store, kept

    async def step(self) -> bool:
        """Attempts that have become old enough are noted as due, then those due are collected."""
        await self._dispatch.execute(
            _LOOK_AT_NEXT, _first_id_at(time.time() - self._kept.total_seconds()), BATCH
        )
        due = await self._dispatch.claim_due("collect", _AT_ONCE, VISIBILITY_SECONDS)
        await each_apart(due, self._collect)
        return bool(due)

    async def _collect(self, row: DueRow) -> None:
        async with self._database.transaction(row.tenant) as transaction:
            run = transaction.connection.exec_driver_sql
            ended: datetime | None = (await run(_ENDED_AT, (row.id,))).scalar_one_or_none()
            ripe = ended is not None and transaction.now - ended >= self._kept
            kept = [key for (key,) in await run(_REFERRED_TO, (row.flow_id,))] if ripe else []
        if not ripe:
            await self._dispatch.keep("collect", [row], LOOK_AGAIN_SECONDS)
            return
        prefix = attempt_prefix(row.tenant, row.flow_id, row.id)
        removed = await asyncio.to_thread(remove_runs, self._store, prefix, kept)
        if removed:
            log.info("orchestrator.artifacts_collected", attempt_id=str(row.id), objects=removed)
        await self._dispatch.done("collect", row)


def remove_runs(store: ArtifactStore, prefix: str, kept: Collection[str]) -> int:
    """Deletes what runs of the attempt wrote of which no key is kept; the number of objects. Repeatable."""
    taken = {None} | {run_of(key, prefix) for key in kept}
    spare = [key for key in store.keys(prefix) if run_of(key, prefix) not in taken]
    store.delete(spare)
    return len(spare)


def _first_id_at(seconds: float) -> UUID:
    """The smallest UUIDv7 of that time: attempts' ids rise with the time of their creation."""
    return UUID(int=max(0, int(seconds * 1000)) << 80)
