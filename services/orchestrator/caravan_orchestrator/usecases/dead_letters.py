"""Replaying dead letters: a reply is handled again, a command becomes a retry under a new epoch."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from caravan_common.bus import REPLY_ROUTE, Bus, OutgoingMessage
from caravan_common.contracts import COMMANDS
from caravan_orchestrator.domain.control import retry_flow
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.dead_letters import take_for_replay
from caravan_orchestrator.usecases.changes import change_flow
from caravan_orchestrator.usecases.trust import SAID_BY


async def replay_dead_letters(
    database: SqlDatabase,
    bus: Bus,
    actor: str,
    *,
    client: UUID | None = None,
    ids: Sequence[UUID] | None = None,
    group: str | None = None,
) -> dict[str, int]:
    """Counts of {"replies", "retried", "left"}; `left` are commands whose flow needs no retry any more."""
    counts = {"replies": 0, "retried": 0, "left": 0}
    for letter in await take_for_replay(database.dispatch, client=client, ids=ids, group=group):
        if letter["type"] not in COMMANDS:
            await bus.publish(_again(letter))
            counts["replies"] += 1
        elif await _retry(database, letter, actor):
            counts["retried"] += 1
        else:
            counts["left"] += 1
    return counts


def _again(letter: dict[str, Any] | Any) -> OutgoingMessage:
    # Handled again it is no more than it was: whose word it is stays.
    said_by = {SAID_BY: letter["said_by"]} if letter["said_by"] is not None else {}
    return OutgoingMessage(
        exchange=REPLY_ROUTE.exchange,
        routing_key=REPLY_ROUTE.routing_key,
        body=bytes(letter["body"]),
        type=letter["type"],
        message_id=str(letter["id"]),
        correlation_id=str(letter["flow_id"] or ""),
        headers={str(k): str(v) for k, v in dict(letter["headers"]).items()} | said_by,
    )


async def _retry(database: SqlDatabase, letter: Any, actor: str) -> bool:
    if letter["attempt_id"] is None:
        return False
    tenant = (await database.tenants_of([letter["attempt_id"]])).get(letter["attempt_id"])
    if tenant is None or letter["flow_id"] is None:
        return False
    try:
        async with database.transaction(tenant) as transaction:
            await change_flow(transaction, letter["flow_id"], lambda draft: retry_flow(draft, actor))
    except Refused:
        return False
    return True
