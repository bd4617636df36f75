"""A model of PostgreSQL behind the ports of the use cases: row locks, atomic commits, failures at every step."""

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from caravan_common.contracts import AttemptHeartbeat, FlowDefinition, Tenant
from caravan_orchestrator.domain.decision import Decision
from caravan_orchestrator.domain.model import Flow, Origin
from caravan_orchestrator.store.dispatch import CLAIM_SECONDS, OutboxRow
from tests.simulation.faults import Faults
from tests.simulation.kernel import Future, Kernel, Process
from tests.simulation.sample import DEFINITIONS
from tests.simulation.tables import EPOCH, OutboxMessage, StoredEdit, StoredQuestion, Tables

LOCK_TIMEOUT = 15.0


class DatabaseAway(OSError):
    """The server, the connection or the commit failed. Whether it was committed is not known."""


class Locks:
    """Row locks and unique keys not yet committed. A cycle of waiters is a deadlock: the last one loses."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._owner: dict[object, ModelTransaction] = {}
        self._queue: dict[object, list[tuple[ModelTransaction, Future]]] = {}

    async def take(self, transaction: "ModelTransaction", key: object) -> None:
        owner = self._owner.get(key)
        if owner is transaction:
            return
        if owner is None:
            self._give(key, transaction)
            return
        future = Future()
        self._queue.setdefault(key, []).append((transaction, future))
        transaction.waits_for = key
        if self._is_cycle(transaction):
            transaction.waits_for = None
            self._queue[key].remove((transaction, future))
            raise DatabaseAway("deadlock detected")
        self._kernel.later(LOCK_TIMEOUT, future.set, "timeout")
        outcome = await future
        transaction.waits_for = None
        if outcome == "timeout":
            self._queue[key] = [entry for entry in self._queue[key] if entry[1] is not future]
            raise DatabaseAway("lock timeout")

    def _give(self, key: object, transaction: "ModelTransaction") -> None:
        self._owner[key] = transaction
        transaction.held.append(key)

    def _is_cycle(self, start: "ModelTransaction") -> bool:
        seen, at = {id(start)}, self._owner.get(start.waits_for)
        while at is not None:
            if id(at) in seen:
                return True
            seen.add(id(at))
            at = None if at.waits_for is None else self._owner.get(at.waits_for)
        return False

    def release(self, transaction: "ModelTransaction") -> None:
        for key in transaction.held:
            del self._owner[key]
            queue = self._queue.get(key, [])
            while queue:
                following, future = queue.pop(0)
                if not following.ended and not future.done:
                    self._give(key, following)
                    future.set("given")
                    break
        transaction.held = []


class Server:
    """The database server all sessions share. `observe` is called after each commit with its decisions."""

    def __init__(self, kernel: Kernel, tables: Tables, faults: Faults) -> None:
        self.kernel, self.tables, self.faults = kernel, tables, faults
        self.locks = Locks(kernel)
        self.open: set[ModelTransaction] = set()
        self.down_until = 0.0
        self.before_commit: Callable[[Sequence[Decision]], None] = lambda _: None
        self.after_commit: Callable[[Sequence[Decision]], None] = lambda _: None

    def go_down(self, seconds: float) -> None:
        """Every open transaction is lost."""
        self.kernel.log("postgres", "down for {:.0f} s", seconds)
        self.down_until = self.kernel.now + seconds
        for transaction in sorted(self.open, key=lambda t: t.number):
            transaction.abort()


class ModelTransaction:
    """See usecases.ports.Transaction. Its writes are applied at once when it commits."""

    _numbers = 0

    def __init__(
        self,
        server: Server,
        process: Process,
        tenant: Tenant,
        *,
        claims: bool,
        window: Callable[[str], int] | None,
    ) -> None:
        self._server, self._process, self.tenant = server, process, tenant
        self._claims, self._window, self.claimed = claims, window, list[OutboxRow]()
        ModelTransaction._numbers += 1
        self.number = ModelTransaction._numbers
        self.now: datetime = server.tables.time()
        self.held: list[object] = []
        self.waits_for: object | None = None
        self.ended = False
        self.written = False
        self._messages: set[UUID] = set()
        self.fresh: frozenset[UUID] = frozenset()
        self._decisions: list[Decision] = []
        self._withdrawn: list[UUID] = []
        self._locked_rows: list[Any] = []
        self._children: list[Flow] = []
        self._changes: list[Callable[[], None]] = []
        self.connection = SimpleNamespace(exec_driver_sql=self._ignore)
        server.open.add(self)

    async def _ignore(self, *_: object) -> None:
        """Settings of the session."""

    async def statement(self) -> None:
        await self._process.step()
        if self.ended or self._server.kernel.now < self._server.down_until:
            raise DatabaseAway("the connection was lost")
        if self._server.faults.hits("statement_fails"):
            raise DatabaseAway("the statement failed")

    async def record(self, messages: Collection[UUID]) -> frozenset[UUID]:
        """In the inbox, with the transaction's first statement; those not seen before."""
        await self.statement()
        tables = self._server.tables
        for id_ in sorted(messages):
            if id_ in tables.inbox:
                continue
            await self._server.locks.take(self, ("inbox", id_))
            if id_ not in tables.inbox:
                self._messages.add(id_)
        return frozenset(self._messages)

    async def lock_flows(
        self, ids: Collection[UUID], *, attempts: Collection[UUID] = (), everything: bool = False
    ) -> dict[UUID, Flow]:
        await self.statement()
        tables = self._server.tables
        known = [id_ for id_ in sorted(set(ids)) if self._is_ours(id_)]
        for id_ in known:
            await self._server.locks.take(self, ("flow", id_))
        await self.statement()
        return {id_: tables.load(id_, attempts, everything) for id_ in known}

    def _is_ours(self, flow_id: UUID) -> bool:
        rows = self._server.tables.flows.get(flow_id)
        return rows is not None and rows.base.tenant.client_account_id == self.tenant.client_account_id

    async def definition(self, flow_type: str, version: str) -> FlowDefinition:
        return DEFINITIONS[flow_type]

    async def newest_definition(self, flow_type: str) -> FlowDefinition | None:
        """Now and then nobody has announced it yet."""
        await self.statement()
        return None if self._server.faults.hits("nobody_announced") else DEFINITIONS.get(flow_type)

    async def add_child(self, child: Flow, source_flow_type: str, created_by: str | None) -> Flow:
        await self.statement()
        self._children.append(child)
        return child

    async def grown_from(self, flow_id: UUID) -> Sequence[UUID]:
        await self.statement()
        return self._server.tables.grown_from(flow_id)

    async def flows_in_rollback(self, rollback_id: UUID) -> Sequence[UUID]:
        await self.statement()
        return self._server.tables.flows_in_rollback(rollback_id)

    async def expired_leases(self, attempts: Collection[UUID]) -> frozenset[UUID]:
        await self.statement()
        tables = self._server.tables
        return frozenset(
            id_
            for id_ in attempts
            if (row := tables.due.get(("lease", id_))) and row.lease_at <= tables.lease_clock
        )

    async def unsent(self, flow_ids: Collection[UUID]) -> frozenset[UUID]:
        await self.statement()
        rows = self._server.tables.outbox.values()
        return frozenset(
            r.attempt_id
            for r in rows
            if r.attempt_id and r.flow_id in flow_ids and r.kind == "command" and r.sent_at is None
        )

    async def served(self) -> frozenset[tuple[str, int]]:
        """Now and then nobody has announced themselves lately, though somebody may be at work."""
        await self.statement()
        away = self._server.faults.hits("nobody_announced")
        return (
            frozenset() if away else frozenset((each.flow_type, each.major) for each in DEFINITIONS.values())
        )

    async def withdraw(self, flow_id: UUID) -> frozenset[UUID]:
        await self.statement()
        now, taken = self._server.kernel.now, []
        for row in self._server.tables.outbox.values():
            free = row.sent_at is None and (row.claimed_until is None or row.claimed_until < now)
            if row.flow_id == flow_id and row.kind == "command" and free and row.busy is None:
                row.busy = self
                self._locked_rows.append(row)
                self._withdrawn.append(row.id)
                taken.append(row.attempt_id)
        return frozenset(id_ for id_ in taken if id_ is not None)

    async def renew_leases(self, beats: Sequence[AttemptHeartbeat]) -> set[UUID]:
        """store.heartbeats.renew_leases; committed at once, which is the earliest it could be."""
        await self.statement()
        tables, renewed = self._server.tables, set()
        for beat in {beat.attempt_id: beat for beat in beats}.values():
            if tables.renew_lease(beat.attempt_id, beat.flow_id, beat.epoch, beat.run_id):
                renewed.add(beat.attempt_id)
        return renewed

    async def answer(self, flow_id: UUID, phase: str, key: str) -> bool:
        """An open question is marked answered; False when it is not open."""
        await self.statement()
        for question in self._server.tables.flows[flow_id].questions:
            if (question.phase, question.key, question.status) == (phase, key, "open"):
                self._changes.append(lambda q=question: _mark_answered(q))
                return True
        return False

    async def settle(self, edit: StoredEdit, outcome: str) -> None:
        """usecases.plans: in the same transaction as the decision."""
        await self.statement()

        def change() -> None:
            edit.outcome = outcome

        self._changes.append(change)

    async def write(self, decisions: Sequence[Decision]) -> None:
        await self.statement()
        self._decisions.extend(decisions)
        self.written = True
        gone = {
            *(i for d in decisions for i in d.ended),
            *(c.attempt_id for d in decisions for c in d.commands),
        }
        for row in self._server.tables.outbox.values():
            if row.attempt_id in gone and row.busy is None:
                row.busy = self
                self._locked_rows.append(row)

    async def commit(self) -> None:
        server = self._server
        await self.statement()
        self._apply()
        if server.faults.hits("commit_outcome_lost"):
            server.kernel.log(self._process.name, "committed, but does not hear of it")
            raise DatabaseAway("the connection was lost at commit")
        await self._process.step()

    def _apply(self) -> None:
        server, tables = self._server, self._server.tables
        for child in self._children:
            tables.insert_flow(child)
        server.before_commit(self._decisions)
        for change in self._changes:
            change()
        for id_ in self._withdrawn:
            tables.outbox.pop(id_, None)
        tables.inbox |= self._messages
        rows = tables.apply(self._decisions)
        if self._has_room(rows):
            self._claim(row for row in rows if row.kind == "command")
        if self._claims:
            self._claim(row for row in rows if row.kind != "command")
        self.abort()
        server.after_commit(self._decisions)

    def _has_room(self, rows: Collection[OutboxMessage]) -> bool:
        """Each queue has room for all of its new commands, and nobody waits there."""
        new = [row for row in rows if row.kind == "command"]
        if self._window is None or not new:
            return False
        now = (self.now - EPOCH).total_seconds()
        for key in {row.routing_key for row in new}:
            known = [
                r for r in self._server.tables.outbox.values() if r.kind == "command" and r.routing_key == key
            ]
            out = [r for r in known if r.sent_at is not None or (r.claimed_until or 0.0) > now]
            mine = [row for row in new if row.routing_key == key]
            if len(out) + len(mine) > self._window(key) or len(known) > len(out) + len(mine):
                return False
        return True

    def _claim(self, rows: Iterable[OutboxMessage]) -> None:
        """Written as claimed since the transaction's beginning."""
        for row in rows:
            row.claimed_until = (self.now - EPOCH).total_seconds() + CLAIM_SECONDS
            self.claimed.append(row.as_claimed())

    def abort(self) -> None:
        """Ends it; locks are free. After a commit there is nothing left to undo."""
        if self.ended:
            return
        self.ended = True
        for row in self._locked_rows:
            row.busy = None
        self._server.open.discard(self)
        self._server.locks.release(self)


