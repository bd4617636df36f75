"""Looks at flows whose next_wakeup_at has come: retries, attempts nobody started, rollbacks to carry on."""

from collections.abc import Sequence

from caravan_common.contracts import Tenant
from caravan_orchestrator.domain.tenancy import by_tenant
from caravan_orchestrator.loops.apart import each_apart, fails_all
from caravan_orchestrator.store.dispatch import Dispatch, DueRow
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
        await each_apart(by_tenant(due, lambda row: row.tenant), self._together_or_apart)
        return len(due) == AT_ONCE

    async def _together_or_apart(self, due: tuple[Tenant, Sequence[DueRow]]) -> None:
        tenant, ids = due[0], [row.id for row in due[1]]
        try:
            await wake(self._database, tenant, ids)
        except Exception as error:
            if fails_all(error):
                raise
            await each_apart(ids, lambda id_: wake(self._database, tenant, [id_]))
