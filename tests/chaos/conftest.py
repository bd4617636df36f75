"""Figures that a test shows go to the end of the run's report, where docs/acceptance.md takes them from."""

from collections.abc import Callable

import pytest

_said = pytest.StashKey[list[str]]()


@pytest.fixture
def say(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Lines under the test's name at the end of the run, whether it passed or not."""
    lines = request.config.stash.setdefault(_said, [])

    def add(text: str) -> None:
        lines.extend(f"{request.node.name}: {line}" for line in text.splitlines())

    return add


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = terminalreporter.config.stash.get(_said, [])
    if lines:
        terminalreporter.section("figures of the chaos tests")
        for line in lines:
            terminalreporter.write_line(line)
