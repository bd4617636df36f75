"""Server-sent events out of the event table: looked at twice a second and whenever this gateway commits."""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import orjson
import structlog
from sqlalchemy.exc import SQLAlchemyError

from caravan_common.contracts import CloudEvent, Tenant
from caravan_orchestrator.api.access import Access
from caravan_orchestrator.api.privacy import veiled
from caravan_orchestrator.api.problems import Problem
from caravan_orchestrator.api.services import GatewayServices
from caravan_orchestrator.store.failures import is_passing
from caravan_orchestrator.store.reads.events import Position, read_events

log = structlog.get_logger()

_RECONNECT_MILLISECONDS = 1000
# Those whose gateway stops are spread over this, so that they do not all fall upon the others at once.
_SPREAD_MILLISECONDS = 2000


class Stream:
    """One client's stream. It holds no connection to the database while it waits."""

    def __init__(
        self,
        services: GatewayServices,
        tenant: Tenant,
        position: Position,
        access: Access,
        *,
        flow_id: UUID | None = None,
        types: Sequence[str] | None = None,
    ) -> None:
        self._services, self._tenant, self._position, self._access = services, tenant, position, access
        self._flow_id, self._types = flow_id, types

    async def chunks(self) -> AsyncIterator[bytes]:
        """Ends with the token, the membership or the gateway. An id alone tells the client where it is before anything
        happens."""
        yield f"retry: {_RECONNECT_MILLISECONDS}\nid: {self._position}\n\n".encode()
        spoke = time.monotonic()
        settings, stopping = self._services.settings, self._services.stopping
        while (
            time.time() < self._access.principal.expires_at
            and not stopping.is_set()
            and await self._is_welcome()
        ):
            found = await self._read()
            for position, event in found:
                yield self._written(position, event)
                spoke = time.monotonic()
            if found:
                continue
            if time.monotonic() - spoke >= settings.event_heartbeat:
                yield b": alive\n\n"
                spoke = time.monotonic()
            await self._services.bell.wait(settings.event_poll)
        if stopping.is_set():
            retry = _RECONNECT_MILLISECONDS // 2 + random.randrange(_SPREAD_MILLISECONDS)
            yield f"retry: {retry}\n: this gateway stops, another goes on\n\n".encode()

    async def _is_welcome(self) -> bool:
        """A database that is away for a while ends no stream; nothing is read from it meanwhile."""
        with contextlib.suppress(Problem):
            self._access = await self._access.now()
        return self._access.principal.may(self._access.role, self._tenant.engagement_id)

    async def _read(self) -> list[tuple[Position, dict[str, Any]]]:
        """A database that is away for a while ends no stream."""
        try:
            async with self._services.database.transaction(self._tenant) as transaction:
                found, self._position = await read_events(
                    transaction.connection,
                    self._tenant.engagement_id,
                    self._position,
                    now=transaction.now,
                    flow_id=self._flow_id,
                    types=self._types,
                )
        except (SQLAlchemyError, OSError) as error:
            if not is_passing(error):
                raise
            log.warning("gateway.events_unavailable", error=type(error).__name__)
            await asyncio.sleep(self._services.settings.event_poll)
            return []
        return found

    def _written(self, position: Position, event: dict[str, Any]) -> bytes:
        """The same CloudEvent that the broker carries, as far as its reader is shown what tells of persons."""
        sees_personal = self._access.sees_personal_of(self._tenant.engagement_id)
        message = CloudEvent(
            id=event["id"],
            type=event["type"],
            subject=str(event["flow_id"]),
            time=event["created_at"],
            clientaccount=str(self._tenant.client_account_id),
            engagement=str(self._tenant.engagement_id),
            sequence=event["sequence"],
            data=event["data"] if sees_personal else veiled(event["data"]),
        )
        data = orjson.dumps(message.model_dump(mode="json"))
        return f"id: {position}\nevent: {event['type']}\ndata: ".encode() + data + b"\n\n"
