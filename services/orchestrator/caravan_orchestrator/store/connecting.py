"""How a database is connected to: one reading of its address, by the driver, whoever asks.

TLS is named in the address as PostgreSQL's own tools have it: sslmode, sslrootcert, sslcert, sslkey, sslcrl.
"""

import os
import ssl
from collections.abc import Mapping
from functools import partial
from typing import Any

import asyncpg
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

_FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl")
_VERIFYING = ("verify-ca", "verify-full")


class NoTrustedConnection(ConnectionError):
    """Not the connection that the address asks for; one sentence. Its cause may pass, as that of any lost one."""


async def connect(url: str, **options: Any) -> asyncpg.Connection:
    """As asyncpg.connect, which takes the options.

    Raises NoTrustedConnection, OSError, TimeoutError, asyncpg.PostgresError.
    """
    address = _read(url)
    _require_files(address)
    try:
        return await asyncpg.connect(_driver_address(address), **options)
    except ssl.SSLCertVerificationError as error:
        raise NoTrustedConnection(
            f"the certificate of the database at {address.host} is refused: {error.verify_message.rstrip('.')};"
            " sslrootcert names the authority that signed it, and the address the host that it is for"
        ) from error
    except ssl.SSLError as error:
        raise NoTrustedConnection(
            f"no TLS with the database at {address.host}: {error.reason or error}"
        ) from error
    except ValueError as error:
        raise NoTrustedConnection(f"the database's address can't be read: {error}") from error


def _read(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError) as error:
        raise NoTrustedConnection(f"the database's address can't be read: {error}") from error


def _require_files(address: URL) -> None:
    """The driver's own error for a file that is not there does not name it."""
    for name in _FILES:
        path = address.query.get(name)
        if isinstance(path, str) and not os.access(path, os.R_OK):
            raise NoTrustedConnection(f"the file {path} that {name} names can't be read")


def _driver_address(address: URL) -> str:
    """As the driver takes it: of one scheme, and what is special in a password escaped."""
    return address.set(drivername="postgresql").render_as_string(hide_password=False)


def verifies(url: str) -> bool:
    """Whether a connection by this address is only made to a server whose certificate was verified."""
    query = make_url(url).query
    mode = query.get("sslmode", os.environ.get("PGSSLMODE"))
    return mode in _VERIFYING or (mode == "require" and "sslrootcert" in query)


def open_engine(url: str, options: Mapping[str, Any] | None = None, **pool: Any) -> AsyncEngine:
    """`options` are the driver's, `pool` SQLAlchemy's. Connecting raises as `connect` does."""
    return create_async_engine(
        "postgresql+asyncpg://", async_creator=partial(connect, url, **(options or {})), **pool
    )


def open_single(url: str) -> AsyncEngine:
    """For a command that needs a connection once and keeps none."""
    return open_engine(url, poolclass=NullPool)
