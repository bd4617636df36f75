"""Cursors are sealed: they hold values of the last row shown, which its reader may be shown masked."""

import base64
import binascii
import hashlib
import os
from contextvars import ContextVar
from uuid import uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.exc import SQLAlchemyError

from caravan_orchestrator.api.problems import unavailable
from caravan_orchestrator.store.binding import cursor_key
from caravan_orchestrator.store.database import SqlDatabase

_NONCE = 12


class Seal:
    """AES-GCM under a key made of `secret`: what comes back was written by one of our gateways, and nobody read it."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(hashlib.sha256(b"caravan cursors" + secret).digest())

    def close(self, plain: bytes) -> str:
        nonce = os.urandom(_NONCE)
        return base64.urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, plain, None)).decode().rstrip("=")

    def open(self, written: str) -> bytes:
        """Raises ValueError for what was not sealed with this key."""
        try:
            sealed = base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
        except (InvalidTag, binascii.Error) as error:
            raise ValueError("not sealed here") from error


# Of the request at hand. Outside of one, a key that nobody else has.
_of_request: ContextVar[Seal] = ContextVar("seal", default=Seal(uuid4().bytes))  # noqa: B039 (it never changes)


def current_seal() -> Seal:
    return _of_request.get()


class Sealing:
    """Of one gateway: the key that all gateways of a database share, read once."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database
        self._seal: Seal | None = None

    async def begin(self) -> None:
        """For the request that is answered. Raises Problem 503."""
        if self._seal is None:
            try:
                self._seal = Seal((await cursor_key(self._database.dispatch)).bytes)
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                raise unavailable(
                    "database_unavailable", "The database can't be reached; try again."
                ) from error
        _of_request.set(self._seal)
