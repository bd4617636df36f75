"""PostgreSQL as the use cases see it: a transaction of one tenant, under row-level security."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from caravan_common.contracts import FlowDefinition, Tenant
from caravan_common.telemetry import inject_traceparent
from caravan_orchestrator.domain.budgets import TOKENS
from caravan_orchestrator.domain.decision import Decision
from caravan_orchestrator.domain.errors import DoesNotExist
from caravan_orchestrator.domain.model import Flow, Origin
from caravan_orchestrator.store import direct
from caravan_orchestrator.store.additions import additions
from caravan_orchestrator.store.codec import flows_from_json, to_json
from caravan_orchestrator.store.connecting import open_engine
from caravan_orchestrator.store.dispatch import CLAIM_SECONDS, OutboxRow
from caravan_orchestrator.store.flow_rows import insert_child
from caravan_orchestrator.store.load import FLOWS_IN_ROLLBACK, GROWN_FROM, LOAD, LOCK
from caravan_orchestrator.store.quotas import LOCK_QUOTA, QUOTA_LEFT, QUOTAS
from caravan_orchestrator.store.traces import new_traces
from caravan_orchestrator.store.write import CORE, core_payload, outbox_rows

_ORIGINS_KEPT = 50_000
_TENANT = "select now(), set_config('caravan.client', $1, true), '{}'::uuid[]"
_TENANT_AND_INBOX = """
with fresh as (insert into running.inbox (message_id) select unnest($2::uuid[]) on conflict do nothing
               returning message_id)
