"""Looks at flows whose next_wakeup_at has come: retries, attempts nobody started, rollbacks to carry on."""

from itertools import groupby

from caravan_orchestrator.store.dispatch import Dispatch
from caravan_orchestrator.usecases.ports import Database
from caravan_orchestrator.usecases.timers import wake

AT_ONCE = 64
VISIBILITY_SECONDS = 30.0


class Wakeups:
    def __init__(self, dispatch: Dispatch, database: Database) -> None:
        self._dispatch, self._database = dispatch, database

    async def step(self) -> bool:
        """Flows of one client share a transaction."""
        due = await self._dispatch.claim_due("wakeup", AT_ONCE, VISIBILITY_SECONDS)
        ordered = sorted(
            due, key=lambda row: (str(row.tenant.client_account_id), str(row.tenant.engagement_id))
        )
        for tenant, rows in groupby(ordered, key=lambda row: row.tenant):
            await wake(self._database, tenant, [row.id for row in rows])
        return len(due) == AT_ONCE
