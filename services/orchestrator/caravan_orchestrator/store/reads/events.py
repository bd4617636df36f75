"""Events of an engagement as a stream that misses none and repeats none.

Ids carry the time an event was made, but transactions commit in another order: whoever remembers only the last id
misses what was made before and committed after it. So a position is two snapshots of the database: everything
visible in `before` has been told, and of what is visible in `upto` everything up to the id `last`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

# Longer than any transaction may take: what commits now was made after this much ago.
_LOOK_BACK_SECONDS = 600
_NOTHING = "1:1:"
_SNAPSHOT = re.compile(r"\d{1,19}:\d{1,19}:[\d,]{0,2000}\Z")

# A row's transaction id has 32 bits; the upper ones are those of the newest id not above it.
_READ = text("""
with now as (select pg_current_snapshot() as snapshot),
span as (
  select coalesce(cast(cast(:upto as text) as pg_snapshot), snapshot) as upto,
         cast(cast(:before as text) as pg_snapshot) as before,
         cast(cast(pg_snapshot_xmax(snapshot) as text) as bigint) as newest from now)
select cast(span.upto as text) as upto, e.id, e.flow_id, e.sequence, e.type, e.data, e.created_at
from span left join lateral (
  select e.id, e.flow_id, e.sequence, e.type, e.data, e.created_at
  from flow_events e
  cross join lateral (
    select cast(cast(span.newest - mod(mod(span.newest, 4294967296) - cast(cast(e.xmin as text) as bigint)
                + 4294967296, 4294967296) as text) as xid8) as made_by) x
  where e.engagement_id = :engagement and e.id > :last
    and (cast(:flow_id as uuid) is null or e.flow_id = :flow_id)
    and (cast(:types as text[]) is null or e.type = any(:types))
    and not pg_visible_in_snapshot(x.made_by, span.before) and pg_visible_in_snapshot(x.made_by, span.upto)
  order by e.id limit :limit) e on true
order by e.id
""")


@dataclass(frozen=True)
class Position:
    """Written as `before~upto~last`, opaque to clients. `upto` is empty when everything in `before` was all."""

    before: str
    upto: str | None
    last: UUID

    def __str__(self) -> str:
        return f"{self.before}~{self.upto or ''}~{self.last}"

    @classmethod
    def parse(cls, written: str) -> "Position | None":
        """Also the bare id of an event, as GET /flows/{id}/events shows it. None for anything else."""
        before, _, rest = written.strip().partition("~")
        upto, _, last = rest.partition("~")
        try:
            if not rest:
                return cls(_NOTHING, None, UUID(before))
            if not _SNAPSHOT.match(before) or (upto and not _SNAPSHOT.match(upto)):
                return None
            return cls(before, upto or None, UUID(last))
        except ValueError:
            return None


def floor(moment: datetime) -> UUID:
    """The lowest UUIDv7 of that moment."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)


def _time_of(id_: UUID) -> int:
    return id_.int >> 80


async def here(connection: AsyncConnection, now: datetime) -> Position:
    """The position after everything there is."""
    snapshot = (await connection.execute(text("select cast(pg_current_snapshot() as text)"))).scalar_one()
    return Position(snapshot, None, floor(now))


async def read_events(
    connection: AsyncConnection,
    engagement: UUID,
    position: Position,
    *,
    now: datetime,
    flow_id: UUID | None,
    types: Sequence[str] | None,
    limit: int = 200,
) -> tuple[list[tuple[Position, dict[str, Any]]], Position]:
    """Events after the position, each with its own, and the position after all of them."""
    resuming = position.before == _NOTHING or position.upto is not None
    last = (
        position.last
        if resuming
        else UUID(int=max(0, _time_of(position.last) - _LOOK_BACK_SECONDS * 1000) << 80)
    )
    arguments = {
        "engagement": engagement,
        "before": position.before,
        "upto": position.upto,
        "last": last,
        "flow_id": flow_id,
        "types": None if types is None else list(types),
        "limit": limit,
    }
    read = [dict(row) for row in (await connection.execute(_READ, arguments)).mappings()]
    upto = str(read[0]["upto"])
    events = [event for event in read if event["id"] is not None]
    found = [(Position(position.before, upto, event["id"]), event) for event in events]
    if len(events) == limit:
        return found, found[-1][0]
    newest = max([position.last, floor(now), *(event["id"] for event in events)])
    return found, replace(position, before=upto, upto=None, last=newest)
