"""Looks at flows whose next_wakeup_at has come: retries, attempts nobody started, rollbacks to carry on."""

from collections.abc import Sequence
from itertools import groupby
from uuid import UUID

from caravan_common.contracts import Tenant
from caravan_orchestrator.loops.apart import each_apart, fails_all
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
        tenants = [
            (tenant, [row.id for row in rows])
            for tenant, rows in groupby(ordered, key=lambda row: row.tenant)
        ]
        await each_apart(tenants, self._together_or_apart)
        return len(due) == AT_ONCE

    async def _together_or_apart(self, flows: tuple[Tenant, Sequence[UUID]]) -> None:
        tenant, ids = flows
        try:
            await wake(self._database, tenant, ids)
        except Exception as error:
            if fails_all(error):
                raise
            await each_apart(ids, lambda id_: wake(self._database, tenant, [id_]))
