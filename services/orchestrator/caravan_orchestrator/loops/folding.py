"""Brings the asset table of an estate in line with what is active now: off the reply's path."""

import asyncio

from caravan_orchestrator.store.database import SqlDatabase, SqlTransaction
from caravan_orchestrator.store.dispatch import Dispatch, DueRow
from caravan_orchestrator.store.fold import (
    fold,
    fold_first,
    is_expected,
    large_first_dataset,
    try_lock_fold,
    write_first_terms,
)
from caravan_orchestrator.store.yielding import PAUSE_SECONDS, must_wait

# A fold may take longer than this: whoever claims it meanwhile finds it locked, until its claimer is done or dead.
VISIBILITY_SECONDS = 5.0


class Folding:
    """One transaction; the terms of a large new estate have one beside it, which ends first (ADR-031)."""

    def __init__(self, dispatch: Dispatch, database: SqlDatabase) -> None:
        self._dispatch, self._database = dispatch, database

    async def step(self) -> bool:
        """One estate at a time; the advisory lock keeps two folds of it apart."""
        due = await self._dispatch.claim_due("fold", 1, VISIBILITY_SECONDS)
        for row in due:
            async with self._database.transaction(row.tenant) as transaction:
                if not await try_lock_fold(transaction, row.id):
                    continue
                folded = await self._fold(transaction, row)
            if folded:
                await self._dispatch.done("fold", row)
            else:
                await self._dispatch.keep("fold", [row], PAUSE_SECONDS)
        return bool(due)

    async def _fold(self, transaction: SqlTransaction, row: DueRow) -> bool:
        """False where it lets a phase go first (store/yielding.py)."""
        if await is_expected(transaction, row.id):
            return True
        dataset = await large_first_dataset(transaction, row.id)
        if dataset is None:
            await fold(transaction, row.id)
            return True
        if await must_wait(transaction, row.id, dataset):
            return False

        async def write_terms() -> None:
            async with self._database.transaction(row.tenant) as beside:
                await write_first_terms(beside, dataset)

        # Both to their end, also when one fails: a statement that is cancelled may leave its connection behind.
        ended = await asyncio.gather(
            fold_first(transaction, row.id, dataset), write_terms(), return_exceptions=True
        )
        for error in ended:
            if error is not None:
                raise error
        return True
