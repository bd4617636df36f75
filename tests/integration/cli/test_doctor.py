"""`caravan doctor` on a platform in which one thing after the other is broken on purpose."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from caravan.checks import BROKEN, FINE, LOOK, STUCK, Check, examine
from caravan_common.artifacts import ArtifactStore
from caravan_common.contracts import new_id
from caravan_orchestrator.store.binding import bind_store
from caravan_orchestrator.store.database import SqlDatabase
from tests.support.inprocess_platform import migrated, new_tenant
from tests.support.postgres import Database, create_database


@pytest.fixture(scope="module")
def urls(database_urls: Database) -> Iterator[Database]:
    """A database that nothing else writes in."""
    database = create_database(database_urls.owner)
    yield database
    database.close()


@pytest.fixture(scope="module")
async def database(urls: Database) -> AsyncIterator[SqlDatabase]:
    sql = await migrated(urls)
    yield sql
    await sql.dispose()


@pytest.fixture
async def owner(database: SqlDatabase, urls: Database) -> AsyncIterator[Any]:
    """Whatever it breaks is undone after the test."""
    connection = await asyncpg.connect(urls.owner)
    await connection.execute("update running.lease_clock set ticked_at = now()")
    yield connection
    await connection.execute("truncate running.outbox, running.due, running.dead_letters")
    await connection.execute("update running.lease_clock set ticked_at = now(), value = 0")
    await connection.close()


@pytest.fixture
async def settings(
    database: SqlDatabase, urls: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The environment of an installation with this database and a store of its own; the store's folder."""
    store = tmp_path / "artifacts"
    async with database.dispatch.connect() as connection:
        await connection.exec_driver_sql("update running.platform set store_id = null")
    await bind_store(database.dispatch, ArtifactStore.open(store.as_uri()))
    monkeypatch.setenv("CARAVAN_DATABASE_URL", urls.as_role("caravan_app"))
    monkeypatch.setenv("CARAVAN_DATABASE_DISPATCH_URL", urls.as_role("caravan_dispatch"))
    monkeypatch.setenv("CARAVAN_ARTIFACTS_URL", store.as_uri())
    for name in ("CARAVAN_AMQP_URL", "CARAVAN_URL", "CARAVAN_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return store


async def findings(folder: Path) -> dict[str, Check]:
    """By what was looked at; each that is not in order says what to do."""
    found = await examine("http://127.0.0.1:1", "x", folder, platform_named=False)
    assert all(each.todo for each in found if each.state in (BROKEN, LOOK, STUCK)), found
    return {each.what: each for each in found}


def wrong(found: dict[str, Check]) -> dict[str, str]:
    return {what: each.state for what, each in found.items() if each.state in (BROKEN, LOOK, STUCK)}


async def test_nothing_is_wrong_with_what_is_in_order(owner: Any, settings: Path, tmp_path: Path) -> None:
    found = await findings(tmp_path)
    assert wrong(found) == {}
    looked_at = {
        "PostgreSQL",
        "clock",
        "schema",
        "outbox",
        "leases",
        "overdue",
        "dead letters",
        "artifact store",
    }
    assert {what for what in looked_at if found[what].state == FINE} == looked_at


async def test_a_database_that_is_away_is_named_with_its_role(
    settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARAVAN_DATABASE_URL", "postgresql://caravan_app@127.0.0.1:1/none")
    assert wrong(await findings(tmp_path)) == {"database (caravan_app)": BROKEN}
    monkeypatch.delenv("CARAVAN_DATABASE_URL")
    assert wrong(await findings(tmp_path)) == {"database": BROKEN}


async def test_a_schema_of_another_version_is_told_from_a_newer_one(
    owner: Any, settings: Path, tmp_path: Path
) -> None:
    head = await owner.fetchval("select version_num from schema_version")
    try:
        await owner.execute("update schema_version set version_num = '0001'")
        old = await findings(tmp_path)
        await owner.execute("update schema_version set version_num = '9999'")
        new = await findings(tmp_path)
    finally:
        await owner.execute("update schema_version set version_num = $1", head)
    assert (old["schema"].state, "db upgrade" in old["schema"].todo) == (BROKEN, True)
    assert (new["schema"].state, "9999" in new["schema"].found) == (LOOK, True)


async def test_a_clock_that_goes_wrong_is_seen(
    owner: Any, settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    real = time.time
    monkeypatch.setattr("caravan.checks._database.time.time", lambda: real() - 60)
    found = (await findings(tmp_path))["clock"]
    assert (found.state, found.found.startswith("the database's is +")) == (LOOK, True)


async def test_messages_that_are_not_sent_and_messages_that_died(
    owner: Any, settings: Path, tmp_path: Path
) -> None:
    await owner.execute(
        "insert into running.outbox (id, client_account_id, flow_id, kind, exchange, routing_key, type, body,"
        " created_at) values ($1, $1, $1, 'event', 'e', 'r', 't', '{}', now() - interval '5 minutes')",
        new_id(),
    )
    await owner.execute(
        "insert into running.dead_letters (id, queue, reason, error_group, type, body)"
        " values ($1, 'q', 'rejected', 'poison', 't', 'x')",
        new_id(),
    )
    found = await findings(tmp_path)
    assert wrong(found) == {"outbox": LOOK, "dead letters": LOOK}
    assert found["dead letters"].found == "1 × poison"


async def test_leases_that_nobody_gives_up_and_work_that_nobody_does(
    owner: Any, settings: Path, tmp_path: Path
) -> None:
    await owner.execute("update running.lease_clock set ticked_at = now() - interval '1 minute', value = 100")
    await owner.execute(
        "insert into running.due (kind, id, flow_id, client_account_id, engagement_id, at, lease_at) values"
        " ('lease', $1, $1, $1, $1, null, 50), ('index', $1, $1, $1, $1, now() - interval '1 hour', null)",
        new_id(),
    )
    found = await findings(tmp_path)
    assert wrong(found) == {"leases": LOOK, "overdue": LOOK}
    assert "1 held, 1 run out" in found["leases"].found
    assert found["overdue"].found.startswith("1 × index for 60 min")


async def test_a_flow_that_nothing_would_wake_is_named_whosever_it_is(
    owner: Any, database: SqlDatabase, settings: Path, tmp_path: Path
) -> None:
    tenant, flow = await new_tenant(database), new_id()
    await owner.execute("set session_replication_role = replica")
    await owner.execute(
        "insert into migration_flows (id, client_account_id, engagement_id, flow_type, definition_version, name,"
        " status, estate_id) values ($1, $2, $3, 'x', '1.0.0', 'x', 'active', $1)",
        flow,
        tenant.client_account_id,
        tenant.engagement_id,
    )
    found = await findings(tmp_path)
    await owner.execute("delete from migration_flows where id = $1", flow)
    assert wrong(found) == {"flows without wake-up": STUCK}
    assert found["flows without wake-up"].found == str(flow)


async def test_a_store_that_is_not_the_databases_or_not_there(
    owner: Any, settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("CARAVAN_ARTIFACTS_URL", (tmp_path / "other").as_uri())
    found = await findings(tmp_path)
    assert wrong(found) == {"artifact store": BROKEN}
    assert "not the one of this database" in found["artifact store"].found
    assert not list((tmp_path / "other").iterdir())
    monkeypatch.setenv("CARAVAN_ARTIFACTS_URL", (tmp_path / "absent").as_uri())
    assert "is no folder" in (await findings(tmp_path))["artifact store"].found
    assert not await asyncio.to_thread((tmp_path / "absent").exists)


async def test_a_disk_that_is_nearly_full_is_seen(
    owner: Any, settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1 << 20))
    assert wrong(await findings(tmp_path)) == {"artifact store": LOOK, "data folder": LOOK}


async def test_a_broker_that_is_away_and_one_without_consumers(
    owner: Any, settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broker: Any
) -> None:
    monkeypatch.setenv("CARAVAN_AMQP_URL", "amqp://guest:guest@127.0.0.1:1/")
    assert wrong(await findings(tmp_path)) == {"broker": BROKEN}
    monkeypatch.setenv("CARAVAN_AMQP_URL", broker.url)
    found = await findings(tmp_path)
    assert found["broker"].found.startswith("RabbitMQ ")
    assert set(wrong(found).values()) == {BROKEN}
    assert all(what.startswith("queue ") for what in wrong(found))
    assert "an orchestrator" in found["queue caravan.orchestrator.replies.v1"].todo
    assert "a worker" in found["queue caravan.discovery.v1.commands.v1"].todo


async def test_where_a_worker_runs_a_store_without_a_mark_is_seen(
    settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CARAVAN_DATABASE_URL", "CARAVAN_DATABASE_DISPATCH_URL"):
        monkeypatch.delenv(name)
    assert (await findings(tmp_path))["artifact store"].state == FINE
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("CARAVAN_ARTIFACTS_URL", (tmp_path / "empty").as_uri())
    found = (await findings(tmp_path))["artifact store"]
    assert (found.state, "not mounted" in found.todo) == (LOOK, True)


async def test_workers_whose_slots_are_all_taken_are_not_taken_for_absent(
    owner: Any, settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broker: Any
) -> None:
    """A worker stops consuming when it is full."""
    monkeypatch.setenv("CARAVAN_AMQP_URL", broker.url)
    await owner.execute(
        "insert into flow_types (flow_type, version, digest, definition, slots, replicas) values"
        " ('discovery', '1.0.0', 'd', '{}', 2, jsonb_build_object('w', jsonb_build_object('slots', 2, 'at', now())))"
    )
    found = await findings(tmp_path)
    busy = found["queue caravan.discovery.v1.commands.v1"]
    assert (busy.state, busy.found.partition(": ")[2]) == (FINE, "every slot of 1 workers is taken")
    assert found["queue caravan.planning.v1.commands.v1"].state == BROKEN
