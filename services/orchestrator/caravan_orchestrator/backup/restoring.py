"""Brings a backup back into an empty database and an empty store, in one transaction, and never over anything."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from caravan_common.artifacts import STORE_MARK, ArtifactStore, file_sha256
from caravan_orchestrator.backup import _tables
from caravan_orchestrator.backup._manifest import (
    OBJECTS,
    TABLES,
    BackupIsDamaged,
    Manifest,
    ObjectFile,
    read_listing,
)
from caravan_orchestrator.store.connecting import connect
from caravan_orchestrator.store.upgrade import upgrade_database

Told = Callable[[str, float | None], None]
_THERE = (
    "select to_regclass('running.clients') is not null or to_regclass('public.migration_flows') is not null"
)


class NotEmpty(Exception):
    """One sentence: what is there already, and what to do."""


@dataclass(frozen=True)
class Restoration:
    """Where to. The three roles are those of `caravan db upgrade`."""

    owner_url: str
    app_url: str
    dispatch_url: str
    store: ArtifactStore


async def restore(folder: Path, to: Restoration, told: Told) -> Manifest:
    """Rows come in under the schema they were written with, which is then brought up to date.

    Repeatable only after what it left behind is removed. Raises BackupIsDamaged, NotEmpty, UnknownRevision.
    """
    manifest = Manifest.read(folder)
    told("checking the backup", None)
    await asyncio.to_thread(_tables.check, manifest.tables, folder / TABLES)
    objects = await asyncio.to_thread(lambda: list(read_listing(folder, manifest)))
    await _require_empty(to, objects)
    await upgrade_database(to.owner_url, to.app_url, to.dispatch_url, manifest.revision)
    await asyncio.to_thread(_bring_artifacts, to.store, objects, folder, told)
    told("writing rows", None)
    connection = await connect(to.owner_url, timeout=10)
    try:
        async with connection.transaction():
            # Whoever came in since must not mix with what is brought back.
            if full := await _tables.holds_rows(connection):
                raise NotEmpty(_words(f"the database holds rows ({', '.join(full)})"))
            await _tables.load(connection, manifest.tables, folder / TABLES)
    finally:
        await connection.close()
    await upgrade_database(to.owner_url, to.app_url, to.dispatch_url)
    return manifest


async def _require_empty(to: Restoration, objects: Iterable[ObjectFile]) -> None:
    connection = await connect(to.owner_url, timeout=10)
    try:
        if await connection.fetchval(_THERE) and (full := await _tables.holds_rows(connection)):
            raise NotEmpty(_words(f"the database holds rows ({', '.join(full)})"))
    finally:
        await connection.close()
    clients = {each.key.partition("/")[0] for each in objects}
    if await asyncio.to_thread(_holds_objects, to.store, clients):
        raise NotEmpty(_words(f"the artifact store {to.store.url} holds artifacts"))


def _holds_objects(store: ArtifactStore, clients: set[str]) -> bool:
    marked = store.size(STORE_MARK) is not None
    return marked or any(next(store.keys(client), None) is not None for client in clients)


def _words(what: str) -> str:
    return f"Nothing is restored over what is there: {what}. Name an empty database and an empty store."


def _bring_artifacts(store: ArtifactStore, objects: list[ObjectFile], folder: Path, told: Told) -> None:
    for number, each in enumerate(objects):
        told("bringing artifacts back", number / len(objects))
        path = folder / OBJECTS / each.key
        if not path.is_file() or file_sha256(path) != each.sha256:
            raise BackupIsDamaged(f"artifact {each.key} is missing or was changed after the backup.")
        store.put_file(each.key, path, sha256=each.sha256)
