"""Brings the asset table of an estate in line with what is active now: one transaction, off the reply's path."""

from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.dispatch import Dispatch
from caravan_orchestrator.store.fold import fold

# A fold may take longer than this: whoever claims it meanwhile finds it locked, until its claimer is done or dead.
VISIBILITY_SECONDS = 5.0


class Folding:
    def __init__(self, dispatch: Dispatch, database: SqlDatabase) -> None:
        self._dispatch, self._database = dispatch, database

    async def step(self) -> bool:
        """One estate at a time; the advisory lock keeps two folds of it apart."""
        due = await self._dispatch.claim_due("fold", 1, VISIBILITY_SECONDS)
        for row in due:
            async with self._database.transaction(row.tenant) as transaction:
                run = transaction.run_long
                [[locked]] = await run(
                    "select pg_try_advisory_xact_lock(hashtextextended($1, 0))", f"fold {row.id}"
                )
                if not locked:
                    continue
                # Words of a million names are sorted: by default that goes through files.
                await run("set local work_mem = '128MB'")
                await fold(transaction, row.id)
            await self._dispatch.done("fold", row)
        return bool(due)
