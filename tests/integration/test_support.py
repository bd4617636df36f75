"""The servers that tests stand on, tested themselves: chaos tests are worth what these promise."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aio_pika
import asyncpg
import psutil
import pytest

from tests.support import (
    Broker,
    Database,
    PrivateBroker,
    PrivatePostgres,
    choose_broker,
    choose_postgres,
    wait_until,
)
from tests.support.amqp import connect
from tests.support.command import clean_environment
from tests.support.distribution import kept_together, next_of
from tests.support.waiting import free_port

ROOT = Path(__file__).resolve().parents[2]
QUORUM: dict[str, Any] = {"x-queue-type": "quorum"}


@pytest.fixture(scope="module")
def private_broker() -> Iterator[PrivateBroker]:
    with PrivateBroker({"consumer_timeout": "123456"}) as node:
        yield node


@pytest.fixture(scope="module")
def private_postgres() -> Iterator[PrivatePostgres]:
    with PrivatePostgres() as server:
        yield server


async def test_a_run_has_a_vhost_of_its_own(broker: Broker, amqp_url: str) -> None:
    other = choose_broker().open()
    try:
        assert other.url != amqp_url or other.namespace != broker.namespace
        connection = await connect(amqp_url)
        async with connection, connection.channel() as channel:
            queue = await channel.declare_queue(f"{broker.namespace}hello", durable=True, arguments=QUORUM)
            await channel.default_exchange.publish(aio_pika.Message(b"1"), queue.name)
            message = await queue.get(timeout=5)
            await message.ack()
            assert message.body == b"1"
            await queue.delete(if_unused=False, if_empty=False)  # quorum queues refuse both conditions
    finally:
        await asyncio.to_thread(other.close)


async def test_a_closed_vhost_is_gone() -> None:
    choice = choose_broker()
    opened = await asyncio.to_thread(choice.open)
    await asyncio.to_thread(opened.close)
    if opened.namespace:  # the broker's owner allowed no vhost of ours, so there is none to be gone
        return
    with pytest.raises((OSError, aio_pika.exceptions.AMQPError)):
        await connect(opened.url, timeout=5)


async def test_a_run_has_an_empty_database_of_its_own() -> None:
    opened = await asyncio.to_thread(choose_postgres().open)
    connection = await asyncpg.connect(opened.owner)
    try:
        tables = await connection.fetchval(
            "select count(*) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')"
        )
        assert tables == 0
        assert (await connection.fetchval("select current_database()")).startswith("caravan_test_")
    finally:
        await connection.close()
        await asyncio.to_thread(opened.close)


async def test_another_role_gets_a_url_of_the_same_database(database_urls: Database) -> None:
    assert database_urls.as_role("caravan_app").startswith("postgresql://caravan_app@")
    assert database_urls.as_role("caravan_app", "word").startswith("postgresql://caravan_app:word@")
    assert database_urls.as_role("x").rpartition("/")[2] == database_urls.owner.rpartition("/")[2]


async def test_a_killed_broker_comes_back_with_its_durable_messages(private_broker: PrivateBroker) -> None:
    connection = await connect(private_broker.url)
    channel = await connection.channel()
    await channel.declare_queue("kept", durable=True, arguments=QUORUM)
    message = aio_pika.Message(b"precious", delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
    await asyncio.to_thread(private_broker.settle)
    await channel.default_exchange.publish(message, "kept")

    await asyncio.to_thread(private_broker.kill)
    assert not private_broker.is_running
    await connection.close()  # as with a failed connection, a lost one is left to a finalizer otherwise
    await asyncio.to_thread(private_broker.start)

    again = await connect(private_broker.url)
    async with again, again.channel() as channel_again:
        queue = await channel_again.get_queue("kept")
        returned = await queue.get(timeout=20)
        assert returned is not None
        assert returned.body == b"precious"
        await returned.ack()


async def test_a_restarted_broker_keeps_its_address_and_settings(private_broker: PrivateBroker) -> None:
    address = private_broker.url
    await asyncio.to_thread(private_broker.restart)
    assert private_broker.url == address
    setting = await asyncio.to_thread(
        private_broker.rabbitmqctl, "eval", "application:get_env(rabbit, consumer_timeout)."
    )
    assert setting.strip() == "{ok,123456}"


async def test_a_memory_alarm_blocks_publishers_until_it_is_cleared(private_broker: PrivateBroker) -> None:
    connection = await connect(private_broker.url)
    async with connection, connection.channel() as channel:
        await channel.declare_queue("alarmed", durable=True, arguments=QUORUM)
        await asyncio.to_thread(private_broker.raise_memory_alarm)
        publishing = asyncio.ensure_future(
            channel.default_exchange.publish(aio_pika.Message(b"x"), "alarmed")
        )
        finished, _ = await asyncio.wait({publishing}, timeout=1)
        assert not finished
        await asyncio.to_thread(private_broker.clear_memory_alarm)
        await asyncio.wait_for(publishing, 15)


async def test_a_killed_postgres_comes_back_with_what_was_committed(
    private_postgres: PrivatePostgres,
) -> None:
    connection = await asyncpg.connect(private_postgres.url)
    await connection.execute("create table kept (number int)")
    await connection.execute("insert into kept values (42)")

    await asyncio.to_thread(private_postgres.kill)
    with pytest.raises((OSError, asyncpg.PostgresError)):
        await asyncpg.connect(private_postgres.url, timeout=5)
    connection.terminate()
    await asyncio.to_thread(private_postgres.start)

    again = await asyncpg.connect(private_postgres.url)
    assert await again.fetchval("select number from kept") == 42
    await again.close()


async def test_a_restarted_postgres_keeps_its_address(private_postgres: PrivatePostgres) -> None:
    address = private_postgres.url
    await asyncio.to_thread(private_postgres.restart)
    connection = await asyncpg.connect(address)
    assert await connection.fetchval("select 1") == 1
    await connection.close()


def test_private_servers_leave_nothing_behind() -> None:
    with PrivatePostgres() as server:
        folder = server.folder
        assert folder.exists()
    assert not folder.exists()


PROGRAM = """
import os, signal, sys
from tests.support import PrivateBroker, PrivatePostgres
server = {"broker": PrivateBroker, "postgres": PrivatePostgres}[sys.argv[1]]().start()
print(server._process.pid, server.folder, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("kind", ["broker", "postgres"])
def test_a_killed_test_run_takes_its_private_servers_with_it(kind: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, kind], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == -signal.SIGKILL
    pid, folder = run.stdout.split()
    wait_until(lambda: not is_alive(int(pid)), what="the end of the server")
    wait_until(lambda: not Path(folder).exists(), what="the end of its folder")


def is_alive(pid: int) -> bool:
    """A zombie is dead: who reaps it is the machine's affair."""
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_a_given_broker_comes_before_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARAVAN_TEST_AMQP_URL", "amqp://someone:secret@127.0.0.1:1/place")
    description = choose_broker().description
    assert "127.0.0.1:1/place" in description
    assert "secret" not in description


def test_a_given_database_comes_before_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARAVAN_TEST_DATABASE_URL", "postgresql+asyncpg://someone:secret@127.0.0.1:1/place")
    description = choose_postgres().description
    assert "127.0.0.1:1" in description
    assert "secret" not in description


def test_a_port_is_given_once_and_is_none_that_whoever_connects_is_given() -> None:
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    given = [free_port() for _ in range(200)]
    assert len(set(given)) == 200
    assert max(given) < lowest


TESTS = """
import os
import pytest

@pytest.mark.parametrize("number", range(5))
def test_of_a_file(number, say):
    say(f"{__name__} in {os.environ['PYTEST_XDIST_WORKER']}\\nand more")
    assert (__name__, number) != ("test_b", 3)
"""


def test_a_run_of_two_processes_tells_what_one_would(tmp_path: Path) -> None:
    for name in ("test_a", "test_b", "test_c"):
        (tmp_path / f"{name}.py").write_text(TESTS)
    own = ["-p", "tests.conftest", "-p", "no:cacheprovider", "-c", os.devnull]
    path = os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", "")))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n2", *own, tmp_path],
        cwd=tmp_path,
        env=clean_environment(PYTHONPATH=path),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    told = done.stdout.splitlines()
    assert done.returncode == 1, done.stderr
    assert "1 failed, 14 passed" in told[-1]
    assert any(line.startswith("broker: ") for line in told)
    assert any(line.startswith("database: ") for line in told)
    figures = [
        line.split(": ", 1) for line in told if line.startswith("test_of_a_file[") and ": test_" in line
    ]
    # Those of the test that failed among them, and each file's tests in one and the same process.
    assert len(figures) == 15
    assert len({said for _, said in figures}) == 3
    assert sum(line.endswith(": and more") for line in told) == 15


def test_what_shares_a_platform_stays_together_and_what_takes_long_comes_first() -> None:
    tests = (
        "tests/clients/test_api_guide.py::test_it",
        "tests/chaos/test_kills.py::test_it[1]",
        "tests/chaos/test_kills.py::TestIt::test_it",
        "tests/e2e/test_plan.py::test_it",
        "tests/e2e/test_harbour.py::test_it",
        "tests/integration/transport/test_rabbit_faults.py::test_it",
        "tests/unit/test_samples.py::test_it",
    )
    waiting = list(dict.fromkeys(kept_together(each) for each in tests))
    order = []
    while waiting:
        order.append(next_of(waiting))
        waiting.remove(order[-1])
    assert order == ["tests/chaos", "tests/clients", "tests/unit/test_samples.py"]


def test_waiting_names_what_did_not_come() -> None:
    with pytest.raises(TimeoutError, match="the moon"):
        wait_until(lambda: False, timeout=0.01, what="the moon")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user's server started")
def test_as_root_the_server_runs_as_another_user(private_postgres: PrivatePostgres) -> None:
    assert private_postgres._process is not None
    owner = psutil.Process(private_postgres._process.pid).uids().real
    assert owner != 0
