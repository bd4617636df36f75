"""A backup taken at work, all else lost, a restoration: what was there is there, what was under way goes on."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import pytest

from caravan_common.artifacts import ArtifactStore
from caravan_common.contracts import Tenant, new_id
from caravan_orchestrator.api.app import GatewaySettings
from caravan_orchestrator.backup import (
    BackupIsDamaged,
    Manifest,
    NotEmpty,
    Proof,
    Restoration,
    prove,
    restore,
    write_backup,
)
from caravan_orchestrator.domain.handoffs import request_handoff
from caravan_orchestrator.store.database import SqlDatabase, make_engine
from tests.chaos.service import CHAOS_SERVICE
from tests.integration.gateway.client import Gateway
from tests.support.chain_services import CHAIN
from tests.support.inprocess_platform import InProcessPlatform, platform_on
from tests.support.postgres import Database, choose_postgres, create_database
from tests.support.waiting import eventually, run_async
from tests.support.waves_service import WAVES_SERVICE

OWNER = f"backup_owner_{new_id().hex[-12:]}"


def told(_what: str, _fraction: float | None) -> None:
    """Nobody looks."""


@contextmanager
def owned_database(server: Database) -> Iterator[Database]:
    """A new database of an owner who is no superuser, as an installation's is: row-level security binds it too."""
    database = create_database(server.owner)
    name = urlsplit(database.owner).path[1:]

    async def give_away() -> None:
        connection = await asyncpg.connect(server.owner)
        if not await connection.fetchval("select 1 from pg_roles where rolname = $1", OWNER):
            await connection.execute(f"create role {OWNER} login createrole nosuperuser nobypassrls")
        await connection.execute(f"alter database {name} owner to {OWNER}")
        await connection.close()

    run_async(give_away())
    try:
        yield Database(database.as_role(OWNER))
    finally:
        database.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Database]:
    opened = choose_postgres().open()
    yield opened

    async def drop_owner() -> None:
        connection = await asyncpg.connect(opened.owner)
        await connection.execute(f"drop role if exists {OWNER}")
        await connection.close()

    run_async(drop_owner())
    opened.close()


@dataclass(frozen=True)
class Kept:
    """What was there when the backup was begun: `done` was completed, `open` was in its first phase.

    There it stays until the file `go_on` is there.
    """

    folder: Path
    manifest: Manifest
    proof: Proof
    tenant: Tenant
    done: UUID
    open: UUID
    go_on: Path
    audit: list[Any]
    terms: list[Any]


# By a trigger, which must not add them a second time to those that are brought back.
_TERMS = "select term, entity_id from search_terms where entity_kind = 'flow' order by term, entity_id"
_AUDIT = "select sequence, action, hash from audit_log where flow_id = $1 order by sequence"


def configuration(folder: Path, journal: str, **more: str) -> dict[str, Any]:
    return {"machines": 40, "effects": ["a", "b"], "path": str(folder / journal), **more}


