"""Catches a process of the platform in the middle of a COMMIT and holds it there, so that a kill surely hits it."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import asyncpg
import psutil

from tests.support.process_platform import ProcessPlatform
from tests.support.program import Program

# A backend has its transaction's id until the commit is over; the query text stays for longer.
_COMMITTING = """
select pid, client_port, backend_xid::text as xid, query_start from pg_stat_activity
where state = 'active' and query ilike 'commit%' and usename = 'caravan_app' and backend_xid is not null
"""
# A COMMIT then waits this long, in microseconds, before it is written: a wider door to come in by.
_WIDE = 30_000


@dataclass(frozen=True)
class Caught:
    """A backend frozen in COMMIT (`xid` its transaction), and the program that waits for its answer."""

    backend: int
    xid: str
    program: Program

    def release(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.backend, signal.SIGCONT)


@asynccontextmanager
async def commit_trap(platform: ProcessPlatform, *, wide: bool) -> AsyncIterator["CommitTrap"]:
    """`wide` slows commits down while the trap stands, which catches them before they are written; else anywhere."""
    connection = await asyncpg.connect(platform.postgres.url, timeout=10)
    # A backend frozen while it writes its own entry would keep readers of pg_stat_activity for ever.
    await connection.execute("set statement_timeout = '250ms'")
    try:
        await _slow_commits(connection, _WIDE if wide else 0)
        yield CommitTrap(connection, platform.orchestrators)
    finally:
        if not connection.is_closed():
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                await _slow_commits(connection, 0)
            connection.terminate()


async def _slow_commits(connection: asyncpg.Connection, microseconds: int) -> None:
    await connection.execute(f"alter system set commit_delay = {microseconds}")
    await connection.execute(f"alter system set commit_siblings = {0 if microseconds else 5}")
    await connection.execute("select pg_reload_conf()")


class CommitTrap:
    def __init__(self, connection: asyncpg.Connection, programs: list[Program]) -> None:
        self._connection, self._programs = connection, programs

    async def catch(self, seconds: float) -> Caught | None:
        """None when no commit of the programs could be held in that time. The caller releases it, or kills it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for row in await self._connection.fetch(_COMMITTING):
                if not await self._freeze(row):
                    continue
                if (program := await asyncio.to_thread(self._client, row["client_port"])) is not None:
                    return Caught(row["pid"], row["xid"], program)
                os.kill(row["pid"], signal.SIGCONT)
            await asyncio.sleep(0)
        return None

    async def _freeze(self, seen: asyncpg.Record) -> bool:
        """Only when, once stopped, it still is in the same COMMIT."""
        try:
            os.kill(seen["pid"], signal.SIGSTOP)
            if any(row["xid"] == seen["xid"] for row in await self._connection.fetch(_COMMITTING)):
                return True
        except (ProcessLookupError, asyncpg.QueryCanceledError):
            pass
        with suppress(ProcessLookupError):
            os.kill(seen["pid"], signal.SIGCONT)
        return False

    def _client(self, port: int) -> Program | None:
        """The program at the other end of a backend's connection; None for the test itself."""
        for program in self._programs:
            with suppress(psutil.NoSuchProcess):
                ends = psutil.Process(program.pid).net_connections("tcp4")
                if any(end.laddr.port == port for end in ends):
                    return program
        return None
