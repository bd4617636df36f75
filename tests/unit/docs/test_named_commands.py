"""Commands that the README and the documents show are there, and what is shown to be typed is complete."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from caravan.main import app

ROOT = Path(__file__).parents[3]
DOCUMENTS = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "services").glob("*/README.md")),
    *sorted((ROOT / "deploy").rglob("*.md")),
]
BLOCK = re.compile(r"^(?:    .+\n|```(?:bash|sh)\n(?:.+\n)+?```$)", re.MULTILINE)
TYPED = re.compile(r"^ *(?:\.venv/bin/)?caravan +([a-z].*?)(?: +#.*| +\|.*)?$", re.MULTILINE)
NAMED = re.compile(r"`caravan ([a-z][^`\n]*)`")


def split(words: str) -> list[str]:
    """Words, a quoted one in one piece."""
    return re.findall(r'"[^"]*"|\S+', words)


def resolve(words: list[str]) -> tuple[Any, list[str]]:
    """The command that the words name, and the words after its name."""
    command: Any = typer.main.get_command(app)
    rest = list(words)
    while hasattr(command, "commands") and rest and rest[0] in command.commands:
        command = command.commands[rest.pop(0)]
    return command, rest


def typed() -> Iterator[Any]:
    """Whole command lines out of the README's blocks."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for block in BLOCK.findall(text):
        for words in TYPED.findall(block):
            yield pytest.param(split(words), id=words)


def named() -> Iterator[Any]:
    """Commands in code within sentences, which may leave out what does not matter there."""
    for document in DOCUMENTS:
        for words in NAMED.findall(document.read_text(encoding="utf-8")):
            yield pytest.param(split(words), id=f"{document.name}: {words}")


@pytest.mark.parametrize("words", [*typed()])
def test_a_command_line_of_the_readme_can_be_typed(words: list[str]) -> None:
    command, rest = resolve(words)
    assert not hasattr(command, "commands"), "the words name no single command"
    options = {option: each for each in command.params for option in (*each.opts, *each.secondary_opts)}
    needed = [each for each in command.params if each.required]
    given = [word for word in rest if word.startswith("-")]
    assert [word for word in given if word not in options] == []
    values = sum(not getattr(options[word], "is_flag", False) for word in given)
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    positional = len(rest) - len(given) - values
    assert positional >= sum(each.required for each in arguments)
    assert positional <= len(arguments) or any(each.nargs == -1 for each in arguments)
    missing = [each for each in needed if each not in arguments and not set(each.opts) & set(given)]
    assert [each.opts for each in missing] == []


@pytest.mark.parametrize("words", [*named()])
def test_a_command_that_a_document_names_is_there_with_its_options(words: list[str]) -> None:
    command, rest = resolve(words)
    assert not (hasattr(command, "commands") and rest), f"no command {rest[0]!r}"
    options = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
    given = [word.partition("=")[0] for word in rest if word.startswith("--")]
    assert [word for word in given if word not in {*options, "--help"}] == []


def test_the_readme_shows_enough_to_be_tested() -> None:
    assert len([*typed()]) > 15