@pytest.fixture(scope="module")
async def kept(server: Database, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("first")
    with owned_database(server) as database:
        async with platform_on(database, folder, CHAOS_SERVICE) as platform:
            given = configuration(folder, "done.journal")
            done = await platform.create("chaos", configuration=given, auto_accept=True)
            await platform.reach(done, "completed")
            await platform.settled()
            go_on = folder / "go-on"
            given = configuration(folder, "open.journal", gather_until=str(go_on))
            opened = await platform.create("chaos", configuration=given, auto_accept=True)
            await platform.reach(opened, "active")
            store = ArtifactStore.open((folder / "artifacts").as_uri())
            proof = await prove(platform.database, store)
            backup = folder / "backup"
            manifest = await write_backup(database.owner, store, backup, told)
            assert (await platform.status(opened))[0] == "active"
            audit = [tuple(row) for row in await platform.query(_AUDIT, done)]
            terms = [tuple(row) for row in await platform.query(_TERMS)]
            tenant = platform.tenant
        shutil.rmtree(folder / "artifacts")
    return Kept(backup, manifest, proof, tenant, done, opened, go_on, audit, terms)


def to(database: Database, folder: Path) -> Restoration:
    app, dispatch = database.as_role("caravan_app"), database.as_role("caravan_dispatch")
    return Restoration(database.owner, app, dispatch, ArtifactStore.open((folder / "artifacts").as_uri()))


async def test_what_was_there_is_there_again_and_goes_on(
    kept: Kept, server: Database, tmp_path: Path
) -> None:
    with owned_database(server) as database:
        target = to(database, tmp_path)
        assert await restore(kept.folder, target, told) == kept.manifest
        async with platform_on(database, tmp_path, CHAOS_SERVICE) as platform:
            platform.tenant = kept.tenant
            assert (await platform.status(kept.done))[0] == "completed"
            assert [tuple(row) for row in await platform.query(_AUDIT, kept.done)] == kept.audit
            assert [tuple(row) for row in await platform.query(_TERMS)] == kept.terms != []
            assert await platform.query("select tgname from pg_trigger where tgenabled = 'D'") == []
            proof = await prove(platform.database, target.store)
            assert proof.faults == []
            assert proof.index == kept.proof.index
            assert len(proof.index) == 3
            assert proof.artifacts >= kept.proof.artifacts > 0
            kept.go_on.touch()
            await platform.reach(kept.open, "completed")
            await platform.settled()
            assert (await prove(platform.database, target.store)).faults == []
        with pytest.raises(NotEmpty, match="the database holds rows"):
            await restore(kept.folder, target, told)


_BETWEEN = "select id, source_flow_id, target_flow_id, status, digest from flow_handoffs order by id"
_EDITS = "select id, plan, edits, result from plan_edits order by id"
_COMPLETED = "select id from migration_flows where status = 'completed'"


async def between(platform: InProcessPlatform) -> list[Any]:
    return [tuple(row) for sql in (_BETWEEN, _EDITS) for row in await platform.query(sql)]


async def ended(platform: InProcessPlatform, flows: int) -> None:
    async def reached() -> bool:
        return len(await platform.query(_COMPLETED)) == flows

    await eventually(reached, timeout=60, what=f"{flows} flows have completed")
    await platform.settled()


async def test_a_chain_and_what_people_tried_on_a_plan_come_back(server: Database, tmp_path: Path) -> None:
    """Handed over again after the restoration, the result goes to the child that is there."""
    services, backup = (*CHAIN, WAVES_SERVICE), tmp_path / "backup"
    with owned_database(server) as database:
        async with platform_on(database, tmp_path / "first", *services) as platform:
            root = await platform.create("harvest", configuration={"through": "shipping"})
            waved = await platform.create("waved")
            await ended(platform, 4)
            store = ArtifactStore.open((tmp_path / "first" / "artifacts").as_uri())
            ann = Gateway(platform.database, store, GatewaySettings(rate=0)).client(platform.tenant)
            made = (await ann.json("GET", f"/flows/{waved}/datasets"))["items"]
            version = next(row["id"] for row in made if row["name"] == "waves")
            body = {"edits": [{"move": {"application": "app:002", "wave": 1}}]}
            await ann.json("POST", f"/wave-plans/{version}/edits:check", 202, json=body)
            await eventually(lambda: answered(platform), what="the edit is answered")
            kept, tenant = await between(platform), platform.tenant
            await write_backup(database.owner, store, backup, told)
    with owned_database(server) as database:
        target = to(database, tmp_path)
        await restore(backup, target, told)
        async with platform_on(database, tmp_path, *services) as platform:
            platform.tenant = tenant
            assert await between(platform) == kept
            assert [row[3] for row in kept[:2]] == ["accepted", "accepted"]
            assert (await prove(platform.database, target.store)).faults == []
            await platform.order(root, lambda draft: request_handoff(draft, "ann", None))
            await eventually(lambda: replaced(platform), what="the first handoff is replaced")
            assert len(await platform.query("select id from migration_flows")) == 4


async def answered(platform: InProcessPlatform) -> bool:
    return bool(await platform.query("select 1 from plan_edits where answered_at is not null"))


async def replaced(platform: InProcessPlatform) -> bool:
    return bool(await platform.query("select 1 from flow_handoffs where status = 'replaced'"))


async def test_nothing_is_restored_over_artifacts(kept: Kept, server: Database, tmp_path: Path) -> None:
    with owned_database(server) as database:
        target = to(database, tmp_path)
        target.store.put_bytes(f"{kept.tenant.client_account_id}/x/y", b"somebody's")
        with pytest.raises(NotEmpty, match="holds artifacts"):
            await restore(kept.folder, target, told)


@pytest.mark.parametrize("what", ["table", "artifact", "listing", "manifest", "unfinished"])
async def test_a_damaged_backup_is_refused(kept: Kept, server: Database, tmp_path: Path, what: str) -> None:
    folder = tmp_path / "backup"
    shutil.copytree(kept.folder, folder)
    match what:
        case "table":
            (folder / "tables" / "public.migration_flows.gz").write_bytes(b"x")
        case "artifact":
            path = next(path for path in (folder / "artifacts").rglob("*") if path.is_file())
            path.write_bytes(path.read_bytes()[:-1] + b"x")
        case "listing":
            (folder / "artifacts.jsonl").write_text("")
        case "manifest":
            read = json.loads((folder / "manifest.json").read_text())
            (folder / "manifest.json").write_text(json.dumps(read | {"artifacts": 0}))
        case _:
            (folder / "manifest.json").unlink()
    with owned_database(server) as database:
        with pytest.raises(BackupIsDamaged):
            await restore(folder, to(database, tmp_path), told)
        connection = await asyncpg.connect(database.owner)
        if await connection.fetchval("select to_regclass('running.clients') is not null"):
            assert await connection.fetchval("select count(*) from running.clients") == 0
        await connection.close()


async def test_the_proof_names_what_is_missing_or_changed(
    kept: Kept, server: Database, tmp_path: Path
) -> None:
    with owned_database(server) as database:
        target = to(database, tmp_path)
        await restore(kept.folder, target, told)
        files = sorted(path for path in (tmp_path / "artifacts").rglob("*.parquet") if path.is_file())
        files[0].unlink()
        await asyncio.to_thread(files[1].write_bytes, b"other")
        connection = await asyncpg.connect(database.as_role(urlsplit(server.owner).username or ""))
        await connection.execute(
            "update audit_log set actor = 'bob' where flow_id = $1 and sequence = 2", kept.done
        )
        await connection.execute(
            "delete from flow_data_entities where ctid in (select ctid from flow_data_entities limit 1)"
        )
        await connection.close()
        sql = SqlDatabase(make_engine(target.app_url), make_engine(target.dispatch_url, autocommit=True))
        proof = await prove(sql, target.store)
        await sql.dispose()
    kinds = sorted(fault.partition(" ")[0] for fault in proof.faults)
    assert kinds == ["artifact", "artifact", "audit", "index"]


async def test_a_backup_is_written_into_a_new_folder_only(kept: Kept, tmp_path: Path) -> None:
    (tmp_path / "somebody's").touch()
    store = ArtifactStore.open((tmp_path / "store").as_uri())
    with pytest.raises(FileExistsError):
        await write_backup("postgresql://nobody@127.0.0.1:1/none", store, tmp_path, told)
