"""What use cases need of a database. PostgreSQL is one implementation, the simulator's model another."""

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol
from uuid import UUID

from caravan_common.contracts import FlowDefinition, Tenant
from caravan_orchestrator.domain.decision import Decision
from caravan_orchestrator.domain.model import Flow, Origin


class Transaction(Protocol):
    """One unit of work of one tenant: committed when its block ends, undone when it raises.

    `fresh` are those of its messages that were not in the inbox; they are now.
    """

    now: datetime
    fresh: frozenset[UUID]

    async def lock_flows(
        self, ids: Collection[UUID], *, attempts: Collection[UUID] = (), everything: bool = False
    ) -> dict[UUID, Flow]:
        """Locks the rows in order of id and loads the aggregates; unknown ids are absent.

        Open, unit and compensation attempts, and those whose result a waiting phase shows, are
        always loaded; `attempts` names further ones,
        `everything` loads all (for rollbacks).
        """

    async def grown_from(self, flow_id: UUID) -> Sequence[UUID]:
        """The flow and all that has grown from it, whatever their state; unlocked."""

    async def flows_in_rollback(self, rollback_id: UUID) -> Sequence[UUID]:
        """The flow that it was asked for, and those that go with it."""

    async def definition(self, flow_type: str, version: str) -> FlowDefinition:
        """Raises DoesNotExist."""

    async def newest_definition(self, flow_type: str) -> FlowDefinition | None:
        """None while no service has announced the flow type."""

    async def add_child(self, child: Flow, source_flow_type: str, created_by: str | None) -> Flow:
        """Inserts a draft whose parent this transaction has locked; it is created by its parent's creator where
        nobody is named. The answer knows what is left of the client's quota."""

    async def expired_leases(self, attempts: Collection[UUID]) -> frozenset[UUID]:
        """Those whose lease has run out by the lease clock, read under the flow's lock."""

    async def unsent(self, flow_ids: Collection[UUID]) -> frozenset[UUID]:
        """Attempts whose command is still in the outbox, unsent and unclaimed."""

    async def served(self) -> frozenset[tuple[str, int]]:
        """Flow types and majors of which a replica has announced itself lately."""

    async def withdraw(self, flow_id: UUID) -> frozenset[UUID]:
        """Takes unsent, unclaimed commands of the flow back and returns their attempts."""

    async def write(self, decisions: Sequence[Decision]) -> None:
        """Everything the decisions changed, added and ended."""


class Database(Protocol):
    """Opens transactions. `origins_of` is the only look across tenants a use case needs."""

    def transaction(
        self, tenant: Tenant, messages: Collection[UUID] = ()
    ) -> AbstractAsyncContextManager[Transaction]:
        """`messages` are those it takes in: recorded in the inbox with its first statement."""

    async def tenants_of(self, attempts: Collection[UUID]) -> dict[UUID, Tenant]:
        """The tenant of each attempt, as written with it; never taken from a message."""

    async def origins_of(self, attempts: Collection[UUID]) -> dict[UUID, Origin]:
        """Tenant, flow and flow type of each attempt; unknown ones are absent."""
