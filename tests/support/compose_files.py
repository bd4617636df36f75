"""Compose files as Compose reads them: its own tags, and one file laid over another."""

from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

import yaml


class Override(list[Any]):
    """A list tagged `!override`: it takes the place of what lies below."""


class OverrideMap(dict[Hashable, Any]):
    """A mapping tagged `!override`."""


class _Loader(yaml.SafeLoader):
    """Knows `!override`, the one tag of Compose's that our files have."""


def _overriding(loader: yaml.SafeLoader, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return OverrideMap(loader.construct_mapping(node, deep=True))
    assert isinstance(node, yaml.SequenceNode)
    return Override(loader.construct_sequence(node, deep=True))


_Loader.add_constructor("!override", _overriding)


def read_compose(path: Path) -> dict[str, Any]:
    """The file with its `!override`s marked, for `laid_over`; as plain lists and mappings they may be read as well."""
    found: dict[str, Any] = yaml.load(path.read_text(), _Loader)
    return found


def _target(entry: str | dict[str, Any]) -> Hashable:
    """Where in the container it is mounted."""
    return entry["target"] if isinstance(entry, dict) else mount(entry)[1]


def mount(entry: str) -> tuple[str | None, str]:
    """Source (a path, or the name of a volume; None for an anonymous volume) and target of a short entry."""
    parts = _outside_variables(entry)
    return (None, parts[0]) if len(parts) == 1 else (parts[0], parts[1])


def _outside_variables(entry: str) -> list[str]:
    """Split at the colons that are not in `${…}`."""
    parts, depth = [""], 0
    for character in entry:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character == ":" and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return parts


# What is told twice is told about one thing when this agrees; other lists are added to each other.
_ENTRY: dict[str, Callable[[Any], Hashable]] = {
    "volumes": _target,
    "tmpfs": lambda entry: entry.partition(":")[0],
    "secrets": lambda entry: entry,
    "profiles": lambda entry: entry,
}
# The later one alone counts.
_WHOLE = ("command", "entrypoint", "test")


def laid_over(below: Any, above: Any, name: str = "") -> Any:
    """What `docker compose -f below -f above` makes of both (merge.md of the Compose specification)."""
    if isinstance(above, OverrideMap | Override) or name in _WHOLE or type(below) is not type(above):
        return above
    if isinstance(below, dict):
        added = {
            key: laid_over(below[key], value, key) if key in below else value for key, value in above.items()
        }
        return below | added
    if isinstance(below, list):
        same = _ENTRY.get(name)
        if same is None:
            return [*below, *above]
        return list(({same(each): each for each in below} | {same(each): each for each in above}).values())
    return above
