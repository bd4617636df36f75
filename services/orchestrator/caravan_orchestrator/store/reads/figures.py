"""Counts over the whole platform for /metrics: ids across tenants as the dispatcher, business counts per tenant."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from caravan_orchestrator.store.reads.records import WORKERS

_REST = ("draft", "waiting", "completed", "failed", "cancelled", "rolled_back")
_RUNNING = text("""
select (select count(*) from running.outbox where kind = 'command' and sent_at is null) as waiting,
       (select count(*) from running.outbox where kind = 'command' and sent_at is not null) as out,
       (select count(*) from running.outbox where sent_at is null) as unsent,
       (select coalesce(extract(epoch from now() - min(created_at)), 0)::float8
        from running.outbox where sent_at is null) as lag
""")
_BY_QUEUE = text(
    "select routing_key, count(*) as waiting from running.outbox where kind = 'command' and sent_at is null group by 1"
)
# Every flow type that has ever announced itself, so one that has lost all its workers shows 0.
_WORKERS = text(f"select flow_type, sum({WORKERS})::int as workers from flow_types group by 1")
_DEAD = text(
    "select error_group, count(*) as parked from running.dead_letters where status = 'parked' group by 1"
)
_CLIENTS = text("select client_account_id from running.clients order by 1")
_FLOWS = text("""
select status, count(*) as flows,
       count(*) filter (where next_wakeup_at is null and not (status = any(:rest))) as stuck
from migration_flows where deleted_at is null group by status
""")
_USAGE = text("""
select model, sum(prompt_tokens + completion_tokens + reserved_tokens)::float8 as tokens,
       sum(cost_usd + reserved_cost_usd)::float8 as cost
from llm_usage where updated_at >= date_trunc('month', now() at time zone 'UTC') at time zone 'UTC' group by model
""")
_SET_CLIENT = text("select set_config('caravan.client', :client, true)")


@dataclass
class Figures:
    """Seconds for `lag`, counts for all else."""

    flows: Counter[str] = field(default_factory=Counter)
    stuck: int = 0
    waiting: int = 0
    out: int = 0
    unsent: int = 0
    lag: float = 0.0
    waiting_by_queue: dict[str, int] = field(default_factory=dict)
    workers: dict[str, int] = field(default_factory=dict)
    dead_letters: dict[str, int] = field(default_factory=dict)


@dataclass
class Spent:
    """By model, in this month of UTC, with what is booked. USD where the price is known."""

    tokens: Counter[str] = field(default_factory=Counter)
    cost: Counter[str] = field(default_factory=Counter)


async def figures(app: AsyncEngine, dispatch: AsyncEngine) -> Figures:
    """No role sees every tenant's flows, so they are counted tenant by tenant, in one transaction."""
    found = Figures()
    async with dispatch.connect() as connection:
        running = (await connection.execute(_RUNNING)).mappings().one()
        found.waiting, found.out, found.unsent, found.lag = (
            running[n] for n in ("waiting", "out", "unsent", "lag")
        )
        found.waiting_by_queue = {row[0]: row[1] for row in await connection.execute(_BY_QUEUE)}
        found.workers = {row[0]: row[1] for row in await connection.execute(_WORKERS)}
        found.dead_letters = {row[0]: row[1] for row in await connection.execute(_DEAD)}
        clients: Sequence[Any] = (await connection.execute(_CLIENTS)).scalars().all()
    async with app.begin() as connection:
        for client in clients:
            await connection.execute(_SET_CLIENT, {"client": str(client)})
            for status, flows, stuck in await connection.execute(_FLOWS, {"rest": list(_REST)}):
                found.flows[status] += flows
                found.stuck += stuck
    return found


async def spent(app: AsyncEngine, dispatch: AsyncEngine) -> Spent:
    """What crews have used. Tenant by tenant, as `figures`."""
    found = Spent()
    async with dispatch.connect() as connection:
        clients: Sequence[Any] = (await connection.execute(_CLIENTS)).scalars().all()
    async with app.begin() as connection:
        for client in clients:
            await connection.execute(_SET_CLIENT, {"client": str(client)})
            for model, tokens, cost in await connection.execute(_USAGE):
                found.tokens[model] += tokens
                found.cost[model] += cost
    return found