select now(), set_config('caravan.client', $1, true), array(select message_id from fresh)
"""
_OUTBOX_FIELDS = tuple(field.name for field in fields(OutboxRow))
_LONG_SECONDS = 600
_FOR_LONG = f"""
select set_config('statement_timeout', '{_LONG_SECONDS}s', true), set_config('plan_cache_mode', 'auto', true)
"""
# A stuck transaction must not hold the flow's lock for ever.
_SETTINGS = {
    "application_name": "caravan",
    "statement_timeout": "60000",
    "lock_timeout": "15000",
    "idle_in_transaction_session_timeout": "60000",
    "jit": "off",
    # What is used lies in memory, where a row by its key costs little more than the next of a table.
    "random_page_cost": "1.1",
}


def make_engine(url: str, size: int = 20, *, autocommit: bool = False) -> AsyncEngine:
    """`pool_pre_ping` costs a round trip; a stale connection is retried by the loops instead.

    `autocommit` is for the dispatcher, whose every statement stands alone: a third of the round trips. It does not
    wait for the disk either: a claim or a mark that dies with the server is made again, and repeats a message that
    its receivers know by inbox, epoch and run. What must last opens `store.durable`.

    At most `size` connections, and what was opened is kept: the first transaction on a fresh one, which knows no table
    and no statement yet, costs 25 ms more, so that connections for a rush would make the rush longer.
    """
    lazily = {"synchronous_commit": "off"} if autocommit else {}
    return open_engine(
        url,
        {"server_settings": _SETTINGS | lazily, "command_timeout": 60, "timeout": 10}
        # The driver keeps no statement of more than 15 kB prepared, unless told to.
        | {"max_cacheable_statement_size": 0},
        pool_size=size,
        pool_use_lifo=True,
        max_overflow=0,
        pool_timeout=10,
        json_serializer=to_json,
        json_deserializer=orjson.loads,
        isolation_level="AUTOCOMMIT" if autocommit else "READ COMMITTED",
    )


class SqlTransaction:
    """See usecases.ports.Transaction. `connection` is for repositories of the same unit of work.

    `follow_ups` are the kinds of work that what it has written gives to the loops.

    With `claims`, events and cancels are written as claimed, for whoever opened it to publish after the commit. With
    `window`, commands as well, all of them or none; they come first.
    """

    def __init__(
        self,
        connection: AsyncConnection,
        tenant: Tenant,
        now: datetime,
        fresh: Collection[UUID],
        definitions: "Definitions",
        remember: Callable[[Collection[UUID], Origin], None],
        origins: Callable[[Collection[UUID]], Awaitable[dict[UUID, Origin]]],
        flow_defaults: Mapping[str, Any],
        *,
        claims: bool,
        window: Callable[[str], int] | None,
    ) -> None:
        self.connection, self.tenant, self.now, self.fresh = connection, tenant, now, frozenset(fresh)
        self._definitions, self._remember, self._origins = definitions, remember, origins
        self.flow_defaults = flow_defaults
        self.claimed: list[OutboxRow] = []
        self.decided: list[Decision] = []
        self.written = False
        self.follow_ups: set[str] = set()
        self._claims, self._window = claims, window

    async def _all(self, sql: str, *arguments: Any) -> Sequence[Any]:
        return await direct.run(self.connection, sql, *arguments)

    async def run_long(self, sql: str, *arguments: Any) -> Sequence[Any]:
        """A statement over a whole estate: rows as tuples that also go by name.

        The driver gives up on a statement sooner than the server's own limit lets it, so both are set.
        """
        await self.connection.exec_driver_sql(_FOR_LONG)
        raw = (await self.connection.get_raw_connection()).driver_connection
        assert raw is not None
        rows: Sequence[Any] = await raw.fetch(sql, *arguments, timeout=_LONG_SECONDS)
        return rows

    async def lock_flows(
        self, ids: Collection[UUID], *, attempts: Collection[UUID] = (), everything: bool = False
    ) -> dict[UUID, Flow]:
        await self._all(LOCK, list(ids))
        loaded = await self._all(LOAD, list(ids), list(attempts), everything)
        flows = flows_from_json(loaded[0][0])
        if any(flow.quota_left is not None for flow in flows):
            return await self.with_quota(flows)
        return {flow.id: flow for flow in flows}

    async def grown_from(self, flow_id: UUID) -> Sequence[UUID]:
        return [row[0] for row in await self._all(GROWN_FROM, flow_id)]

    async def flows_in_rollback(self, rollback_id: UUID) -> Sequence[UUID]:
        return [row[0] for row in await self._all(FLOWS_IN_ROLLBACK, rollback_id)]

    async def with_quota(self, flows: Collection[Flow]) -> dict[UUID, Flow]:
        """The flows by id; those with a budget know what is left of the client's quota, until the transaction ends.

        Several share it evenly: each might take all that it is told of.
        """
        found = {flow.id: flow for flow in flows}
        within = [flow.id for flow in flows if TOKENS in flow.configuration]
        if not within or not await self._all(LOCK_QUOTA, self.tenant.client_account_id):
            return found
        rows = await self._all(QUOTA_LEFT, self.tenant.client_account_id, within)
        return found | {
            id_: replace(found[id_], quota_left=max(0, left // len(within))) for id_, left in rows
        }

    async def quotas(self) -> frozenset[str]:
        """Which of them the client has, unlocked: most have none, and need not be asked for each of them."""
        rows = await self._all(QUOTAS, self.tenant.client_account_id)
        return frozenset(rows[0][0] if rows else ())

    async def definition(self, flow_type: str, version: str) -> FlowDefinition:
        return await self._definitions.get(self.connection, flow_type, version)

    async def newest_definition(self, flow_type: str) -> FlowDefinition | None:
        rows = await self._all(
            "select version from flow_types where flow_type = $1"
            " order by string_to_array(version, '.')::int[] desc limit 1",
            flow_type,
        )
        return await self.definition(flow_type, rows[0][0]) if rows else None

    async def add_child(self, child: Flow, source_flow_type: str, created_by: str | None) -> Flow:
        await insert_child(self.connection, child, source_flow_type, created_by)
        return (await self.with_quota([child]))[child.id]

    async def expired_leases(self, attempts: Collection[UUID]) -> frozenset[UUID]:
        rows = await self._all(
            "select d.id from running.due d, running.lease_clock c"
            " where d.kind = 'lease' and d.id = any($1) and d.lease_at <= c.value",
            list(attempts),
        )
        return frozenset(row[0] for row in rows)

    async def unsent(self, flow_ids: Collection[UUID]) -> frozenset[UUID]:
        rows = await self._all(
            "select attempt_id from running.outbox where flow_id = any($1) and kind = 'command' and sent_at is null",
            list(flow_ids),
        )
        return frozenset(row[0] for row in rows)

    async def served(self) -> frozenset[tuple[str, int]]:
        rows = await self._all(
            "select distinct flow_type, split_part(version, '.', 1)::int"
            " from flow_types, jsonb_each(replicas) as r(k, v)"
            " where (v->>'at')::timestamptz > now() - interval '3 minutes'"
        )
        return frozenset((row[0], row[1]) for row in rows)

    async def withdraw(self, flow_id: UUID) -> frozenset[UUID]:
        rows = await self._all(
            "delete from running.outbox where id in (select id from running.outbox where flow_id = $1"
            " and kind = 'command' and sent_at is null and (claimed_until is null or claimed_until < now())"
            " for update skip locked) returning attempt_id",
            flow_id,
        )
        return frozenset(row[0] for row in rows)

    async def write(self, decisions: Sequence[Decision]) -> None:
        traceparent = inject_traceparent().get("traceparent")
        traces: dict[UUID, str | None] = {}
        for decision in decisions:
            new = decision.flow.attempts.keys() - decision.before.attempts.keys()
            traces |= new_traces(decision, new, traceparent)
            for id_ in new:
                flow = decision.flow
                self._remember([id_], Origin(self.tenant, flow.id, flow.flow_type, traces[id_]))
        given_again = {out.attempt_id for each in decisions for out in each.commands} - traces.keys()
        if given_again:
            known = await self._origins(given_again)
            traces |= {id_: origin.traceparent for id_, origin in known.items()}
        outgoing = list(outbox_rows(decisions, traceparent, traces))
        until = self.now + timedelta(seconds=CLAIM_SECONDS)
        others = [row for row in outgoing if row["kind"] != "command"] if self._claims else []
        for row in others:
            row["claimed_until"] = until
        written = await self._all(CORE, to_json(core_payload(decisions, outgoing, traces, self._window)))
        if written[0]["enough"]:
            others = [row for row in outgoing if row["kind"] == "command"] + others
        self.written = True
        self.decided += decisions
        self.follow_ups |= {each.kind for decision in decisions for each in decision.followups}
        # If we die before they are published, or can't, the claims run out and another replica takes them.
        self.claimed += [OutboxRow(**{name: row[name] for name in _OUTBOX_FIELDS}) for row in others]
        for statement, rows in additions(decisions):
            await self._all(statement, to_json(rows))


class Definitions:
    """Announced definitions never change under a version, so they are read once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], FlowDefinition] = {}

    async def get(self, connection: AsyncConnection, flow_type: str, version: str) -> FlowDefinition:
        known = self._known.get((flow_type, version))
        if known is None:
            row = (
                await connection.exec_driver_sql(
                    "select definition from flow_types where flow_type = $1 and version = $2",
                    (flow_type, version),
                )
            ).first()
            if row is None:
                raise DoesNotExist(f"flow type {flow_type} {version}")
            known = self._known[flow_type, version] = FlowDefinition.model_validate(row[0])
        return known


