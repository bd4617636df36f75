"""How a fault is put into the code on purpose, and taken out again."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

Mutation = Callable[[ExitStack], None]
MUTATIONS: dict[str, Mutation] = {}


@contextmanager
def mutated(name: str | None) -> Iterator[None]:
    """The code with one fault in it."""
    with ExitStack() as stack:
        if name is not None:
            MUTATIONS[name](stack)
        yield


def mutation(put_in: Mutation) -> Mutation:
    MUTATIONS[put_in.__name__] = put_in
    return put_in


def everywhere(stack: ExitStack, old: Any, new: Any) -> None:
    """A function is imported by name into several modules."""
    for name, module in list(sys.modules.items()):
        if name.startswith("caravan_orchestrator") and getattr(module, old.__name__, None) is old:
            stack.enter_context(patch.object(module, old.__name__, new))
