"""Finds the RabbitMQ that tests run against and gives each run a vhost of its own on it.

The first that is to be had: CARAVAN_TEST_AMQP_URL; localhost:5672 as guest; an installed rabbitmq-server; a container;
Debian's package, installed where that is allowed.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

import aio_pika

from tests.support.amqp import connect
from tests.support.private_broker import PrivateBroker, find_scripts
from tests.support.waiting import run_async

VARIABLE = "CARAVAN_TEST_AMQP_URL"
LOCAL = "amqp://guest:guest@127.0.0.1:5672/"


class NoBrokerFoundError(Exception):
    """Names every way to get one."""


@dataclass
class Broker:
    """`url` leads to a vhost that only this run uses. Where none could be made it leads to the broker's own, and
    `namespace` (else empty) must stand before every queue and exchange name."""

    url: str
    namespace: str = ""
    _undo: list[Callable[[], object]] = field(default_factory=list)

    def close(self) -> None:
        """Removes the vhost, and the broker itself where it was started for this run."""
        while self._undo:
            self._undo.pop()()


@dataclass(frozen=True)
class Choice:
    """Which broker it will be, and how to get at it. Nothing has been started yet."""

    description: str
    open: Callable[[], Broker]


def choose_broker() -> Choice:
    """Cheap: looks, but starts nothing. Raises NoBrokerFoundError."""
    if url := os.environ.get(VARIABLE):
        return Choice(
            f"{_version(url) or 'not reachable'} at {_without_password(url)} ({VARIABLE})",
            lambda: _shared(url),
        )
    if version := _version(LOCAL):
        return Choice(f"{version} at localhost:5672", lambda: _shared(LOCAL))
    if find_scripts():
        return Choice("a private node of the installed rabbitmq-server", _private)
    if _docker_answers():
        return Choice("a container (rabbitmq:4)", _container)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        return Choice("a private node, after installing Debian's package", _installed)
    raise NoBrokerFoundError(
        f"no RabbitMQ for the tests: set {VARIABLE}, or start one at localhost:5672 (guest), or install"
        " rabbitmq-server, or start Docker, or run as root on Debian so that the package can be installed"
    )


def _version(url: str) -> str | None:
    """What a broker says of itself once it has let us in, or None."""

    async def ask() -> str:
        connection = await connect(url, timeout=5)
        async with connection:
            transport = connection.transport
            properties = getattr(getattr(transport, "connection", None), "server_properties", {})
            return f"RabbitMQ {properties.get('version', '(unknown version)')}"

    try:
        return run_async(ask())
    except (OSError, TimeoutError, aio_pika.exceptions.AMQPError):
        return None


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or 5672}{parts.path}"


def _shared(url: str) -> Broker:
    """A vhost of our own by the management API or, for a broker on this machine, by its command."""
    name = f"caravan-test-{uuid.uuid4().hex[:12]}"
    ours = urlsplit(url)._replace(path=f"/{name}").geturl()
    user = urlsplit(url).username or "guest"
    for make, drop in (_by_management(url), _by_command()):
        if make(name, user):
            if _version(ours):
                return Broker(ours, _undo=[lambda drop=drop: drop(name)])  # type: ignore[misc]
            drop(name)
    return Broker(url, namespace=f"{name}.")


def _by_management(url: str) -> tuple[Callable[[str, str], bool], Callable[[str], object]]:
    import httpx

    parts = urlsplit(url)
    base = f"http://{parts.hostname}:15672/api"
    client = httpx.Client(
        auth=(parts.username or "guest", parts.password or "guest"), timeout=5, trust_env=False
    )

    def make(name: str, user: str) -> bool:
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        try:
            client.put(f"{base}/vhosts/{name}").raise_for_status()
            client.put(f"{base}/permissions/{name}/{quote(user)}", json=everything).raise_for_status()
        except httpx.HTTPError:
            return False
        return True

    return make, lambda name: client.delete(f"{base}/vhosts/{name}")


def _by_command() -> tuple[Callable[[str, str], bool], Callable[[str], object]]:
    def ctl(*arguments: str) -> bool:
        try:
            command = ["rabbitmqctl", "--quiet", *arguments]
            return subprocess.run(command, capture_output=True, timeout=30, check=False).returncode == 0
        except (OSError, subprocess.TimeoutExpired):
            return False

    def make(name: str, user: str) -> bool:
        return ctl("add_vhost", name) and ctl("set_permissions", "-p", name, user, ".*", ".*", ".*")

    return make, lambda name: ctl("delete_vhost", name)


def _private() -> Broker:
    node = PrivateBroker().start()
    return Broker(node.url, _undo=[node.close])


def _docker_answers() -> bool:
    if not shutil.which("docker"):
        return False
    with suppress(OSError, subprocess.TimeoutExpired):
        return (
            subprocess.run(["docker", "info"], capture_output=True, timeout=10, check=False).returncode == 0
        )
    return False


def _container() -> Broker:
    from testcontainers.rabbitmq import RabbitMqContainer

    container = RabbitMqContainer("rabbitmq:4").start()
    host, port = container.get_container_host_ip(), container.get_exposed_port(5672)
    return Broker(f"amqp://guest:guest@{host}:{port}/", _undo=[container.stop])


def _installed() -> Broker:
    with (Path(tempfile.gettempdir()) / "caravan-tests-install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the run's other process finds it installed
        if not find_scripts():
            _install()
    return _private()


def _install() -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-q"], env=environment, capture_output=True, check=False)
    install = ["apt-get", "install", "-q", "-y", "--no-install-recommends", "rabbitmq-server"]
    done = subprocess.run(install, env=environment, capture_output=True, text=True, check=False)
    if not find_scripts():
        raise NoBrokerFoundError(
            f"Debian's rabbitmq-server could not be installed: {done.stderr.strip()[-300:]}"
        )
