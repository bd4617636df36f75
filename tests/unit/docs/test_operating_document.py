"""docs/operating.md names commands, options, settings, metrics and routes that are there, and leaves none out."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from fastapi.routing import APIRoute

from caravan.main import app
from caravan_common.crews import LlmSettings
from caravan_common.settings import Settings
from caravan_orchestrator.api.routes import platform
from tests.unit.test_monitoring_files import given

DOCUMENT = (Path(__file__).parents[3] / "docs" / "operating.md").read_text(encoding="utf-8")
# Named for people, and used by none of the processes that Settings describes.
COMMAND_LINE = {
    "CARAVAN_URL",
    "CARAVAN_TOKEN",
    "CARAVAN_BROKER_MANAGEMENT_URL",
    "CARAVAN_BROKER_VHOST",
}


def commands() -> Iterator[list[str]]:
    """The words of each `caravan …` in code, without the first."""
    for code in re.findall(r"`caravan ([^`]+)`", DOCUMENT):
        yield code.split()


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_a_command_and_its_options_are_there(words: list[str]) -> None:
    command: Any = typer.main.get_command(app)
    rest = list(words)
    while hasattr(command, "commands") and rest and not rest[0].startswith("-"):
        name = rest.pop(0)
        assert name in command.commands, f"caravan {' '.join(words)}"
        command = command.commands[name]
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    assert [word for word in rest if word.startswith("--") and word not in known] == []


def test_every_setting_is_described_and_no_other() -> None:
    described = set(re.findall(r"`((?:CARAVAN|OTEL)_[A-Z_]+)`", DOCUMENT)) - COMMAND_LINE
    named = {
        field.validation_alias or f"CARAVAN_{name.upper()}" for name, field in Settings.model_fields.items()
    } | {f"CARAVAN_{name.upper()}" for name in LlmSettings.model_fields}
    assert described == named


def test_every_metric_is_described_and_no_other() -> None:
    rows = re.findall(r"^\| (`caravan_[^|]+) \|", DOCUMENT, re.MULTILINE)
    described = {name for row in rows for name in re.findall(r"`(caravan_\w+)", row)}
    measured = {name.removesuffix("_bucket") for name in given() if not name.endswith(("_sum", "_count"))}
    assert described == measured


def test_the_routes_of_health_and_metrics_are_described() -> None:
    routes = {route.path for route in platform.router.routes if isinstance(route, APIRoute)}
    assert {path for path in routes if f"`{path}`" not in DOCUMENT} == set()
