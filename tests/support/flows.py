"""Flows as a test gives and watches them, beside whatever carries them out."""

import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from caravan_common.contracts import Tenant, new_id
from caravan_orchestrator.domain.cascade import RollbackOrder
from caravan_orchestrator.domain.draft import Draft
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.usecases import rollbacks
from caravan_orchestrator.usecases.changes import change_flow
from caravan_orchestrator.usecases.flows import NewFlow, create_flow
from tests.support.waiting import eventually


async def new_tenant(database: SqlDatabase, name: str | None = None) -> Tenant:
    tenant = Tenant(client_account_id=new_id(), engagement_id=new_id())
    async with database.transaction(tenant) as transaction:
        run = transaction.connection.exec_driver_sql
        await run(
            "insert into client_accounts (client_account_id, name) values ($1, $2)",
            (tenant.client_account_id, name or str(tenant.client_account_id)),
        )
        await run(
            "insert into engagements (id, client_account_id, name) values ($1, $2, 'main')",
            (tenant.engagement_id, tenant.client_account_id),
        )
    return tenant


class Flows:
    """`tenant` is ready to use; queries run as that tenant."""

    def __init__(self, database: SqlDatabase, tenant: Tenant, kick: Callable[[], None]) -> None:
        self.database, self.tenant, self.kick = database, tenant, kick

    async def create(self, flow_type: str, **new: Any) -> UUID:
        async with self.database.transaction(self.tenant) as transaction:
            flow = await create_flow(transaction, NewFlow(flow_type, "a flow", **new), "ann")
        self.kick()
        return flow.id

    async def order(self, flow_id: UUID, give: Callable[[Draft], Any], *, everything: bool = False) -> Any:
        async with self.database.transaction(self.tenant) as transaction:
            _, result = await change_flow(transaction, flow_id, give, everything=everything)
        self.kick()
        return result

    async def query(self, sql: str, *arguments: Any, tenant: Tenant | None = None) -> Sequence[Any]:
        async with self.database.transaction(tenant or self.tenant) as transaction:
            return (await transaction.connection.exec_driver_sql(sql, arguments)).all()

    async def status(self, flow_id: UUID) -> tuple[str, str | None]:
        row = (await self.query("select status, reason from migration_flows where id = $1", flow_id))[0]
        return row[0], row[1]

    async def reach(self, flow_id: UUID, *statuses: str, timeout: float = 60) -> str:
        """Waits until the flow has one of the statuses; says what it has when it never does."""

        async def reached() -> str | None:
            status, _ = await self.status(flow_id)
            return status if status in statuses else None

        try:
            found = await eventually(reached, timeout=timeout, what=f"flow is {statuses}")
        except TimeoutError as error:
            raise TimeoutError(f"{error}; it is {await self.status(flow_id)}") from None
        assert found is not None
        return found

    async def settled(self) -> float:
        """Every dataset of the tenant is indexed and every estate folded, after the seconds returned.

        Other tenants may wait for a store that is gone.
        """
        began = time.monotonic()

        async def quiet() -> bool:
            async with self.database.dispatch.connect() as connection:
                sql = (
                    "select count(*) from running.due"
                    " where kind in ('index', 'fold', 'rollback') and client_account_id = $1"
                )
                due = await connection.exec_driver_sql(sql, (self.tenant.client_account_id,))
                return bool(due.scalar_one() == 0)

        await eventually(quiet, timeout=60, what="index and fold are done")
        return time.monotonic() - began

    async def roll_back(self, flow_id: UUID, kind: str, phase: str | None = None) -> UUID:
        """Orders the rollback that its plan says now; returns its id."""
        async with self.database.transaction(self.tenant) as transaction:
            planned = await rollbacks.plan(transaction, flow_id, kind, phase)
        digest = planned.describe()["digest"]
        async with self.database.transaction(self.tenant) as transaction:
            order = RollbackOrder(kind, phase, digest, actor="ann", reason="a test")
            rollback_id = await rollbacks.start(transaction, flow_id, order)
        self.kick()
        return rollback_id
