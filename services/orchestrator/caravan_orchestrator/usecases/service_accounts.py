"""Accounts of machines: a key shown once, of which a digest is kept; roles below approval; an end."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from caravan_orchestrator.domain.errors import DoesNotExist, Refused
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.reads.identity import get_account
from caravan_orchestrator.store.tables.identity import service_accounts
from caravan_orchestrator.usecases.audit import append_audit

# So that a key is told from a JWT, and found by those who look for leaked ones.
PREFIX = "cvsa_"
# Before the name of an account, where a person's subject stands: no token's subject may begin with it.
SUBJECT = "service-account:"
_IDS = 2 * 16


@dataclass(frozen=True)
class Key:
    """Whose it is can be read from it, so that it is looked up as that client; what it opens is in the secret.

    256 random bits need no slow hash: nobody can try them all.
    """

    client: UUID
    account: UUID
    secret: str

    @classmethod
    def new(cls, client: UUID, account: UUID) -> "Key":
        return cls(client, account, secrets.token_urlsafe(32))

    @classmethod
    def parse(cls, written: str) -> "Key | None":
        head, _, secret = written.removeprefix(PREFIX).partition(".")
        try:
            ids = base64.b64decode(head + "=" * (-len(head) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        if len(ids) != _IDS or not secret.isascii():
            return None
        return cls(UUID(bytes=ids[:16]), UUID(bytes=ids[16:]), secret)

    def __str__(self) -> str:
        ids = base64.urlsafe_b64encode(self.client.bytes + self.account.bytes).decode().rstrip("=")
        return f"{PREFIX}{ids}.{self.secret}"

    def __repr__(self) -> str:
        return f"Key(account={self.account})"

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.secret.encode()).hexdigest()

    def opens(self, digest: str) -> bool:
        return hmac.compare_digest(self.digest, digest)


async def create_account(
    transaction: SqlTransaction, key: Key, name: str, roles: Sequence[str], expires_at: datetime, actor: str
) -> dict[str, Any]:
    """In the transaction's engagement. Raises Refused."""
    given = {"name": name, "roles": sorted(set(roles)), "expires_at": expires_at}
    row = {**transaction.tenant.model_dump(), **given, "id": key.account, "key_digest": key.digest}
    statement = upsert(service_accounts).values(**row, created_by=actor).on_conflict_do_nothing()
    made = await transaction.connection.execute(statement.returning(service_accounts.c.id))
    if made.first() is None:
        raise Refused("name_taken", f"There is a service account {name!r} already.", pointer="/name")
    details = {**given, "expires_at": expires_at.isoformat()}
    await append_audit(transaction, actor, "service_account.created", str(key.account), details)
    return await _account(transaction, key.account)


async def revoke_account(transaction: SqlTransaction, id_: UUID, actor: str) -> None:
    """Repeating it changes nothing. Raises DoesNotExist."""
    table = service_accounts
    mine = (table.c.id == id_, table.c.engagement_id == transaction.tenant.engagement_id)
    await transaction.connection.execute(select(table.c.id).where(*mine).with_for_update())
    found = await _account(transaction, id_)
    if found["revoked_at"] is not None:
        return
    row = update(table).where(*mine).values(revoked_at=transaction.now)
    await transaction.connection.execute(row)
    await append_audit(transaction, actor, "service_account.revoked", str(id_), {"name": found["name"]})


async def _account(transaction: SqlTransaction, id_: UUID) -> dict[str, Any]:
    found = await get_account(transaction.connection, transaction.tenant.engagement_id, id_)
    if found is None:
        raise DoesNotExist("service account")
    return found
