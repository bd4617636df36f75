"""What the lookout sees: work that could be claimed now, of each kind, and nothing that is not due or is claimed."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from caravan_common.contracts import new_id
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.dispatch import Dispatch
from tests.support.inprocess_platform import migrated
from tests.support.postgres import Database

KINDS = ("command", "other", "wakeup", "index", "fold", "rollback")
_MESSAGE = """
insert into running.outbox (id, client_account_id, flow_id, kind, exchange, routing_key, type, body, claimed_until,
                            sent_at)
values ($1, $1, $1, $2, 'an exchange', 'a queue', 'a type', '{}', now() + make_interval(secs => $3),
        now() + make_interval(secs => $4))
"""
_DUE = """
insert into running.due (kind, id, flow_id, client_account_id, engagement_id, at)
values ($2, $1, $1, $1, $1, now() + make_interval(secs => $3))
"""


@pytest.fixture
async def dispatch(database_urls: Database) -> AsyncIterator[Dispatch]:
    opened: SqlDatabase = await migrated(database_urls)
    yield Dispatch(opened.dispatch)
    await opened.dispose()


@pytest.fixture
async def owner(dispatch: Dispatch, database_urls: Database) -> AsyncIterator[Any]:
    """Nothing else waits while these tests run."""
    connection = await asyncpg.connect(database_urls.owner)
    await _empty(connection)
    yield connection
    await _empty(connection)
    await connection.close()


async def _empty(connection: Any) -> None:
    await connection.execute("delete from running.outbox")
    await connection.execute("delete from running.due where kind <> 'lease'")


async def test_nothing_waits_where_nothing_is_due(dispatch: Dispatch, owner: Any) -> None:
    await owner.execute(_MESSAGE, new_id(), "command", None, -1)
    await owner.execute(_MESSAGE, new_id(), "command", 60, None)
    await owner.execute(_MESSAGE, new_id(), "event", 60, None)
    for kind in KINDS[2:]:
        await owner.execute(_DUE, new_id(), kind, 60)
    await owner.execute(_DUE, new_id(), "collect", -60)
    assert await dispatch.work_waiting(KINDS) == []


@pytest.mark.parametrize("claimed", [None, -1])
async def test_messages_wait_that_nobody_has_claimed_or_whose_claim_ran_out(
    claimed: int | None, dispatch: Dispatch, owner: Any
) -> None:
    await owner.execute(_MESSAGE, new_id(), "command", claimed, None)
    assert await dispatch.work_waiting(KINDS) == ["command"]
    await owner.execute(_MESSAGE, new_id(), "cancel", claimed, None)
    assert sorted(await dispatch.work_waiting(KINDS)) == ["command", "other"]


async def test_each_kind_of_work_waits_once_it_is_due(dispatch: Dispatch, owner: Any) -> None:
    for kind in KINDS[2:]:
        await owner.execute(_DUE, new_id(), kind, -1)
    assert sorted(await dispatch.work_waiting(KINDS)) == sorted(KINDS[2:])
