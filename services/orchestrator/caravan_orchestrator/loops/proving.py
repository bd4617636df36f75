"""Carries rollbacks to their end: undo of the next flow, and when all is back, SQL says whether it is as before."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from caravan_orchestrator.loops.apart import each_apart
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.dispatch import Dispatch, DueRow
from caravan_orchestrator.store.proof import compute_proof
from caravan_orchestrator.usecases.rollbacks import carry_rollback_on

# Until index and fold have caught up, it is looked at again this often.
VISIBILITY_SECONDS = 0.5


class Proving:
    def __init__(self, dispatch: Dispatch, database: SqlDatabase) -> None:
        self._dispatch, self._database = dispatch, database

    async def step(self) -> bool:
        await each_apart(await self._dispatch.claim_due("rollback", 4, VISIBILITY_SECONDS), self._look_at)
        return False

    async def _look_at(self, row: DueRow) -> None:
        async with self._database.transaction(row.tenant) as transaction:

            async def prove(estate: UUID) -> Mapping[str, Any] | None:
                return await compute_proof(transaction, row.id, estate)

            settled = await carry_rollback_on(transaction, row.id, prove)
        if settled:
            await self._dispatch.done("rollback", row)
