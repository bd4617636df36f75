"""Takes what died in any queue: parks it for an operator, and tells the flow of a dead command."""

import json
from collections.abc import Mapping
from uuid import UUID

import structlog

from caravan_common.bus import Delivery
from caravan_common.contracts import FlowTypeAnnounced, new_id
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.dead_letters import DeadLetter, announcement_subject, find_command, park
from caravan_orchestrator.store.failures import retried_in_place
from caravan_orchestrator.usecases.poison import fail_poisoned
from caravan_orchestrator.usecases.trust import Trust

log = structlog.get_logger()


class DeadLetterConsumer:
    def __init__(self, database: SqlDatabase, trust: Trust) -> None:
        self._database, self._trust = database, trust

    async def handle(self, delivery: Delivery) -> None:
        """Tries again in place while the database is away: what is rejected here is gone for good."""
        letter = describe(delivery, self._trust.speaker(delivery))
        await retried_in_place(lambda: self._take(letter))
        await delivery.ack()

    async def _take(self, letter: DeadLetter) -> None:
        """Harmless when repeated after a crash: a message is parked once and its attempt fails once."""
        await park(self._database.dispatch, letter)
        log.error("orchestrator.message_died", queue=letter.queue, type=letter.type, reason=letter.reason)
        # What was sent is known from the outbox: the body may be unreadable, and is nobody's word.
        sent = await find_command(self._database.dispatch, letter.message_id, letter.queue)
        if sent is not None:
            tenants = await self._database.tenants_of([sent.attempt_id])
            if (tenant := tenants.get(sent.attempt_id)) is not None:
                await fail_poisoned(self._database, tenant, sent.flow_id, sent.attempt_id, sent.epoch)


def describe(delivery: Delivery, said_by: str | None) -> DeadLetter:
    """What an operator needs to see. The body is kept as it came, whatever it is."""
    fields = _json_object(delivery.body)
    queue, reason = delivery.death_queue or "unknown", delivery.death_reason or "rejected"
    return DeadLetter(
        id=new_id(),
        queue=queue,
        reason=reason,
        error_group=f"{queue}:{delivery.type}:{reason}",
        type=delivery.type,
        message_id=delivery.message_id,
        attempt_id=_uuid(fields.get("attempt_id")),
        flow_id=_uuid(fields.get("flow_id")),
        headers=dict(delivery.headers),
        body=delivery.body,
        said_by=said_by,
        subject=_repeated_by_itself(delivery.type, fields, said_by),
    )


def _repeated_by_itself(kind: str, fields: Mapping[str, object], said_by: str | None) -> str | None:
    """A worker announces what it can do every minute, whatever became of it."""
    definition = fields.get("definition")
    if kind != FlowTypeAnnounced.__name__ or not isinstance(definition, dict):
        return None
    return announcement_subject(definition.get("flow_type"), definition.get("version"), said_by)


def _json_object(body: bytes) -> dict[str, object]:
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None
