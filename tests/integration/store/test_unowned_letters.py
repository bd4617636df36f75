"""Dead letters that name no flow: those of an announcement end when it is taken, others when an operator says so."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import pytest

from caravan_common.bus import REPLIES
from caravan_common.contracts import FlowTypeAnnounced, encode, new_id
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.dead_letters import DeadLetter, announcement_subject, list_unowned, park
from caravan_orchestrator.usecases.refusals import Refusals
from caravan_orchestrator.usecases.registry import Registry
from caravan_orchestrator.usecases.trust import Everybody
from tests.support.command import caravan
from tests.support.inprocess_platform import migrated
from tests.support.postgres import Database, create_database
from tests.unit.orchestrator.conversation import DEFINITION


@pytest.fixture
def urls(database_urls: Database) -> Iterator[Database]:
    own = create_database(database_urls.owner)
    yield own
    own.close()


@pytest.fixture
async def database(urls: Database) -> AsyncIterator[SqlDatabase]:
    opened = await migrated(urls)
    yield opened
    await opened.dispose()


def announcement(title: str = "") -> FlowTypeAnnounced:
    definition = DEFINITION.model_copy(update={"title": title})
    return FlowTypeAnnounced(definition=definition, digest=definition.digest(), worker="w", slots=2)


async def park_refused(database: SqlDatabase, said: FlowTypeAnnounced, user: str) -> UUID:
    """As it ends up when its broker user is not mapped."""
    letter = DeadLetter(
        id=new_id(),
        queue=REPLIES.name,
        reason="rejected",
        error_group="g",
        type="FlowTypeAnnounced",
        message_id=str(new_id()),
        attempt_id=None,
        flow_id=None,
        headers={},
        body=encode(said),
        said_by=user,
        subject=announcement_subject(said.definition.flow_type, said.definition.version, user),
    )
    await park(database.dispatch, letter)
    return letter.id


async def parked(database: SqlDatabase) -> set[UUID]:
    return {row["id"] for row in await list_unowned(database.dispatch, status="parked")}


async def test_a_refused_announcement_is_over_when_one_like_it_is_taken(database: SqlDatabase) -> None:
    async def declare(flow_type: str, major: int) -> str:
        return f"caravan.{flow_type}.v{major}.commands.v1"

    registry = Registry(database, declare, Everybody(), Refusals(database).record)
    await park_refused(database, announcement(), "survey")
    of_another = await park_refused(database, announcement(), "liar")
    changed = await park_refused(database, announcement("changed since"), "else")
    assert len(await parked(database)) == 3
    await registry.announced(announcement(), "survey")
    assert await parked(database) == {of_another, changed}
    # The same user's of another definition under the same version is still to be mended.
    await registry.announced(announcement(), "else")
    assert await parked(database) == {of_another, changed}


async def test_the_platforms_operator_lists_and_discards_what_no_client_sees(
    database: SqlDatabase, urls: Database
) -> None:
    environment = {
        "CARAVAN_DATABASE_URL": urls.as_role("caravan_app"),
        "CARAVAN_DATABASE_DISPATCH_URL": urls.as_role("caravan_dispatch"),
    }
    letter = await park_refused(database, announcement(), "liar")
    done = await asyncio.to_thread(caravan, "dead", "list", "--unowned", "--json", env=environment)
    (shown,) = json.loads(done.stdout)
    assert (shown["id"], shown["subject"]) == (str(letter), "survey 1.2.0 by liar")
    refused = await asyncio.to_thread(caravan, "dead", "discard", str(new_id()), env=environment)
    assert (refused.returncode, "No such message is parked" in refused.stderr) == (2, True)
    assert (await asyncio.to_thread(caravan, "dead", "discard", str(letter), env=environment)).returncode == 0
    assert await parked(database) == set()
    async with database.app.begin() as connection:
        audited = await connection.exec_driver_sql("select action, subject from running.platform_audit")
        assert [tuple(row) for row in audited] == [("dead_letter.discarded", str(letter))]
