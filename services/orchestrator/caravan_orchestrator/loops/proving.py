"""Proves rollbacks: when pointers are back and the asset table has caught up, SQL says whether all is as before."""

from functools import partial
from uuid import UUID

from caravan_orchestrator.domain.model import Flow
from caravan_orchestrator.domain.rolling_back import finish_rollback
from caravan_orchestrator.loops.apart import each_apart
from caravan_orchestrator.store.database import SqlDatabase, SqlTransaction
from caravan_orchestrator.store.dispatch import Dispatch, DueRow
from caravan_orchestrator.store.proof import compute_proof
from caravan_orchestrator.usecases.changes import change_flow

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
            flow = (await transaction.lock_flows([row.flow_id]))[row.flow_id]
            if flow.rollback is None or flow.rollback.id != row.id or flow.rollback.status != "proving":
                settled = True
            else:
                settled = await self._prove(transaction, flow, row.id)
        if settled:
            await self._dispatch.done("rollback", row)

    async def _prove(self, transaction: SqlTransaction, flow: Flow, rollback_id: UUID) -> bool:
        proof = await compute_proof(transaction, rollback_id, flow.id, flow.estate_id)
        if proof is None:
            return False
        await change_flow(transaction, flow.id, partial(finish_rollback, proof=proof))
        return True
