"""A worker that tells lies: publishes the messages it is given on stdin as the broker user of its address.

Each line is a JSON object of exchange, key, type, id, body, headers, and perhaps `as`: the user it claims to be.
Prints a line for each: `sent`, or the broker's reason to refuse.
"""

import asyncio
import json
import sys
from typing import Any

import aio_pika
from aio_pika.exceptions import AMQPError
from yarl import URL

from tests.support.amqp import connect


async def main() -> None:
    url = sys.argv[1]
    connection = await connect(url)
    async with connection:
        for line in sys.stdin:
            print(await publish(connection, json.loads(line), URL(url).user), flush=True)  # noqa: T201


async def publish(connection: aio_pika.abc.AbstractConnection, lie: dict[str, Any], user: str | None) -> str:
    """On a channel of its own: the broker closes that of a message it refuses."""
    channel = await connection.channel()
    try:
        exchange = await channel.get_exchange(lie["exchange"], ensure=False)
        message = aio_pika.Message(
            lie["body"].encode(),
            type=lie["type"],
            message_id=lie["id"],
            user_id=lie.get("as", user),
            headers=lie.get("headers", {}),
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        )
        await exchange.publish(message, lie["key"], timeout=10)
    except AMQPError as error:
        return type(error).__name__
    await channel.close()
    return "sent"


if __name__ == "__main__":
    asyncio.run(main())
