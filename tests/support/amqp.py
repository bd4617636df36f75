"""A plain connection to a broker for a test's own looks at it."""

from typing import Any

import aio_pika
from yarl import URL


async def connect(url: str | URL, *, timeout: float = 10.0, **options: Any) -> aio_pika.Connection:
    """As aio_pika.connect, but closed if it fails.

    aio-pika leaves that to a finalizer, which makes a coroutine nobody awaits whenever the garbage collector comes by
    between two tests, when no loop runs.
    """
    connection = aio_pika.Connection(URL(url), **options)
    try:
        await connection.connect(timeout=timeout)
    except BaseException:
        await connection.close()
        raise
    return connection
