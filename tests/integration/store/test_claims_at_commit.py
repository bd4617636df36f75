"""What a replica commits it writes as claimed: events, commands while there is room. If it dies another takes them."""

from collections.abc import AsyncIterator, Sequence

import asyncpg
import pytest

from caravan_common.contracts import FlowTypeAnnounced, new_id
from caravan_orchestrator.store.dispatch import Dispatch, OutboxRow
from caravan_orchestrator.usecases.flows import NewFlow, create_flow
from caravan_orchestrator.usecases.refusals import Refusals
from caravan_orchestrator.usecases.registry import Registry
from caravan_orchestrator.usecases.trust import Everybody
from tests.support.echo_service import ECHO
from tests.support.flows import Flows, new_tenant
from tests.support.inprocess_platform import migrated
from tests.support.postgres import Database

Published = list[Sequence[OutboxRow]]


@pytest.fixture
async def flows(database_urls: Database) -> AsyncIterator[Flows]:
    """Nothing is left to publish of what other tests have written: no more than a thousand rows are looked at."""
    database = await migrated(database_urls)
    owner = await asyncpg.connect(database_urls.owner)
    await owner.execute("delete from running.outbox")
    await owner.close()

    async def declare(_flow_type: str, _major: int) -> str:
        return "a queue"

    announced = FlowTypeAnnounced(definition=ECHO, digest=ECHO.digest(), worker="w1", slots=1)
    await Registry(database, declare, Everybody(), Refusals(database).record).announced(announced, None)
    yield Flows(database, await new_tenant(database), lambda: None)
    await database.dispose()


def publishing(flows: Flows) -> Published:
    """From now on the database's transactions are those of a replica with a relay."""
    published: Published = []
    flows.database.publish = published.append
    return published


async def test_what_was_committed_is_given_to_the_relay_and_kept_from_others(flows: Flows) -> None:
    published = publishing(flows)
    await flows.create(ECHO.flow_type)
    (rows,) = published
    assert {row.kind for row in rows} == {"event"}
    assert await mine(flows, rows) == []


async def test_what_was_undone_is_not_given_to_the_relay(flows: Flows) -> None:
    published = publishing(flows)
    with pytest.raises(ZeroDivisionError):
        await flows.order(await flows.create(ECHO.flow_type), lambda _: 1 // 0)
    assert len(published) == 1  # that of the creation


async def test_when_the_replica_has_died_another_takes_over_once_the_claims_have_run_out(
    flows: Flows, database_urls: Database
) -> None:
    published = publishing(flows)
    await flows.create(ECHO.flow_type)
    (rows,) = published
    owner = await asyncpg.connect(database_urls.owner)
    await owner.execute(
        "update running.outbox set claimed_until = now() where id = any($1)", [row.id for row in rows]
    )
    await owner.close()
    assert await mine(flows, rows) == sorted(rows, key=lambda row: row.id)


async def test_without_a_relay_events_are_left_to_whoever_has_one(flows: Flows) -> None:
    flow = await flows.create(ECHO.flow_type)
    claimed = await Dispatch(flows.database.dispatch).claim_others(1000)
    assert any(row.flow_id == flow for row in claimed)


async def test_commands_that_follow_from_messages_are_claimed_while_their_queue_has_room(
    flows: Flows,
) -> None:
    published = publishing(flows)
    flows.database.window = lambda _queue: 2
    kinds = [await follow(flows, published) for _ in range(3)]
    assert [found[0] for found in kinds] == ["command", "command", "event"]
    # The third waits: whoever comes next must not be sent before it, however wide the window.
    flows.database.window = lambda _queue: 100
    assert "command" not in await follow(flows, published)
    waiting = await Dispatch(flows.database.dispatch).claim_commands({}, 100)
    assert len(waiting) == 2


async def follow(flows: Flows, published: Published) -> list[str]:
    """The kinds of what was claimed with a flow that begins as if a message had asked for it."""
    async with flows.database.transaction(flows.tenant, {new_id()}) as transaction:
        await create_flow(transaction, NewFlow(ECHO.flow_type, "follows"), "ann")
    return [row.kind for row in published[-1]]


async def mine(flows: Flows, rows: Sequence[OutboxRow]) -> list[OutboxRow]:
    """Of these rows, what another replica may claim."""
    ids = {row.id for row in rows}
    claimed = await Dispatch(flows.database.dispatch).claim_others(1000)
    return sorted((row for row in claimed if row.id in ids), key=lambda row: row.id)
