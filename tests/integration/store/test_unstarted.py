"""Commands that are out and that nobody has started, as the database sees them."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from caravan_common.contracts import new_id
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.dispatch import Dispatch
from tests.support.postgres import Database

SECONDS = 30.0
_COMMAND = """
insert into running.outbox (id, client_account_id, flow_id, attempt_id, epoch, kind, exchange, routing_key, type, body,
                            sent_at)
values ($1, $1, $1, $2, 1, $3, 'caravan.commands', 'a queue', 'ExecutePhase', '{}', now() - make_interval(secs => $4))
"""
_LEASE = """
insert into running.due (kind, id, flow_id, client_account_id, engagement_id, lease_at, lease_seconds)
values ('lease', $1, $1, $1, $1, 100, 20)
"""


class Rows:
    """Put in as the owner, removed at the end."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.ids: list[UUID] = []

    async def command(self, *, sent: float | None, kind: str = "command", leased: bool = False) -> UUID:
        id_, attempt = new_id(), new_id()
        await self.connection.execute(_COMMAND, id_, attempt, kind, sent)
        if leased:
            await self.connection.execute(_LEASE, attempt)
        self.ids += (id_, attempt)
        return id_

    async def sent(self, id_: UUID) -> bool:
        return bool(
            await self.connection.fetchval(
                "select sent_at is not null from running.outbox where id = $1", id_
            )
        )


@pytest.fixture
async def rows(database: SqlDatabase, database_urls: Database) -> AsyncIterator[Rows]:
    connection = await asyncpg.connect(database_urls.owner)
    put_in = Rows(connection)
    yield put_in
    for table in ("outbox", "due"):
        await connection.execute(f"delete from running.{table} where id = any($1)", put_in.ids)
    await connection.close()


async def test_only_a_command_out_for_long_without_a_lease_is_unstarted_and_sent_again(
    database: SqlDatabase, rows: Rows
) -> None:
    dispatch = Dispatch(database.dispatch)
    lost = await rows.command(sent=60)
    others = [
        await rows.command(sent=5),
        await rows.command(sent=60, leased=True),
        await rows.command(sent=60, kind="event"),
        await rows.command(sent=None),
    ]
    found = {row.id: row.routing_key for row in await dispatch.unstarted(SECONDS)}
    assert {id_: found.get(id_) for id_ in (lost, *others)} == {lost: "a queue"} | dict.fromkeys(others)
    before = [await rows.sent(id_) for id_ in others]
    await dispatch.send_again([lost, *others], SECONDS)
    assert not await rows.sent(lost)
    assert [await rows.sent(id_) for id_ in others] == before
