"""The deployment's broker definitions, loaded into a real node: what each service's user may and may not do."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import aio_pika
import pytest
from aio_pika.exceptions import AMQPError
from aiormq.exceptions import ChannelAccessRefused
from yarl import URL

from caravan_common.bus.topology import (
    CANCELS_EXCHANGE,
    COMMANDS_EXCHANGE,
    REPLIES_EXCHANGE,
    cancel_queue,
    command_queue,
    service_permissions,
)
from tests.support import PrivateBroker, amqp

DEPLOY = Path(__file__).resolve().parents[2] / "deploy/rabbitmq"
PASSWORDS = {
    "admin": "a b",
    "orchestrator": 'quote " and | and $HOME',
    "discovery": "wörter",
    "assessment": "plain",
    "planning": "kept in a file",
}
IN_A_FILE = "planning"
COMMANDS = command_queue("discovery", 1).name
CANCELS = cancel_queue("discovery", "host-1-ab").name


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateBroker]:
    folder = tmp_path_factory.mktemp("rabbitmq")
    rendered, secret = folder / "definitions.json", folder / "password"
    secret.write_text(PASSWORDS[IN_A_FILE], encoding="utf-8")
    environment = {f"CARAVAN_BROKER_{name.upper()}_PASSWORD": word for name, word in PASSWORDS.items()}
    del environment[f"CARAVAN_BROKER_{IN_A_FILE.upper()}_PASSWORD"]
    environment[f"CARAVAN_BROKER_{IN_A_FILE.upper()}_PASSWORD_FILE"] = str(secret)
    rendered.write_bytes(
        subprocess.run(
            [DEPLOY / "render-definitions.sh"],
            env={"PATH": "/usr/bin:/bin:/usr/local/bin:/opt/homebrew/bin", "LANG": "C.UTF-8", **environment},
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
    )
    with PrivateBroker({"load_definitions": str(rendered)}) as broker:
        yield broker


async def connect(
    node: PrivateBroker, user: str, password: str | None = None
) -> aio_pika.abc.AbstractConnection:
    url = URL.build(
        scheme="amqp", host="127.0.0.1", port=node.port, user=user, password=password or PASSWORDS[user]
    )
    return await amqp.connect(url / "caravan")


@pytest.fixture
async def commands(node: PrivateBroker) -> None:
    """The queue as the orchestrator declares it, with all that a dead-letter exchange asks of its user."""
    queue = command_queue("discovery", 1)
    connection = await connect(node, "orchestrator")
    async with connection, connection.channel() as channel:
        declared = await channel.declare_queue(queue.name, durable=True, arguments=dict(queue.arguments()))
        await declared.bind(COMMANDS_EXCHANGE.name, queue.name)
        exchange = await channel.get_exchange(COMMANDS_EXCHANGE.name)
        await exchange.publish(aio_pika.Message(b"work"), queue.name)


@pytest.mark.parametrize("user", PASSWORDS)
async def test_every_user_comes_in_with_the_password_of_the_environment(
    node: PrivateBroker, user: str
) -> None:
    async with await connect(node, user):
        pass
    with pytest.raises((AMQPError, OSError)):
        await connect(node, user, "another")


async def test_guest_is_not_there(node: PrivateBroker) -> None:
    with pytest.raises((AMQPError, OSError)):
        await connect(node, "guest", "guest")


def test_the_file_gives_a_service_what_the_command_gives_it() -> None:
    granted = json.loads((DEPLOY / "definitions.json").read_text())["permissions"]
    (mine,) = (each for each in granted if each["user"] == "discovery")
    assert service_permissions("discovery")._asdict() == {k: mine[k] for k in ("configure", "write", "read")}


async def test_a_worker_takes_its_commands_and_counts_their_consumers(
    node: PrivateBroker, commands: None
) -> None:
    connection = await connect(node, "discovery")
    async with connection, connection.channel() as channel:
        queue = await channel.get_queue(COMMANDS)  # a passive declaration, as the bus counts consumers
        message = await queue.get(timeout=10)
        assert message.body == b"work"
        await message.ack()


async def test_a_worker_hears_of_cancelled_attempts_on_a_queue_of_its_own(node: PrivateBroker) -> None:
    connection = await connect(node, "discovery")
    async with connection, connection.channel() as channel:
        queue = await channel.declare_queue(CANCELS, exclusive=True, arguments={"x-queue-type": "classic"})
        await queue.bind(CANCELS_EXCHANGE.name, "")
        assert await queue.get(fail=False) is None


async def test_a_worker_answers(node: PrivateBroker) -> None:
    connection = await connect(node, "discovery")
    async with connection, connection.channel() as channel:
        exchange = await channel.get_exchange(REPLIES_EXCHANGE.name, ensure=False)
        await exchange.publish(aio_pika.Message(b"done", user_id="discovery"), "anywhere", mandatory=False)


async def test_a_worker_may_not_command(node: PrivateBroker, commands: None) -> None:
    connection = await connect(node, "discovery")
    async with connection, connection.channel() as channel:
        exchange = await channel.get_exchange(COMMANDS_EXCHANGE.name, ensure=False)
        with pytest.raises(ChannelAccessRefused):
            await exchange.publish(aio_pika.Message(b"work"), COMMANDS)


async def test_a_worker_may_not_declare_a_queue_of_another(node: PrivateBroker) -> None:
    connection = await connect(node, "discovery")
    async with connection, connection.channel() as channel:
        with pytest.raises(ChannelAccessRefused):
            await channel.declare_queue("caravan.assessment.cancels.x", exclusive=True)


async def test_a_worker_may_not_read_the_replies_of_others(node: PrivateBroker) -> None:
    connection = await connect(node, "discovery")
    async with connection, connection.channel() as channel:
        queue = await channel.get_queue("caravan.orchestrator.replies.v1", ensure=False)
        with pytest.raises(ChannelAccessRefused):
            await queue.get(fail=False)
