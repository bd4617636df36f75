"""What the client's own records say of who asks: memberships of the enrolled, service accounts by their key.

Read for each request, and remembered for a second: so long a revocation may take on another replica of the gateway.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.sql import func

from caravan_common.contracts import Tenant
from caravan_orchestrator.api.auth import Principal, Role, invalid_token
from caravan_orchestrator.api.problems import no_connection_free, unavailable
from caravan_orchestrator.store.database import SqlDatabase, SqlTransaction
from caravan_orchestrator.store.reads.identity import living_account, standing_of
from caravan_orchestrator.store.tables.identity import service_accounts
from caravan_orchestrator.usecases.service_accounts import SUBJECT, Key

_SECONDS = 1.0
_MOST = 10_000
_USED_EVERY = 60.0


class Standing:
    """Of one gateway. `forget` after a change, so that it counts at once where it was made."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database
        self._known: dict[Hashable, tuple[float, Any]] = {}
        self._used: dict[UUID, float] = {}

    async def of(self, principal: Principal) -> Principal:
        """With its memberships; a revoked service account without any role. Raises Problem 503."""
        client = principal.client_account_id
        if (account := principal.service_account) is not None:
            return (
                principal if await self._account(client, account) else replace(principal, roles=frozenset())
            )

        async def read(transaction: SqlTransaction) -> Any:
            return await standing_of(transaction.connection, client, principal.subject)

        found = await self._remembered(client, ("person", client, principal.subject), read)
        if found is None:
            return principal
        roles = {engagement: frozenset(map(Role, given)) for engagement, given in found.items()}
        return replace(principal, memberships=roles)

    async def of_key(self, written: str) -> Principal:
        """Raises Problem 401 `invalid_token`, 503."""
        key = Key.parse(written)
        found = None if key is None else await self._account(key.client, key.account)
        if key is None or found is None or not key.opens(found["key_digest"]):
            raise invalid_token("there is no such service account, or its time is over")
        await self._note_use(key, found["engagement_id"])
        return Principal(
            subject=f"{SUBJECT}{found['name']}",
            client_account_id=key.client,
            engagement_ids=(found["engagement_id"],),
            roles=frozenset(map(Role, found["roles"])),
            expires_at=found["expires_at"].timestamp(),
            service_account=key.account,
        )

    def forget(self) -> None:
        self._known.clear()

    async def _account(self, client: UUID, account: UUID) -> Any:
        async def read(transaction: SqlTransaction) -> Any:
            return await living_account(transaction.connection, client, account)

        return await self._remembered(client, ("account", client, account), read)

    async def _note_use(self, key: Key, engagement: UUID) -> None:
        """To the minute: a request more need not be a write more."""
        if time.monotonic() - self._used.get(key.account, float("-inf")) < _USED_EVERY:
            return
        async with self._transaction(key.client, engagement) as transaction:
            used = update(service_accounts).where(service_accounts.c.id == key.account)
            await transaction.connection.execute(used.values(last_used_at=func.now()))
        if len(self._used) >= _MOST:
            self._used.clear()
        self._used[key.account] = time.monotonic()

    async def _remembered(
        self, client: UUID, what: Hashable, read: Callable[[SqlTransaction], Awaitable[Any]]
    ) -> Any:
        until, found = self._known.get(what, (0.0, None))
        if time.monotonic() < until:
            return found
        # No engagement yet: what is read here is the client's.
        async with self._transaction(client, client) as transaction:
            found = await read(transaction)
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[what] = (time.monotonic() + _SECONDS, found)
        return found

    @asynccontextmanager
    async def _transaction(self, client: UUID, engagement: UUID) -> AsyncIterator[SqlTransaction]:
        tenant = Tenant(client_account_id=client, engagement_id=engagement)
        try:
            async with self._database.transaction(tenant) as transaction:
                yield transaction
        except PoolTimeout as error:
            raise no_connection_free() from error
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise unavailable("database_unavailable", "The database can't be reached; try again.") from error