def _mark_answered(question: StoredQuestion) -> None:
    question.status = "answered"


class Session:
    """A process's access to the server: usecases.ports.Database."""

    def __init__(self, server: Server, process: Process) -> None:
        self.server, self.process = server, process
        self.dispatch = self
        self.publish: Callable[[Sequence[OutboxRow]], None] | None = None
        self.window: Callable[[str], int] | None = None
        self._mine: set[ModelTransaction] = set()
        process.at_death.append(self._lose)

    def _lose(self) -> None:
        for transaction in sorted(self._mine, key=lambda t: t.number):
            transaction.abort()

    @asynccontextmanager
    async def transaction(
        self, tenant: Tenant, messages: Collection[UUID] = ()
    ) -> AsyncIterator[ModelTransaction]:
        await self.process.step()
        if self.server.kernel.now < self.server.down_until:
            raise DatabaseAway("connection refused")
        window = self.window if messages else None
        transaction = ModelTransaction(
            self.server, self.process, tenant, claims=self.publish is not None, window=window
        )
        self._mine.add(transaction)
        try:
            if messages:
                transaction.fresh = await transaction.record(messages)
            yield transaction
            await transaction.commit()
        finally:
            transaction.abort()
            self._mine.discard(transaction)
        if self.publish is not None and transaction.written:
            self.publish(transaction.claimed)

    async def statement(self) -> None:
        """One that stands alone."""
        await self.process.step()
        if self.server.kernel.now < self.server.down_until or self.server.faults.hits("statement_fails"):
            raise DatabaseAway("connection refused")

    async def tenants_of(self, attempts: Collection[UUID]) -> dict[UUID, Tenant]:
        return {id_: origin.tenant for id_, origin in (await self.origins_of(attempts)).items()}

    async def origins_of(self, attempts: Collection[UUID]) -> dict[UUID, Origin]:
        await self.statement()
        known = self.server.tables.origins
        return {id_: known[id_] for id_ in attempts if id_ in known}
