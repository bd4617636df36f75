"""Idempotency-Key: the answer is kept in the transaction of the effect, so there is both or neither."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select
from starlette.requests import Request

from caravan_orchestrator.api.answers import Answer
from caravan_orchestrator.api.problems import Problem
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.tables.between import idempotency_keys as table

KEPT_FOR = timedelta(hours=24)
# Who claimed it and never settled it has died.
_CLAIMED_FOR = timedelta(minutes=10)


@dataclass(frozen=True)
class Once:
    transaction: SqlTransaction
    actor: str
    key: str
    digest: str

    @classmethod
    def of(
        cls, request: Request, transaction: SqlTransaction, actor: str, key: str | None, body: bytes | None
    ) -> "Once | None":
        if key is None:
            return None
        head = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
        return cls(transaction, actor, key, hashlib.sha256(head + (body or b"")).hexdigest())

    async def begin(self) -> Answer | None:
        """The answer given before, if any. The lock is the transaction's: a request that dies holds nothing."""
        connection, tenant = self.transaction.connection, self.transaction.tenant
        lock = f"idempotency {tenant.client_account_id} {tenant.engagement_id} {self.actor} {self.key}"
        free = (
            await connection.execute(select(func.pg_try_advisory_xact_lock(func.hashtextextended(lock, 0))))
        ).scalar()
        if not free:
            raise _in_flight()
        over = (table.c.created_at < self.transaction.now - KEPT_FOR) | (
            table.c.status_code.is_(None) & (table.c.created_at < self.transaction.now - _CLAIMED_FOR)
        )
        await connection.execute(delete(table).where(self._mine, over))
        columns = (table.c.request_digest, table.c.status_code, table.c.response)
        row = (await connection.execute(select(*columns).where(self._mine))).first()
        if row is None:
            return None
        if row.request_digest != self.digest:
            detail = "This Idempotency-Key was used for another request."
            raise Problem("idempotency_key_reused", detail, status=422)
        if row.status_code is None:
            raise _in_flight()
        return Answer(row.response["body"], row.status_code, row.response["headers"])

    async def claim(self) -> Answer | None:
        """As `begin`, for an effect outside of this transaction: until it is settled, repeats are told to wait."""
        kept = await self.begin()
        if kept is None:
            await self._write(None, {})
        return kept

    async def settle(self, answer: Answer | None) -> None:
        """After the effect. Null where it failed: then it may be tried again under its key."""
        await self.transaction.connection.execute(
            delete(table).where(self._mine, table.c.status_code.is_(None))
        )
        if answer is not None:
            await self.keep(answer)

    async def keep(self, answer: Answer) -> None:
        await self._write(answer.status, {"body": answer.body, "headers": dict(answer.headers)})

    @property
    def _mine(self) -> ColumnElement[bool]:
        return (
            (table.c.engagement_id == self.transaction.tenant.engagement_id)
            & (table.c.actor == self.actor)
            & (table.c.key == self.key)
        )

    async def _write(self, status: int | None, response: Mapping[str, Any]) -> None:
        await self.transaction.connection.execute(
            insert(table).values(
                **self.transaction.tenant.model_dump(),
                key=self.key,
                actor=self.actor,
                request_digest=self.digest,
                status_code=status,
                response=response,
            )
        )


def _in_flight() -> Problem:
    detail = "A request with this Idempotency-Key is under way; ask again in a moment."
    return Problem("in_flight", detail, status=409, headers={"Retry-After": "1"})
