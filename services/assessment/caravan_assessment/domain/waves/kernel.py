"""The inner loop of the annealing, compiled: ten million steps a second, where Python makes half of one.

Everything is an array, so that the loop touches no object. numba compiles it at the first call, which takes some
seconds, and keeps it beside the source or in the user's cache folder, wherever it may write.
"""

from collections.abc import Callable
from math import exp
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

from caravan_assessment.domain.waves.layout import (
    BEST_CUT,
    BEST_EXCESS,
    CUT,
    EXCESS,
    Amounts,
    Numbers,
    State,
)

Function = TypeVar("Function", bound=Callable[..., Any])

CHUNK = 512  # steps between changes of the price
NEIGHBOURLY = 0.85  # share of moves drawn towards a node it talks to; the others go anywhere
PRICE_STEP = 1.01
HOPELESS = 12.0  # in temperatures: what costs more is not drawn for


def compiled(function: Function) -> Function:
    try:
        made = njit(cache=True)(function)
    except RuntimeError:  # numba found no folder to keep it in
        made = njit(function)
    return cast(Function, made)


@compiled
def draw(source: NDArray[np.uint64]) -> float:
    """At least 0 and below 1, by SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom generators, 2014)."""
    source[0] += np.uint64(0x9E3779B97F4A7C15)
    mixed = source[0]
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return float((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11)) * (1.0 / (1 << 53))


@compiled
def is_free(place: Numbers, starts: Amounts, others: Numbers, node: int, wave: int, sign: int) -> bool:
    """Whether none of the node's `others` lies beyond the wave: after it for sign 1, before it for -1."""
    for at in range(starts[node], starts[node + 1]):  # noqa: SIM110 - numba has no all()
        if sign * (place[others[at]] - wave) > 0:
            return False
    return True


@compiled
def added_excess(free: Amounts, demand: Amounts, node: int, partner: int, origin: int, target: int) -> int:
    """How much more lies above the capacities once the node is in `target` and its partner, if any, in `origin`."""
    more = 0
    for resource in range(demand.shape[1]):
        amount = demand[node, resource]
        if partner >= 0:
            amount -= demand[partner, resource]
        if amount != 0:
            left = free[target, resource]
            more += max(amount - left, 0) - max(-left, 0)
            left = free[origin, resource]
            more += max(-amount - left, 0) - max(-left, 0)
    return more


@compiled
def weight_between(starts: Amounts, partners: Numbers, weights: Amounts, node: int, other: int) -> int:
    for at in range(starts[node], starts[node + 1]):
        if partners[at] == other:
            return weights[at]  # type: ignore[no-any-return]
    return 0


@compiled
def shift(
    pull: Amounts,
    free: Amounts,
    demand: Amounts,
    starts: Amounts,
    partners: Numbers,
    weights: Amounts,
    node: int,
    origin: int,
    target: int,
) -> None:
    """What its neighbours feel, and what the waves have left."""
    for at in range(starts[node], starts[node + 1]):
        pull[partners[at], origin] -= weights[at]
        pull[partners[at], target] += weights[at]
    for resource in range(demand.shape[1]):
        free[origin, resource] += demand[node, resource]
        free[target, resource] -= demand[node, resource]


@compiled
def enter(inside: Numbers, crowd: Numbers, spot: Numbers, node: int, origin: int, target: int) -> None:
    """The last of the wave it leaves takes its spot."""
    crowd[origin] -= 1
    last = inside[origin, crowd[origin]]
    inside[origin, spot[node]] = last
    spot[last] = spot[node]
    spot[node] = crowd[target]
    inside[target, crowd[target]] = node
    crowd[target] += 1


@compiled
def keep_best(place: Numbers, best_place: Numbers, tally: Amounts) -> None:
    """Copied when it is left, not whenever it is reached: improvements come in rows."""
    if tally[EXCESS] < tally[BEST_EXCESS] or (
        tally[EXCESS] == tally[BEST_EXCESS] and tally[CUT] < tally[BEST_CUT]
    ):
        best_place[:] = place
        tally[BEST_CUT] = tally[CUT]
        tally[BEST_EXCESS] = tally[EXCESS]


@compiled
def turn(  # noqa: C901, PLR0912, PLR0915 - see below
    state: State, chunks: int, temperature: float, price: float, lowest: float, highest: float
) -> float:
    """So many chunks of steps; the price of an excess after them. It rises while there is one, and falls while not.

    A step is a move, or a swap where the wave is full; it is taken by its cost, as Metropolis has it. The steps stand
    in here because handing `state` to a function counts references to all of its arrays: four times the time.
    """
    place, pull, free, inside, crowd = state.place, state.pull, state.free, state.inside, state.crowd
    spot, demand, allowed, movable = state.spot, state.demand, state.allowed, state.movable
    before_at, before, after_at, after = state.before_at, state.before, state.after_at, state.after
    partner_at, partners, weights = state.partner_at, state.partners, state.weights
    best_place, tally, source = state.best_place, state.tally, state.source
    for _ in range(chunks):
        price = price * PRICE_STEP if tally[EXCESS] > 0 else price / PRICE_STEP
        price = min(highest, max(lowest, price))
        for _ in range(CHUNK):
            node = movable[int(draw(source) * movable.size)]
            first, end = partner_at[node], partner_at[node + 1]
            if end > first and draw(source) < NEIGHBOURLY:
                target = int(place[partners[first + int(draw(source) * (end - first))]])
            else:
                target = int(draw(source) * crowd.size)
            origin = place[node]
            if target == origin or not allowed[node, target]:
                continue
            if target < origin:
                if not is_free(place, before_at, before, node, target, 1):
                    continue
            elif not is_free(place, after_at, after, node, target, -1):
                continue
            change = pull[node, origin] - pull[node, target]
            partner = -1
            more = added_excess(free, demand, node, -1, origin, target)
            if more > 0 and crowd[target] > 0:
                # It does not fit: the two change places.
                partner = int(inside[target, int(draw(source) * crowd[target])])
                if not allowed[partner, origin]:
                    continue
                place[node] = target
                if origin < target:
                    ordered = is_free(place, before_at, before, partner, origin, 1)
                else:
                    ordered = is_free(place, after_at, after, partner, origin, -1)
                place[node] = origin
                if not ordered:
                    continue
                change += pull[partner, target] - pull[partner, origin]
                change += 2 * weight_between(partner_at, partners, weights, node, partner)
                more = added_excess(free, demand, node, partner, origin, target)
            cost = change + price * more
            if cost > 0 and (cost > HOPELESS * temperature or draw(source) >= exp(-cost / temperature)):
                continue
            if more > 0 or (more == 0 and change > 0):
                keep_best(place, best_place, tally)
            place[node] = target
            shift(pull, free, demand, partner_at, partners, weights, node, origin, target)
            enter(inside, crowd, spot, node, origin, target)
            if partner >= 0:
                place[partner] = origin
                shift(pull, free, demand, partner_at, partners, weights, partner, target, origin)
                enter(inside, crowd, spot, partner, target, origin)
            tally[CUT] += change
            tally[EXCESS] += more
    keep_best(place, best_place, tally)
    return price
