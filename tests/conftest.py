"""Fixtures that every test may ask for, and what a run says of itself: broker and PostgreSQL, and its figures."""

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from hypothesis import settings

from tests.support import Broker, Database, choose_broker, choose_postgres

if TYPE_CHECKING:
    from tests.support.distribution import TogetherByFixtures

_FIGURE = "figure"

# How long one example takes on a busy machine says nothing about the code; the test's own time limit stays.
settings.register_profile("caravan", deadline=None)
settings.load_profile("caravan")

# structlog's own default prints every variable of every frame, which takes half a minute for one exception of the
# gateway.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ],
    # Not among what a command prints that is run in this process, while a platform of other tests goes on beside it.
    logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
)


def pytest_report_header() -> list[str]:
    try:
        broker = choose_broker().description
    except Exception as error:  # noqa: BLE001 - the header must not end the run; the fixture tells it in full
        broker = str(error)
    return [f"broker: {broker}", f"database: {choose_postgres().description}"]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> "TogetherByFixtures":
    from tests.support.distribution import TogetherByFixtures

    return TogetherByFixtures(config, log)


@pytest.fixture
def say(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Figures that a test shows: lines under its name at the end of the run, whether it passed or not.

    docs/acceptance.md takes them from there. They travel with the test's report, which may come from another process.
    """

    def add(text: str) -> None:
        request.node.user_properties.extend((_FIGURE, line) for line in text.splitlines())

    return add


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    said = [
        f"{report.nodeid.rpartition('::')[2]}: {line}"
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call"
        for name, line in report.user_properties
        if name == _FIGURE
    ]
    if said:
        terminalreporter.section("figures")
        for line in said:
            terminalreporter.write_line(line)


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
