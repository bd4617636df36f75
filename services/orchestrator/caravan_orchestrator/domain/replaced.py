"""dataclasses.replace for frozen values with slots, in a third of its time: a decision makes some two dozen of them."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

Value = TypeVar("Value")
Setter = Callable[[Any, Any], None]


def replaced(value: Value, **changes: Any) -> Value:
    """A copy with these fields changed; of a dataclass with slots, several fields and no __post_init__.

    Raises KeyError for a field that it has not.
    """
    kind: Any = type(value)
    read, setters = _access(kind)
    copy: Value = object.__new__(kind)
    for write, old in zip(setters.values(), read(value), strict=True):
        write(copy, old)
    for name, new in changes.items():
        setters[name](copy, new)
    return copy


@cache
def _access(kind: Any) -> tuple[Callable[[Any], tuple[Any, ...]], Mapping[str, Setter]]:
    """Reads all fields at once; writes each past the frozen class's own refusal."""
    names = [field.name for field in fields(kind)]
    return attrgetter(*names), {name: getattr(kind, name).__set__ for name in names}
