"""Messages that were refused, written down: with the tenant they were meant for, else in the platform's own chain."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog

from caravan_common.contracts import FlowTypeAnnounced, Tenant
from caravan_common.telemetry import meter
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.failures import retried_in_place
from caravan_orchestrator.usecases.audit import append_audit, append_platform_audit

log = structlog.get_logger()
_refused = meter(__name__).create_counter(
    "caravan.messages.refused", description="Messages of workers that were refused, by reason"
)

ACTION = "message.refused"
QUIET_SECONDS = 60.0
# Who is refused announces again every minute, as long as it runs.
ANNOUNCED_QUIET_SECONDS = 3600.0
_KEPT = 10_000


@dataclass(frozen=True)
class Refusal:
    """`reason` is stable: wrong_user, unknown_attempt, another_flow, repeated, old_epoch, other_run, not_awaited,
    foreign_artifact, wrong_kind, other_definition, bad_digest. `subject` is the attempt, or the flow type that was
    announced.
    """

    reason: str
    user: str | None
    type: str
    subject: str
    tenant: Tenant | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


class Refusals:
    """Like ones within a minute are one entry, announcements within an hour: whoever repeats a forged message must
    not fill the record."""

    def __init__(self, database: SqlDatabase, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database, self._monotonic = database, monotonic
        self._written: dict[tuple[str, ...], float] = {}

    async def record(self, refusal: Refusal) -> None:
        """Returns when it is written; waits while the database is away. Takes a transaction of its own."""
        _refused.add(1, {"reason": refusal.reason})
        if self._was_written(refusal):
            return
        log.warning(
            "orchestrator.message_refused",
            reason=refusal.reason,
            user=refusal.user,
            type=refusal.type,
            subject=refusal.subject,
        )
        await retried_in_place(lambda: self._write(refusal))

    def _was_written(self, refusal: Refusal) -> bool:
        """Whether one like it was written lately; if not, it is from now on."""
        now = self._monotonic()
        key = (refusal.reason, refusal.user or "", refusal.type, refusal.subject)
        announced = refusal.type == FlowTypeAnnounced.__name__
        quiet = ANNOUNCED_QUIET_SECONDS if announced else QUIET_SECONDS
        if now - self._written.get(key, now - quiet) < quiet:
            return True
        self._written.pop(key, None)
        self._written[key] = now
        while len(self._written) > _KEPT:
            del self._written[next(iter(self._written))]
        return False

    async def _write(self, refusal: Refusal) -> None:
        actor = f"broker:{refusal.user or 'unknown'}"
        details = {"reason": refusal.reason, "type": refusal.type, **refusal.details}
        if refusal.tenant is not None:
            async with self._database.transaction(refusal.tenant) as transaction:
                await append_audit(transaction, actor, ACTION, refusal.subject, details)
            return
        async with self._database.app.begin() as connection:
            await append_platform_audit(connection, actor, ACTION, refusal.subject, details)
