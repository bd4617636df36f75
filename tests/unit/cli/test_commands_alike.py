"""What every command has: help for itself and each option, and --json wherever it tells something."""

from collections.abc import Iterator

import pytest
import typer.main
from typer.core import TyperCommand, TyperGroup

from caravan.main import app

# `token` prints a token and nothing else; the others are processes that log.
_SAY_NOTHING = {"token", "worker", "orchestrator"}


def leaves(command: TyperCommand | TyperGroup, *path: str) -> Iterator[tuple[str, TyperCommand]]:
    if isinstance(command, TyperGroup):
        for name, inner in command.commands.items():
            yield from leaves(inner, *path, name)  # type: ignore[arg-type]
    else:
        yield " ".join(path), command


COMMANDS = dict(leaves(typer.main.get_command(app)))  # type: ignore[arg-type]


def test_the_commands_of_the_design_are_there() -> None:
    wanted = {
        "demo", "run", "up", "token", "status", "doctor", "worker", "orchestrator", "db upgrade", "audit verify",
        "dead list", "dead replay",
        *(f"flow {name}" for name in ["list", "show", "create", "pause", "resume", "cancel", "retry", "rollback"]),
    }  # fmt: skip
    assert wanted <= set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_explains_itself_and_each_of_its_options(name: str) -> None:
    command = COMMANDS[name]
    assert (command.help or "").strip().endswith(".")
    unexplained = [each.name for each in command.params if not getattr(each, "help", None)]
    assert unexplained == []


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - _SAY_NOTHING))
def test_a_command_that_tells_something_tells_it_as_json_too(name: str) -> None:
    assert "--json" in {option for each in COMMANDS[name].params for option in each.opts}
