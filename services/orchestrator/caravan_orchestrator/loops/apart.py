"""One piece of work that fails holds up no other: not of the same client, and not of another."""

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from caravan_common.artifacts import ArtifactStoreUnavailable
from caravan_orchestrator.store.failures import is_passing

T = TypeVar("T")


def fails_all(error: Exception) -> bool:
    """Whether the database or the store is away: then the next piece would fail too, and all are better left."""
    return is_passing(error) or isinstance(error, ArtifactStoreUnavailable)


async def each_apart(pieces: Iterable[T], work: Callable[[T], Awaitable[None]]) -> None:
    """Each gets its turn; the first failure is raised after the last, one that `fails_all` at once."""
    failure: Exception | None = None
    for piece in pieces:
        try:
            await work(piece)
        except Exception as error:
            if fails_all(error):
                raise
            failure = failure or error
    if failure is not None:
        raise failure
