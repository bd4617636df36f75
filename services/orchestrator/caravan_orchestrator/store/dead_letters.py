"""Parked messages: kept as they came, listed by error group, replayed by an operator."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from caravan_orchestrator.store.codec import to_json
from caravan_orchestrator.store.durable import durable

_PARK = """
insert into running.dead_letters (id, queue, reason, error_group, type, message_id, attempt_id, flow_id,
  client_account_id, headers, body, said_by, subject)
select $1, $2, $3, $4, $5, $6, $7, $8,
  (select client_account_id from running.attempt_tenants where attempt_id = $7), $9::text::jsonb, $10, $11, $12
where $6::text is null or not exists (
  select 1 from running.dead_letters where message_id = $6 and queue = $2 and status = 'parked')
on conflict (queue, subject) where status = 'parked' and subject is not null
do update set repeats = dead_letters.repeats + 1, repeated_at = now()
"""
_LIST = """
select id, queue, reason, error_group, error, type, message_id, attempt_id, flow_id, status, created_at
from running.dead_letters
where ($1::uuid is null or client_account_id = $1) and ($2::text is null or status = $2)
  and ($3::text is null or error_group = $3) and ($4::uuid is null or id > $4)
order by id limit $5
"""


_UNOWNED = """
select id, queue, reason, error_group, type, subject, repeats, repeated_at, created_at, status
from running.dead_letters where flow_id is null and ($1::text is null or status = $1) order by id
"""
_LONGEST_SUBJECT = 300


@dataclass(frozen=True)
class DeadLetter:
    id: UUID
    queue: str
    reason: str
    error_group: str
    type: str
    message_id: str | None
    attempt_id: UUID | None
    flow_id: UUID | None
    headers: Mapping[str, str]
    body: bytes
    said_by: str | None = None
    subject: str | None = None


@dataclass(frozen=True)
class SentCommand:
    """A command that is out, as the outbox knows it."""

    flow_id: UUID
    attempt_id: UUID
    epoch: int


async def park(engine: AsyncEngine, letter: DeadLetter) -> None:
    """On disk when it returns: the broker forgets the message then. Of like ones with a subject the first is kept
    while it is parked, and the others are counted."""
    async with durable(engine) as connection:
        await connection.exec_driver_sql(
            _PARK,
            (
                letter.id,
                letter.queue,
                letter.reason,
                letter.error_group,
                letter.type,
                letter.message_id,
                letter.attempt_id,
                letter.flow_id,
                to_json(letter.headers),
                letter.body,
                letter.said_by,
                letter.subject,
            ),
        )


async def find_command(engine: AsyncEngine, message_id: str | None, queue: str) -> SentCommand | None:
    """The attempt a message was the command of; None when it was none, or its attempt has ended since.

    It must have died in the queue it was sent to: a worker may give its reply the id of another's command.
    """
    try:
        id_ = UUID(message_id or "")
    except ValueError:
        return None
    sql = (
        "select flow_id, attempt_id, epoch from running.outbox"
        " where id = $1 and kind = 'command' and routing_key = $2"
    )
    async with engine.connect() as connection:
        row = (await connection.exec_driver_sql(sql, (id_, queue))).mappings().first()
    return None if row is None else SentCommand(**row)


async def list_dead_letters(
    engine: AsyncEngine,
    *,
    client: UUID | None = None,
    status: str | None = "parked",
    group: str | None = None,
    after: UUID | None = None,
    limit: int = 100,
) -> list[Mapping[str, Any]]:
    """Without `client`, those of every tenant: for the platform's own operators."""
    async with engine.connect() as connection:
        rows = await connection.exec_driver_sql(_LIST, (client, status, group, after, limit))
        return [dict(row) for row in rows.mappings()]


async def take_for_replay(
    engine: AsyncEngine, *, client: UUID | None, ids: Sequence[UUID] | None, group: str | None
) -> list[Mapping[str, Any]]:
    """Marks parked letters as replayed and returns them; without ids and group, all."""
    async with durable(engine) as connection:
        rows = await connection.exec_driver_sql(
            "update running.dead_letters set status = 'replayed', replayed_at = now()"
            " where status = 'parked' and ($1::uuid is null or client_account_id = $1)"
            " and ($2::uuid[] is null or id = any($2)) and ($3::text is null or error_group = $3)"
            " returning id, type, queue, flow_id, attempt_id, client_account_id, headers, body, said_by",
            (client, None if ids is None else list(ids), group),
        )
        return [dict(row) for row in rows.mappings()]


def announcement_subject(flow_type: object, version: object, user: str | None) -> str:
    """By which announcements that were refused are known to be alike."""
    return f"{flow_type} {version} by {user}"[:_LONGEST_SUBJECT]


async def settle_announcement(engine: AsyncEngine, queue: str, subject: str, digest: str) -> None:
    """One like it was taken: what was parked of it before its cause was mended is over. Another definition's stays."""
    sql = "select id, body from running.dead_letters where queue = $1 and subject = $2 and status = 'parked'"
    async with engine.connect() as connection:
        found: Any = (await connection.exec_driver_sql(sql, (queue, subject))).first()
    if found is not None and orjson.loads(found[1]).get("digest") == digest:
        await _end(engine, [found[0]], "replayed")


async def list_unowned(engine: AsyncEngine, *, status: str | None) -> list[Mapping[str, Any]]:
    """Those that name no flow, so that no client's operator sees them; the oldest first."""
    async with engine.connect() as connection:
        rows = await connection.exec_driver_sql(_UNOWNED, (status,))
        return [dict(row) for row in rows.mappings()]


async def discard_unowned(engine: AsyncEngine, ids: Sequence[UUID]) -> list[UUID]:
    """Those of them that were parked and name no flow."""
    known = {row["id"] for row in await list_unowned(engine, status="parked")}
    return await _end(engine, [id_ for id_ in ids if id_ in known], "discarded")


async def _end(engine: AsyncEngine, ids: Sequence[UUID], status: str) -> list[UUID]:
    async with durable(engine) as connection:
        rows = await connection.exec_driver_sql(
            "update running.dead_letters set status = $2, replayed_at = now()"
            " where id = any($1) and status = 'parked' returning id",
            (list(ids), status),
        )
        return [row[0] for row in rows]
