"""Brings a database to the current schema: roles first, then migrations, one at a time behind a lock."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from caravan_orchestrator.store.connecting import open_single

_MIGRATIONS = Path(__file__).parent.parent / "migrations"
_LOCK = 7_217_001  # any number, as long as every upgrade takes the same


class UnknownRevision(Exception):
    """This code does not know that schema: it is of a newer version."""


async def upgrade_database(owner_url: str, app_url: str, dispatch_url: str, revision: str = "head") -> None:
    """Creates what is missing and changes nothing else; safe to run by several at once.

    `revision`: a schema of before, for what was written by the code of then. Raises UnknownRevision.
    """
    if revision != "head" and revision not in revisions():
        raise UnknownRevision(revision)
    engine = open_single(owner_url)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            for url in (app_url, dispatch_url):
                await connection.run_sync(_ensure_role, make_url(url))
            await connection.run_sync(_migrate, revision)
    finally:
        await engine.dispose()


def _ensure_role(connection: Connection, url: URL) -> None:
    """A role that owns nothing. Its password is the one its URL carries."""
    name = connection.dialect.identifier_preparer.quote(url.username or "")
    if not _has_role(connection, url):
        try:
            with connection.begin_nested():
                connection.execute(
                    text(f"create role {name} login nosuperuser nocreatedb nocreaterole nobypassrls")
                )
        except DBAPIError:
            # Roles are the server's, the lock is the database's: an upgrade of another one has just made it.
            if not _has_role(connection, url):
                raise
    if url.password:
        literal = str(url.password).replace("'", "''").replace(":", r"\:")
        connection.execute(text(f"alter role {name} password '{literal}'"))


def _has_role(connection: Connection, url: URL) -> bool:
    found = connection.execute(
        text("select 1 from pg_roles where rolname = :name"), {"name": url.username}
    ).scalar()
    return found is not None


def revisions() -> list[str]:
    """Of the schema, newest first: the first is what this code works on."""
    return [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()]


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config


def _migrate(connection: Connection, revision: str) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
