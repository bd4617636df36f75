"""Who read what tells of persons, in the clear. The first read of something is written at once, in the engagement's
audit; further ones of the same are counted here, and written together when the window ends.

So a page of assets costs a row a minute and not a row a request, and that somebody has read is never lost, only how
often. docs/decisions/ADR-013.
"""

import asyncio
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import SQLAlchemyError

from caravan_common.contracts import Tenant
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.usecases.audit import append_audit

log = structlog.get_logger()

ACTION = "personal_data.read"
# More are only counted: a row of the audit is to be read by people.
_MOST_IDS = 200


@dataclass(frozen=True)
class Reading:
    """`what` is read (assets, lineage …) by whom, within `scope`: an estate or a flow."""

    tenant: Tenant
    actor: str
    what: str
    scope: str


@dataclass
class _Counted:
    """Since the last row. `until`: when the window ends, by the monotonic clock."""

    until: float
    reads: int = 0
    ids: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)

    def add(self, attributes: Iterable[str], ids: Iterable[str]) -> None:
        self.reads += 1
        self.ids.update(ids)
        self.attributes.update(attributes)

    def details(self, what: str) -> dict[str, object]:
        ids = sorted(self.ids)
        return {
            "what": what,
            "attributes": sorted(self.attributes),
            "reads": self.reads,
            "count": len(ids),
            "ids": ids[:_MOST_IDS],
        }


class Readings:
    """Of one gateway. `window` in seconds."""

    def __init__(self, database: SqlDatabase, window: float) -> None:
        self._database, self._window = database, window
        self._open: dict[Reading, _Counted] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._writing: set[asyncio.Task[None]] = set()

    async def note(self, reading: Reading, attributes: Collection[str], ids: Collection[str]) -> None:
        """Raises what the database raises: what can't be noted is not shown."""
        counted = self._open.get(reading)
        if counted is not None:
            counted.add(attributes, ids)
            return
        first = _Counted(0.0)
        first.add(attributes, ids)
        self._open[reading] = _Counted(time.monotonic() + self._window)
        try:
            await self._write(reading, first)
        except BaseException:
            del self._open[reading]
            raise
        self._wake_at_end()

    async def write_all(self) -> None:
        """Whatever is counted; before the gateway ends."""
        await self._write_counted(float("inf"))

    def _wake_at_end(self) -> None:
        if self._timer is None and self._open:
            delay = min(counted.until for counted in self._open.values()) - time.monotonic()
            self._timer = asyncio.get_running_loop().call_later(max(0.0, delay), self._begin_writing)

    def _begin_writing(self) -> None:
        self._timer = None
        task = asyncio.get_running_loop().create_task(self._write_counted(time.monotonic()))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _write_counted(self, now: float) -> None:
        over = [(reading, each) for reading, each in self._open.items() if each.until <= now]
        for reading, counted in over:
            del self._open[reading]
            if not counted.reads:
                continue
            try:
                await self._write(reading, counted)
            except (SQLAlchemyError, OSError) as error:
                # The first read of the window stands in the audit; how many followed goes into the log.
                log.warning(
                    "gateway.readings_lost",
                    actor=reading.actor,
                    scope=reading.scope,
                    reads=counted.reads,
                    error=type(error).__name__,
                )
        self._wake_at_end()

    async def _write(self, reading: Reading, counted: _Counted) -> None:
        async with self._database.transaction(reading.tenant) as transaction:
            details = counted.details(reading.what)
            await append_audit(transaction, reading.actor, ACTION, reading.scope, details)
