"""Command lines as documents and help show them: which command they name, and whether they can be typed so."""

import re
from collections.abc import Iterator
from typing import Any

import typer.main

from caravan.main import app

_TREE: Any = typer.main.get_command(app)


def split(words: str) -> list[str]:
    """Words, a quoted one in one piece; what a shell does with the output is no part of them."""
    command = re.split(r"\s[|>]\s|\)\"?$", words)[0]
    return re.findall(r'(?:[^\s"]*"[^"]*")|\S+', command)


def resolve(words: list[str]) -> tuple[Any, list[str]]:
    """The command that the words name, and the words after its name."""
    command = _TREE
    rest = list(words)
    while hasattr(command, "commands") and rest and rest[0] in command.commands:
        command = command.commands[rest.pop(0)]
    return command, rest


def visible(command: Any = None, *path: str) -> Iterator[tuple[str, Any]]:
    """Single commands by their whole name, without those kept only for scripts of earlier versions."""
    for name, inner in (command or _TREE).commands.items():
        if inner.hidden:
            continue
        if hasattr(inner, "commands"):
            yield from visible(inner, *path, name)
        else:
            yield " ".join((*path, name)), inner


def check_typed(words: list[str]) -> None:
    """Every option is there, every argument and option that is needed is given, and nothing is too many."""
    command, rest = resolve(words)
    assert not hasattr(command, "commands"), "the words name no single command"
    options = {option: each for each in command.params for option in (*each.opts, *each.secondary_opts)}
    given = [word for word in rest if word.startswith("-") and not re.fullmatch(r"-[a-z_]{2,}", word)]
    assert [word for word in given if word not in options] == []
    values = sum(not getattr(options[word], "is_flag", False) for word in given)
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    positional = len(rest) - len(given) - values
    assert positional >= sum(each.required for each in arguments)
    assert positional <= len(arguments) or any(each.nargs == -1 for each in arguments)
    needed = [each for each in command.params if each.required and each not in arguments]
    assert [each.opts for each in needed if not set(each.opts) & set(given)] == []
