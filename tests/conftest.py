"""Fixtures that every test may ask for, and the lines that say which broker and which PostgreSQL a run used."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.support import Broker, Database, choose_broker, choose_postgres

# How long one example takes on a busy machine says nothing about the code; the test's own time limit stays.
settings.register_profile("caravan", deadline=None)
settings.load_profile("caravan")


def pytest_report_header() -> list[str]:
    try:
        broker = choose_broker().description
    except Exception as error:  # noqa: BLE001 - the header must not end the run; the fixture tells it in full
        broker = str(error)
    return [f"broker: {broker}", f"database: {choose_postgres().description}"]


@pytest.fixture(scope="session")
def broker() -> Iterator[Broker]:
    """This run's own vhost on a RabbitMQ; dropped afterwards."""
    opened = choose_broker().open()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def amqp_url(broker: Broker) -> str:
    return broker.url


@pytest.fixture(scope="session")
def database_urls() -> Iterator[Database]:
    """This run's own database, empty: migrations are the business of the test that asks. Dropped afterwards."""
    opened = choose_postgres().open()
    yield opened
    opened.close()
