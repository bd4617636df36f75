"""One client has 500 flows waiting, another gives one: how many phases of the many end before each of the one's.

    python -m benchmarks.fairness [--flows 500] [--slots 4]

`value` is the largest number, `window` how many commands may be out at once; no more than two windows are fair.
"""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from benchmarks.deployed import ORCHESTRATOR, Ground, ground
from benchmarks.noop_service import NOOP
from benchmarks.reads import say
from caravan_common.contracts import Tenant
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.usecases.flows import NewFlow, create_flow
from tests.support.flows import new_tenant
from tests.support.waiting import eventually

_PHASES = "select created_at, ended_at from phase_attempts where ended_at is not null order by sequence"
_ENDED = "select count(*) from phase_attempts where ended_at > $1 and ended_at <= $2"


@dataclass(frozen=True)
class Turn:
    """A phase of the one flow: how many of the many ended between its command and its end, and its seconds."""

    others: int
    seconds: float


async def give(database: SqlDatabase, tenant: Tenant, count: int) -> list[UUID]:
    """Flows as the gateway makes them, without the gateway; whoever runs relays finds their commands."""
    made = []
    for number in range(count):
        async with database.transaction(tenant) as transaction:
            made.append(
                (await create_flow(transaction, NewFlow(NOOP.flow_type, f"flow {number}"), "bench")).id
            )
    return made


async def turns_of_the_one(database: SqlDatabase, many: Tenant, one: Tenant) -> list[Turn]:
    async with database.transaction(one) as transaction:
        mine: Sequence[Any] = (await transaction.connection.exec_driver_sql(_PHASES)).all()
    async with database.transaction(many) as transaction:
        run = transaction.connection.exec_driver_sql
        return [
            Turn((await run(_ENDED, (created, ended))).scalar_one(), (ended - created).total_seconds())
            for created, ended in mine
        ]


async def until_completed(database: SqlDatabase, tenant: Tenant, seconds: float) -> None:
    async def completed() -> bool:
        async with database.transaction(tenant) as transaction:
            sql = "select bool_and(status = 'completed') from migration_flows"
            return bool((await transaction.connection.exec_driver_sql(sql)).scalar_one())

    await eventually(completed, timeout=seconds, every=0.05, what="the one client's flow is completed")


async def measure(flows: int, slots: int) -> None:
    async with ground(slots=str(slots)) as given:
        many, one = await new_tenant(given.database), await new_tenant(given.database)
        with given.running(ORCHESTRATOR, "benchmarks.noop_service"):
            await given.until_announced(NOOP.flow_type)
            await give(given.database, many, flows)
            left = await _left(given, many)
            await give(given.database, one, 1)
            await until_completed(given.database, one, 600)
            report(await turns_of_the_one(given.database, many, one), left, await _left(given, many), slots)


async def _left(given: Ground, tenant: Tenant) -> int:
    async with given.database.transaction(tenant) as transaction:
        sql = "select count(*) from migration_flows where status <> 'completed'"
        return int((await transaction.connection.exec_driver_sql(sql)).scalar_one())


def report(turns: Sequence[Turn], before: int, after: int, slots: int) -> None:
    window = 2 * slots
    say(
        "fairness",
        "phases of others ended before one's own",
        max(turn.others for turn in turns),
        "phases",
        window=window,
        windows=round(max(turn.others for turn in turns) / window, 2),
        each=[turn.others for turn in turns],
        slowest_seconds=round(max(turn.seconds for turn in turns), 3),
        others_flows_waiting=[before, after],
    )


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--flows", type=int, default=500)
    arguments.add_argument("--slots", type=int, default=4)
    options = arguments.parse_args()
    asyncio.run(measure(options.flows, options.slots))
