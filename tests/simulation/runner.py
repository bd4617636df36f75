"""Plays many histories on all cores, and one again in full so that a person can read it."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from tests.simulation.mutations import ABOUT_CHAINS, ABOUT_EFFECTS, MUTATIONS, mutated
from tests.simulation.world import World

CHUNK = 20


@dataclass(frozen=True)
class Breach:
    """A history that should not be. `python -m tests.simulation --seed` tells it."""

    seed: int
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """`seconds` are virtual."""

    histories: int
    steps: int
    seconds: float
    breaches: tuple[Breach, ...]


def play(seed: int, mutation: str | None = None, *, trace: bool = False) -> World:
    """One history from its beginning; the same seed is the same history."""
    with mutated(mutation):
        ack_first = mutation == "reply_acked_before_commit"
        focus = "effects" if mutation in ABOUT_EFFECTS else "chains" if mutation in ABOUT_CHAINS else None
        world = World(seed, trace=trace, ack_first=ack_first, focus=focus)
        world.run()
    return world


def play_chunk(first: int, count: int, mutation: str | None = None) -> Outcome:
    """With a mutation it stops at the first breach: one is enough."""
    breaches: list[Breach] = []
    played, steps, seconds = 0, 0, 0.0
    for seed in range(first, first + count):
        world = play(seed, mutation)
        played, steps, seconds = played + 1, steps + world.kernel.steps, seconds + world.kernel.now
        found = world.breaches()
        if found:
            breaches.append(Breach(seed, tuple(found)))
            if mutation is not None:
                break
    return Outcome(played, steps, seconds, tuple(breaches))


def play_many(
    histories: int,
    *,
    first: int = 0,
    workers: int | None = None,
    told: Callable[[int], None] = lambda _: None,
) -> Outcome:
    """Seeds `first` to `first + histories - 1`, on as many processes as there are cores."""
    chunks = [
        (start, min(CHUNK, first + histories - start)) for start in range(first, first + histories, CHUNK)
    ]
    total = Outcome(0, 0, 0.0, ())
    for outcome in _outcomes(chunks, workers or os.cpu_count() or 1):
        total = Outcome(
            total.histories + outcome.histories,
            total.steps + outcome.steps,
            total.seconds + outcome.seconds,
            (*total.breaches, *outcome.breaches),
        )
        told(total.histories)
    return total


def _outcomes(chunks: list[tuple[int, int]], workers: int) -> Iterator[Outcome]:
    if workers == 1:
        yield from (play_chunk(*chunk) for chunk in chunks)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        futures = [pool.submit(play_chunk, *chunk) for chunk in chunks]
        for future in futures:
            yield future.result()


def find(mutation: str, within: int, *, first: int = 0) -> tuple[str, int, Breach | None]:
    """The mutation, histories played, and the first breach among at most `within` histories."""
    assert mutation in MUTATIONS
    outcome = play_chunk(first, within, mutation)
    return mutation, outcome.histories, outcome.breaches[0] if outcome.breaches else None


def tell(world: World) -> Iterator[str]:
    """The history as lines: time, actor, event."""
    for at, actor, event in world.kernel.trace or ():
        yield f"{at:9.3f}  {actor:<18} {event}"
