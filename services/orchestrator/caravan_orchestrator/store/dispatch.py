"""What loops claim across tenants, as caravan_dispatch: outbox rows, due ids, the lease clock. No business data."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from caravan_common.contracts import Tenant
from caravan_orchestrator.store import direct
from caravan_orchestrator.store.codec import to_json

# A relay that died leaves its claims, and they fill the window; after this another publishes them. One that lives
# makes them anew while it publishes, four times in this time.
CLAIM_SECONDS = 8

_CLAIM_COMMANDS = """
with room as (select * from jsonb_to_recordset($1::jsonb) as r(routing_key text, free int)),
busy as (
  select routing_key, client_account_id,
         count(*) filter (where sent_at is not null or claimed_until > now()) as out,
         count(*) filter (where sent_at is null and (claimed_until is null or claimed_until <= now())) as waiting
  from running.outbox where kind = 'command' group by 1, 2),
left_over as (
  select routing_key, client_account_id, out,
         coalesce((select free from room where room.routing_key = busy.routing_key), $2)
           - sum(out) over (partition by routing_key) as free
  from busy),
candidates as (
  select l.routing_key, l.free, o.id,
         row_number() over (partition by l.routing_key order by l.out + o.ordinal, o.id) as place
  from left_over l cross join lateral (
    select id, row_number() over (order by id) as ordinal from (
      select id from running.outbox u
      where u.routing_key = l.routing_key and u.client_account_id = l.client_account_id and u.kind = 'command'
        and u.sent_at is null and (u.claimed_until is null or u.claimed_until <= now())
      order by id limit greatest(l.free, 0)) first_ones) o)
update running.outbox o set claimed_until = now() + make_interval(secs => $3)
from candidates c
where o.id = c.id and c.place <= c.free and (o.claimed_until is null or o.claimed_until <= now())
returning o.id, o.flow_id, o.kind, o.exchange, o.routing_key, o.type, o.body, o.traceparent
"""

_CLAIM_OTHERS = """
update running.outbox o set claimed_until = now() + make_interval(secs => $2)
from (select id from running.outbox
      where kind <> 'command' and sent_at is null and (claimed_until is null or claimed_until <= now())
      order by id limit $1 for update skip locked) c
where o.id = c.id
returning o.id, o.flow_id, o.kind, o.exchange, o.routing_key, o.type, o.body, o.traceparent
"""

_MARK_SENT = """
with sent as (select unnest($1::uuid[]) as id),
gone as (delete from running.outbox o using sent where o.id = sent.id and o.kind <> 'command')
update running.outbox o set sent_at = now(), claimed_until = null from sent where o.id = sent.id and o.kind = 'command'
"""

# An attempt that was heard of has a lease.
_UNSTARTED = """
select o.id, o.routing_key from running.outbox o
where o.kind = 'command' and o.sent_at < now() - make_interval(secs => $1)
  and not exists (select from running.due d where d.kind = 'lease' and d.id = o.attempt_id)
"""

_SEND_AGAIN = """
update running.outbox o set sent_at = null
where o.id = any($2::uuid[]) and o.kind = 'command' and o.sent_at < now() - make_interval(secs => $1)
  and not exists (select from running.due d where d.kind = 'lease' and d.id = o.attempt_id)
"""

_CLAIM_DUE = """
update running.due d set at = now() + make_interval(secs => $3)
from (select kind, id from running.due where kind = $1 and at <= now() order by at limit $2 for update skip locked) c
where d.kind = c.kind and d.id = c.id
returning d.id, d.flow_id, d.client_account_id, d.engagement_id, d.generation
"""


# Every part is a look into an index; none reads a row of work that is not due.
_WORK_WAITING = """
select wanted.kind from unnest($1::text[]) as wanted(kind)
where case wanted.kind
  when 'command' then exists (select from running.outbox o where o.kind = 'command' and sent_at is null
                              and (claimed_until is null or claimed_until <= now()))
  when 'other' then exists (select from running.outbox o where o.kind <> 'command' and sent_at is null
                            and (claimed_until is null or claimed_until <= now()))
  else exists (select from running.due d where d.kind = wanted.kind and d.at <= now()) end
"""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A claimed message, as it is to be sent."""

    id: UUID
    flow_id: UUID
    kind: str
    exchange: str
    routing_key: str
    type: str
    body: str
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class UnstartedRow:
    """A command that is out and that nobody has started."""

    id: UUID
    routing_key: str


@dataclass(frozen=True, slots=True)
class DueRow:
    """A claimed piece of work. `generation` tells whether it was asked for again meanwhile."""

    id: UUID
    flow_id: UUID
    tenant: Tenant
    generation: int