class SqlDatabase:
    """The application's engine (tenant transactions) and the dispatcher's (ids across tenants)."""

    def __init__(
        self, app: AsyncEngine, dispatch: AsyncEngine, flow_defaults: Mapping[str, Any] | None = None
    ) -> None:
        """`flow_defaults`: configuration of new flows where their creator says nothing (lease, token budget).

        `publish`, set by whoever has a relay, is given what a transaction wrote as claimed, once it is committed;
        `measure` what it decided.
        `window`, set with it, says how many commands may be out of a queue: those that follow from messages are
        claimed with them while there is room. Whoever begins something new waits for the relay, which is fair.
        """
        self.app, self.dispatch, self.definitions = app, dispatch, Definitions()
        self.flow_defaults = dict(flow_defaults or {})
        self.publish: Callable[[Sequence[OutboxRow]], None] | None = None
        self.window: Callable[[str], int] | None = None
        self.measure: Callable[[Sequence[Decision]], None] | None = None
        self._origins: dict[UUID, Origin] = {}

    @asynccontextmanager
    async def transaction(
        self, tenant: Tenant, messages: Collection[UUID] = ()
    ) -> AsyncIterator[SqlTransaction]:
        """Committed when the block ends. The tenant is set for this transaction only."""
        publish = self.publish
        async with self.app.begin() as connection:
            client = str(tenant.client_account_id)
            # In one order everywhere, so that two replicas given the same messages do not wait for each other.
            statement, arguments = (
                (_TENANT_AND_INBOX, (client, sorted(messages))) if messages else (_TENANT, (client,))
            )
            begun: Any = (await connection.exec_driver_sql(statement, arguments)).one()
            transaction = SqlTransaction(
                connection,
                tenant,
                begun[0],
                begun[2],
                self.definitions,
                self._remember,
                self.origins_of,
                self.flow_defaults,
                claims=publish is not None,
                window=self.window if publish is not None and messages else None,
            )
            yield transaction
        if publish is not None and transaction.written:
            publish(transaction.claimed)
        if self.measure is not None and transaction.decided:
            self.measure(transaction.decided)

    async def tenants_of(self, attempts: Collection[UUID]) -> dict[UUID, Tenant]:
        return {attempt: origin.tenant for attempt, origin in (await self.origins_of(attempts)).items()}

    async def origins_of(self, attempts: Collection[UUID]) -> dict[UUID, Origin]:
        """An attempt never changes its origin: what was read once is remembered, the newest ones."""
        unknown = [attempt for attempt in attempts if attempt not in self._origins]
        read = await self._read_origins(unknown) if unknown else {}
        found = {attempt: self._origins[attempt] for attempt in attempts if attempt in self._origins} | read
        for attempt, origin in read.items():
            self._remember([attempt], origin)
        return found

    def _remember(self, attempts: Collection[UUID], origin: Origin) -> None:
        """Most replies come back to the replica that gave the attempt out: it need not ask whose it is."""
        self._origins.update(dict.fromkeys(attempts, origin))
        while len(self._origins) > _ORIGINS_KEPT:
            del self._origins[next(iter(self._origins))]

    async def _read_origins(self, attempts: Collection[UUID]) -> dict[UUID, Origin]:
        async with self.dispatch.connect() as connection:
            rows: Sequence[Any] = (
                await connection.exec_driver_sql(
                    "select attempt_id, client_account_id, engagement_id, flow_id, flow_type, traceparent"
                    " from running.attempt_tenants where attempt_id = any($1)",
                    (list(attempts),),
                )
            ).all()
        return {
            row[0]: Origin(Tenant(client_account_id=row[1], engagement_id=row[2]), *row[3:]) for row in rows
        }

    async def dispose(self) -> None:
        await self.app.dispose()
        await self.dispatch.dispose()
