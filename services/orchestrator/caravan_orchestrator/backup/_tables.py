"""Rows of whole tables out of and into PostgreSQL by COPY, as the owner, who is under row-level security as well."""

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, BinaryIO, cast
from uuid import UUID

import asyncpg

from caravan_common.artifacts import file_sha256
from caravan_orchestrator.backup._manifest import BackupIsDamaged, TableFile

# Written by migrations, or of this one database.
_NOT_COPIED = {("public", "schema_version"), ("running", "platform")}
# A migration puts their one row in.
_SINGLES = (("running", "collection"), ("running", "lease_clock"))
_TABLES = """
select n.nspname, c.relname, c.relrowsecurity,
  (select array_agg(a.attname order by a.attnum) from pg_attribute a
   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '')
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and n.nspname in ('public', 'running') order by 1, 2
"""
_REFERENCES = """
select n.nspname, c.relname, fn.nspname, f.relname from pg_constraint k
join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
join pg_class f on f.oid = k.confrelid join pg_namespace fn on fn.oid = f.relnamespace
where k.contype = 'f' and c.oid <> f.oid
"""


@dataclass(frozen=True)
class Table:
    """`secured`: under row-level security, so read client by client."""

    schema: str
    name: str
    secured: bool
    columns: tuple[str, ...]

    @property
    def quoted(self) -> str:
        return f'"{self.schema}"."{self.name}"'


async def tables(connection: asyncpg.Connection) -> list[Table]:
    """Those whose rows are copied, referenced ones before those that refer to them."""
    found = {
        (row[0], row[1]): Table(row[0], row[1], row[2], tuple(row[3]))
        for row in await connection.fetch(_TABLES)
    }
    order: TopologicalSorter[tuple[str, str]] = TopologicalSorter({key: set() for key in found})
    for row in await connection.fetch(_REFERENCES):
        order.add((row[0], row[1]), (row[2], row[3]))
    return [found[key] for key in order.static_order() if key in found and key not in _NOT_COPIED]


async def dump(
    connection: asyncpg.Connection, table: Table, clients: Sequence[UUID], folder: Path
) -> TableFile:
    """In the caller's transaction, whose snapshot it is."""
    names = ", ".join(f'"{column}"' for column in table.columns)
    select = f"select {names} from {table.quoted}"
    path, rows = folder / f"{table.schema}.{table.name}.gz", 0
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 1, raw, mtime=0) as packed:

        async def write(data: bytes) -> None:
            packed.write(data)

        if not table.secured:
            rows = await _copied(connection, select, write)
        for client in clients if table.secured else ():
            await connection.execute("select set_config('caravan.client', $1, true)", str(client))
            rows += await _copied(connection, f"{select} where client_account_id = '{client}'", write)
    return TableFile(table.schema, table.name, table.columns, rows, file_sha256(path))


async def _copied(connection: asyncpg.Connection, query: str, write: Any) -> int:
    return int((await connection.copy_from_query(query, output=write)).rpartition(" ")[2])


def check(files: Sequence[TableFile], folder: Path) -> None:
    """Before anything is changed. Raises BackupIsDamaged."""
    for file in files:
        path = folder / file.file
        if not path.is_file() or file_sha256(path) != file.sha256:
            raise BackupIsDamaged(f"{path.name} is missing or was changed after the backup.")


async def load(connection: asyncpg.Connection, files: Sequence[TableFile], folder: Path) -> None:
    """Into empty tables, in the caller's transaction; nobody but the owner can write in it.

    Triggers are off: what they wrote comes back as rows of its own, and what they check held in the backup's snapshot.
    """
    found = await tables(connection)
    for table in found:
        await connection.execute(f"alter table {table.quoted} disable trigger user")
        if table.secured:
            await connection.execute(f"alter table {table.quoted} no force row level security")
    for schema, name in _SINGLES:
        await connection.execute(f'delete from "{schema}"."{name}"')
    for file in files:
        with gzip.open(folder / file.file) as rows:
            done = await connection.copy_to_table(
                file.name, schema_name=file.schema, columns=list(file.columns), source=cast("BinaryIO", rows)
            )
        if int(done.rpartition(" ")[2]) != file.rows:
            raise BackupIsDamaged(f"{file.file} holds {done} rows instead of {file.rows}.")
    for table in found:
        await connection.execute(f"alter table {table.quoted} enable trigger user")
        if table.secured:
            await connection.execute(f"alter table {table.quoted} force row level security")


async def holds_rows(connection: asyncpg.Connection) -> list[str]:
    """Names of tables in which somebody has written anything already."""
    full = []
    for table in await tables(connection):
        if (table.schema, table.name) in _SINGLES or table.secured:
            continue
        if await connection.fetchval(f"select exists (select 1 from {table.quoted})"):
            full.append(f"{table.schema}.{table.name}")
    return full
