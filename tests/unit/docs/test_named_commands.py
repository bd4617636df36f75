"""Commands that the README and the documents show are there, and what is shown to be typed is complete."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_lines import check_typed, resolve, split

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
    check_typed(words)


@pytest.mark.parametrize("words", [*named()])
def test_a_command_that_a_document_names_is_there_with_its_options(words: list[str]) -> None:
    command, rest = resolve(words)
    assert not (hasattr(command, "commands") and rest), f"no command {rest[0]!r}"
    options = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
    given = [word.partition("=")[0] for word in rest if word.startswith("--")]
    assert [word for word in given if word not in {*options, "--help"}] == []


def test_the_readme_shows_enough_to_be_tested() -> None:
    assert len([*typed()]) > 15
