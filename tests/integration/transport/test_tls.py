"""The broker over TLS: in with its own authority, and neither with another one nor by another name."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from caravan_common.bus import REPLIES, BusUnavailable, RabbitBus
from tests.support.private_broker import PrivateBroker
from tests.support.secured_postgres import make_authority
from tests.support.waiting import free_port


@dataclass(frozen=True)
class Secured:
    """A node that takes no connection but by TLS, its authority, and one that it does not know."""

    port: int
    authority: Path
    stranger: Path

    def url(self, host: str, authority: Path | None) -> str:
        trusted = "" if authority is None else f"?cafile={authority}"
        return f"amqps://guest:guest@{host}:{self.port}/{trusted}"


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    folder, port = tmp_path_factory.mktemp("tls"), free_port()
    authority = make_authority(folder / "ours", "localhost")
    stranger = make_authority(folder / "theirs", "localhost")
    config = {
        "listeners.ssl.local": f"127.0.0.1:{port}",
        "ssl_options.cacertfile": str(authority),
        "ssl_options.certfile": str(folder / "ours" / "server.pem"),
        "ssl_options.keyfile": str(folder / "ours" / "server.key"),
        "ssl_options.versions.1": "tlsv1.2",
    }
    with PrivateBroker(config):
        yield Secured(port, authority, stranger)


async def test_a_bus_works_over_tls_with_the_brokers_authority(secured: Secured) -> None:
    bus = RabbitBus(secured.url("localhost", secured.authority))
    await bus.start()
    try:
        await bus.declare_topology()
        assert await bus.consumer_count(REPLIES) == 0
        assert bus.connected
    finally:
        await bus.stop()


@pytest.mark.parametrize("whose", ["another authority", "the machine's own authorities", "another name"])
async def test_a_broker_that_can_not_be_verified_is_refused(secured: Secured, whose: str) -> None:
    url = {
        "another authority": secured.url("localhost", secured.stranger),
        "the machine's own authorities": secured.url("localhost", None),
        "another name": secured.url("127.0.0.1", secured.authority),
    }[whose]
    bus = RabbitBus(url)
    with pytest.raises(BusUnavailable, match=r"(?i)certificate"):
        await bus.start()
    await bus.stop()
