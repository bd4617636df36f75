"""Writes a backup while the platform runs: one snapshot of the database, then the artifacts, which never change."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from caravan_common.artifacts import ArtifactStore, file_sha256
from caravan_orchestrator.backup import _tables
from caravan_orchestrator.backup._manifest import LISTING, OBJECTS, TABLES, Manifest, ObjectFile
from caravan_orchestrator.store.connecting import connect
from caravan_orchestrator.store.upgrade import revisions

Told = Callable[[str, float | None], None]


class NotCurrent(Exception):
    """The database has another schema than this code; one sentence."""


async def write_backup(owner_url: str, store: ArtifactStore, folder: Path, told: Told) -> Manifest:
    """`folder` is new or empty. Nothing is locked and nothing waits for it, however long it takes.

    Artifacts are written before a row names them and are never changed: those of the snapshot are all there when it
    was taken, and the collector removes only what no row names. Raises NotCurrent, FileExistsError, OSError.
    """
    await asyncio.to_thread(_prepare, folder)
    connection = await connect(owner_url, timeout=10)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            revision = await connection.fetchval("select version_num from schema_version")
            if revision != revisions()[0]:
                raise NotCurrent(
                    f"The database's schema is {revision}, that of this version {revisions()[0]};"
                    " run `caravan db upgrade` first."
                )
            ids = await connection.fetch("select client_account_id from running.clients order by 1")
            clients = [row[0] for row in ids]
            files = []
            for table in await _tables.tables(connection):
                told(f"reading {table.name}", None)
                files.append(await _tables.dump(connection, table, clients, folder / TABLES))
            platform = await connection.fetchval("select id from running.platform")
            version = await connection.fetchval("show server_version")
    finally:
        await connection.close()
    objects = await asyncio.to_thread(_copy_artifacts, store, clients, folder, told)
    listing = "".join(json.dumps(each.__dict__) + "\n" for each in objects).encode()
    (folder / LISTING).write_bytes(listing)
    manifest = Manifest(
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        revision=revision,
        postgres=version,
        platform_id=str(platform),
        tables=tuple(files),
        artifacts=len(objects),
        artifact_bytes=sum(each.size for each in objects),
        listing_sha256=hashlib.sha256(listing).hexdigest(),
    ).sealed()
    manifest.write(folder)
    return manifest


def _prepare(folder: Path) -> None:
    """Readable by its owner only: a backup holds all that all clients have."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty")
    (folder / TABLES).mkdir()


def _copy_artifacts(store: ArtifactStore, clients: list[UUID], folder: Path, told: Told) -> list[ObjectFile]:
    """Everything of every client, also of runs under way; what is removed meanwhile was nobody's."""
    keys = sorted(key for client in clients for key in store.keys(str(client)))
    found = []
    for number, key in enumerate(keys):
        told("copying artifacts", number / len(keys))
        target = folder / OBJECTS / key
        target.parent.mkdir(parents=True, exist_ok=True)
        if (size := store.save(key, target)) is None:
            continue
        found.append(ObjectFile(key, file_sha256(target), size))
    return found