class Dispatch:
    """Every method is one statement, committed by itself: the engine is in autocommit."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def _run(self, sql: str, *arguments: Any) -> Sequence[Any]:
        async with self._engine.connect() as connection:
            return await direct.run(connection, sql, *arguments)

    async def execute(self, sql: str, *arguments: Any) -> None:
        """A statement of housekeeping over the schema `running`."""
        await self._run(sql, *arguments)

    async def work_waiting(self, kinds: Collection[str]) -> list[str]:
        """Those of the kinds of which something could be claimed now; "command" and "other" are the outbox's."""
        return [row[0] for row in await self._run(_WORK_WAITING, sorted(kinds))]

    async def claim_commands(self, windows: Mapping[str, int], default_window: int) -> list[OutboxRow]:
        """At most what each queue's window has free, the client with the fewest commands out first."""
        rooms = to_json([{"routing_key": key, "free": window} for key, window in windows.items()])
        return [
            OutboxRow(*row) for row in await self._run(_CLAIM_COMMANDS, rooms, default_window, CLAIM_SECONDS)
        ]

    async def claim_others(self, limit: int) -> list[OutboxRow]:
        """Events and cancels, oldest first."""
        return [OutboxRow(*row) for row in await self._run(_CLAIM_OTHERS, limit, CLAIM_SECONDS)]

    async def mark_sent(self, ids: Collection[UUID]) -> None:
        """Commands stay, as out, until their attempt ends; all else leaves the outbox."""
        await self._run(_MARK_SENT, list(ids))

    async def release(self, ids: Collection[UUID], seconds: float) -> None:
        """Not confirmed: to be tried again after a moment."""
        await self._run(
            "update running.outbox set claimed_until = now() + make_interval(secs => $2)"
            " where id = any($1) and sent_at is null",
            list(ids),
            seconds,
        )

    async def unstarted(self, seconds: float) -> list[UnstartedRow]:
        """Commands sent longer ago than that whose attempt has no lease."""
        return [UnstartedRow(*row) for row in await self._run(_UNSTARTED, seconds)]

    async def send_again(self, ids: Collection[UUID], seconds: float) -> None:
        """Those of them that are still unstarted: each waits for its turn in the window, as if never sent."""
        await self._run(_SEND_AGAIN, seconds, list(ids))

    async def claim_due(self, kind: str, limit: int, visibility: float) -> list[DueRow]:
        """Work whose time has come; if its claimer dies it comes back after `visibility` seconds."""
        rows = await self._run(_CLAIM_DUE, kind, limit, visibility)
        return [DueRow(r[0], r[1], Tenant(client_account_id=r[2], engagement_id=r[3]), r[4]) for r in rows]

    async def keep(self, kind: str, rows: Sequence[DueRow], visibility: float) -> None:
        """Its claimer is still at it: it comes back only `visibility` seconds from now, unless asked for again."""
        await self._run(
            "update running.due d set at = now() + make_interval(secs => $4)"
            " from unnest($2::uuid[], $3::bigint[]) as r(id, generation)"
            " where d.kind = $1 and d.id = r.id and d.generation = r.generation",
            kind,
            [row.id for row in rows],
            [row.generation for row in rows],
            visibility,
        )

    async def set_aside(self, kind: str, row: DueRow, seconds: float) -> None:
        """Others come first: nobody looks at it for so long."""
        await self._run(
            "update running.due set at = now() + make_interval(secs => $3) where kind = $1 and id = $2",
            kind,
            row.id,
            seconds,
        )

    async def done(self, kind: str, row: DueRow) -> None:
        """Forgets the work, unless it was asked for again since it was claimed."""
        await self._run(
            "delete from running.due where kind = $1 and id = $2 and generation = $3",
            kind,
            row.id,
            row.generation,
        )

    async def done_all(self, kind: str, rows: Sequence[DueRow]) -> None:
        """As `done`, for many in one statement."""
        await self._run(
            "delete from running.due d using unnest($2::uuid[], $3::bigint[]) as r(id, generation)"
            " where d.kind = $1 and d.id = r.id and d.generation = r.generation",
            kind,
            [row.id for row in rows],
            [row.generation for row in rows],
        )

    async def advance_lease_clock(self, most: float) -> None:
        """By the time since it last advanced, at most `most` seconds: it stands still when the platform does."""
        await self._run(
            "update running.lease_clock set ticked_at = clock_timestamp(), value = value + least($1::float8,"
            " greatest(0, extract(epoch from clock_timestamp() - ticked_at)))",
            most,
        )

    async def expired_leases(self, limit: int) -> list[DueRow]:
        rows = await self._run(
            "select d.id, d.flow_id, d.client_account_id, d.engagement_id, d.generation from running.due d,"
            " running.lease_clock c where d.kind = 'lease' and d.lease_at <= c.value"
            " and (d.at is null or d.at <= now()) order by d.lease_at limit $1",
            limit,
        )
        return [DueRow(r[0], r[1], Tenant(client_account_id=r[2], engagement_id=r[3]), r[4]) for r in rows]

    async def expire_all_leases(self) -> None:
        """At the boot of an embedded platform: whoever held a lease died with the old process."""
        await self._run(
            "update running.due d set lease_at = c.value from running.lease_clock c where d.kind = 'lease'"
        )

    async def windows(self) -> list[tuple[str, str, int]]:
        """Flow type, version and slots of all replicas that announced themselves lately."""
        return [
            (row[0], row[1], row[2])
            for row in await self._run("select flow_type, version, slots from flow_types where slots > 0")
        ]
