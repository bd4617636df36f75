"""A lease that can't be ended holds up no other, and no tick of the clock dies of it."""

from collections.abc import AsyncIterator
from typing import Any, cast
from uuid import UUID

import pytest

from caravan_common.bus import Bus
from caravan_common.contracts import Tenant, new_id
from caravan_orchestrator.loops import leases
from caravan_orchestrator.loops.leases import ASIDE_SECONDS, EXPIRED_AT_ONCE, LeaseClock
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.dispatch import Dispatch
from caravan_orchestrator.usecases.timers import expire_lease
from tests.support.inprocess_platform import migrated, new_tenant
from tests.support.postgres import Database, create_database

_SEEN = "select id, at is not null and at > now() as aside from running.due where kind = 'lease' order by id"


@pytest.fixture
async def database(database_urls: Database) -> AsyncIterator[SqlDatabase]:
    """Nothing else may end its leases."""
    own = create_database(database_urls.owner)
    opened = await migrated(own)
    yield opened
    await opened.dispose()
    own.close()


async def run_out(database: SqlDatabase, tenant: Tenant, number: int) -> list[UUID]:
    """Leases of attempts that nobody knows, the first has run out longest."""
    ids = [new_id() for _ in range(number)]
    async with database.dispatch.connect() as connection:
        await connection.exec_driver_sql(
            "insert into running.due (kind, id, flow_id, client_account_id, engagement_id, lease_at, lease_seconds)"
            " select 'lease', id, $2, $3, $4, -1000 + place, 20"
            " from unnest($1::uuid[]) with ordinality as r(id, place)",
            (ids, new_id(), tenant.client_account_id, tenant.engagement_id),
        )
    return ids


async def seen(database: SqlDatabase) -> dict[UUID, bool]:
    """Whether it is set aside, by attempt."""
    async with database.dispatch.connect() as connection:
        return {row[0]: row[1] for row in await connection.exec_driver_sql(_SEEN)}


def clock(database: SqlDatabase) -> LeaseClock:
    return LeaseClock(Dispatch(database.dispatch), database, cast(Bus, None))


async def test_a_lease_of_an_attempt_that_is_not_there_is_forgotten(database: SqlDatabase) -> None:
    await run_out(database, await new_tenant(database), 1)
    await clock(database).ticked()
    assert await seen(database) == {}


async def test_leases_whose_end_fails_are_set_aside_for_those_behind_them_and_tried_again(
    database: SqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await run_out(database, await new_tenant(database), EXPIRED_AT_ONCE + 1)
    bad, good = set(ids[:EXPIRED_AT_ONCE]), ids[-1]
    tried: list[UUID] = []

    async def fails(database: Any, tenant: Tenant, flow_id: UUID, attempt_id: UUID) -> bool:
        tried.append(attempt_id)
        if attempt_id in bad:
            raise KeyError("whatever it is")
        return await expire_lease(database, tenant, flow_id, attempt_id)

    monkeypatch.setattr(leases, "expire_lease", fails)
    ticking = clock(database)
    await ticking.ticked()
    assert set(tried) == bad
    await ticking.ticked()
    assert tried[EXPIRED_AT_ONCE:] == [good]
    assert await seen(database) == dict.fromkeys(sorted(bad), True)

    async with database.dispatch.connect() as connection:
        await connection.exec_driver_sql(
            "update running.due set at = at - make_interval(secs => $1) where kind = 'lease'",
            (ASIDE_SECONDS,),
        )
    await ticking.ticked()
    assert len(tried) == 2 * EXPIRED_AT_ONCE + 1


async def test_where_the_database_is_away_nothing_is_set_aside(
    database: SqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await run_out(database, await new_tenant(database), 2)

    async def away(*_: Any) -> bool:
        raise ConnectionRefusedError("gone")

    monkeypatch.setattr(leases, "expire_lease", away)
    with pytest.raises(ConnectionRefusedError):
        await clock(database).ticked()
    assert await seen(database) == dict.fromkeys(ids, False)
