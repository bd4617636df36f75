"""Idempotency-Key: the answer is kept in the transaction of the effect, so there is both or neither."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, insert, select
from starlette.requests import Request

from caravan_orchestrator.api.answers import Answer
from caravan_orchestrator.api.problems import Problem
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.tables.between import idempotency_keys as table

KEPT_FOR = timedelta(hours=24)


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
            detail = "A request with this Idempotency-Key is under way; ask again in a moment."
            raise Problem("in_flight", detail, status=409, headers={"Retry-After": "1"})
        mine = (
            (table.c.engagement_id == tenant.engagement_id)
            & (table.c.actor == self.actor)
            & (table.c.key == self.key)
        )
        await connection.execute(
            delete(table).where(mine, table.c.created_at < self.transaction.now - KEPT_FOR)
        )
        columns = (table.c.request_digest, table.c.status_code, table.c.response)
        row = (await connection.execute(select(*columns).where(mine))).first()
        if row is None:
            return None
        if row.request_digest != self.digest:
            detail = "This Idempotency-Key was used for another request."
            raise Problem("idempotency_key_reused", detail, status=422)
        return Answer(row.response["body"], row.status_code, row.response["headers"])

    async def keep(self, answer: Answer) -> None:
        await self.transaction.connection.execute(
            insert(table).values(
                **self.transaction.tenant.model_dump(),
                key=self.key,
                actor=self.actor,
                request_digest=self.digest,
                status_code=answer.status,
                response={"body": answer.body, "headers": dict(answer.headers)},
            )
        )
