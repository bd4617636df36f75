"""Flow types announce themselves: a new service joins by starting. The same version never changes its meaning."""

from collections.abc import Awaitable, Callable

import structlog

from caravan_common.bus import REPLIES
from caravan_common.contracts import FlowTypeAnnounced
from caravan_orchestrator.store.codec import to_json
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.dead_letters import announcement_subject, settle_announcement
from caravan_orchestrator.usecases.refusals import Refusal
from caravan_orchestrator.usecases.trust import Trust

log = structlog.get_logger()

_REGISTER = """
insert into flow_types as t (flow_type, version, digest, definition, owner, slots, replicas, announced_at)
values ($1, $2, $3, $4::text::jsonb, $5, $6,
  jsonb_build_object($7::text, jsonb_build_object('slots', $6::int, 'at', now())), now())
on conflict (flow_type, version) do update set announced_at = now(), owner = excluded.owner,
  replicas = (select coalesce(jsonb_object_agg(k, v), '{}') from jsonb_each(t.replicas || excluded.replicas) as e(k, v)
              where (v->>'at')::timestamptz > now() - interval '5 minutes'),
  slots = (select coalesce(sum((v->>'slots')::int), 0) from jsonb_each(t.replicas || excluded.replicas) as e(k, v)
           where (v->>'at')::timestamptz > now() - interval '5 minutes')
where t.digest = excluded.digest
returning slots
"""


class AnnouncementRefused(ValueError):
    """Another definition under the same version, or another broker user than the flow type's."""


class Registry:
    """Keeps flow types and, in `windows`, how many commands may be out by queue. `declare` makes the queue."""

    def __init__(
        self,
        database: SqlDatabase,
        declare: Callable[[str, int], Awaitable[str]],
        trust: Trust,
        refused: Callable[[Refusal], Awaitable[None]],
    ) -> None:
        """`refused` writes a refusal down."""
        self._database, self._declare, self._trust, self._refused = database, declare, trust, refused
        self.windows: dict[str, int] = {}

    async def announced(self, message: FlowTypeAnnounced, user: str | None) -> None:
        """Raises AnnouncementRefused; the message is parked and the operator sees why."""
        definition = message.definition
        if not await self._trust.may_speak(user, definition.flow_type):
            words = (
                f"the broker user {user} may not announce {definition.flow_type}; see `caravan service add`"
            )
            raise await self._refuse("wrong_user", message, user, words)
        if definition.digest() != message.digest:
            words = f"the digest of {definition.flow_type} {definition.version} does not fit"
            raise await self._refuse("bad_digest", message, user, words)
        async with self._database.app.begin() as connection:
            row = (
                await connection.exec_driver_sql(
                    _REGISTER,
                    (
                        definition.flow_type,
                        definition.version,
                        message.digest,
                        to_json(definition.model_dump(mode="json")),
                        user,
                        message.slots,
                        message.worker,
                    ),
                )
            ).first()
        if row is None:
            words = (
                f"{definition.flow_type} {definition.version} is known with another definition; "
                "a changed definition needs a new version"
            )
            raise await self._refuse("other_definition", message, user, words)
        subject = announcement_subject(definition.flow_type, definition.version, user)
        await settle_announcement(self._database.dispatch, REPLIES.name, subject, message.digest)
        queue = await self._declare(definition.flow_type, definition.major)
        self.windows[queue] = max(2, 2 * row[0])
        log.info(
            "orchestrator.flow_type_announced", flow_type=definition.flow_type, version=definition.version
        )

    async def _refuse(
        self, reason: str, message: FlowTypeAnnounced, user: str | None, words: str
    ) -> AnnouncementRefused:
        definition = message.definition
        details = {"version": definition.version, "digest": message.digest, "worker": message.worker}
        kind = type(message).__name__
        await self._refused(Refusal(reason, user, kind, definition.flow_type, details=details))
        return AnnouncementRefused(words)
