"""A placement with its running sums, as arrays: what the compiled loop of the annealing works on."""

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from caravan_assessment.domain.waves.problem import Problem

Numbers = NDArray[np.int32]
Amounts = NDArray[np.int64]

CUT, EXCESS, BEST_CUT, BEST_EXCESS = 0, 1, 2, 3


class State(NamedTuple):
    """n nodes, w waves, r resources. Lists of a node lie one after the other, node i's at `x_at[i]` to `x_at[i + 1]`.

    place, best_place (n): a wave each. tally: CUT, EXCESS of `place`, and of `best_place`. source (1): of draws.
    pull (n, w): a node's weight towards each wave. free (w, r): what is left. inside (w, n), crowd (w), spot (n): the
    nodes of a wave in no order, how many, and where a node stands among them. The others do not change.
    """

    place: Numbers
    best_place: Numbers
    tally: Amounts
    source: NDArray[np.uint64]
    pull: Amounts
    free: Amounts
    inside: Numbers
    crowd: Numbers
    spot: Numbers
    demand: Amounts
    allowed: NDArray[np.bool_]
    movable: Numbers
    before_at: Amounts
    before: Numbers
    after_at: Amounts
    after: Numbers
    partner_at: Amounts
    partners: Numbers
    weights: Amounts


def lay_out(problem: Problem, start: Sequence[int], random: Random) -> State:
    """A placement with its running sums, as arrays."""
    size, waves = problem.size, len(problem.waves)
    place = np.array(start, dtype=np.int32)
    resources = len(problem.capacity[0]) if problem.capacity else 0
    demand = np.zeros((size, resources), dtype=np.int64)
    for node, row in enumerate(problem.demand):
        for resource, amount in row:
            demand[node, resource] = amount
    partner_at, partners = _in_a_row([[other for other, _ in row] for row in problem.neighbours])
    weights = np.array([weight for row in problem.neighbours for _, weight in row], dtype=np.int64)
    pull = np.zeros((size, waves), dtype=np.int64)
    owners = np.repeat(np.arange(size), np.diff(partner_at))
    np.add.at(pull, (owners, place[partners]), weights)
    free = np.array(problem.capacity, dtype=np.int64).reshape(waves, resources)
    np.subtract.at(free, place, demand)
    allowed = np.array(problem.allowed, dtype=np.bool_).reshape(size, waves)
    inside, spot = np.zeros((waves, size), dtype=np.int32), np.zeros(size, dtype=np.int32)
    for wave in range(waves):
        there = np.flatnonzero(place == wave)
        inside[wave, : there.size] = there
        spot[there] = np.arange(there.size)
    cut, excess = int(weights[place[owners] != place[partners]].sum()) // 2, int(-free[free < 0].sum())
    before_at, before = _in_a_row(problem.before)
    after_at, after = _in_a_row(problem.after)
    return State(
        place=place,
        best_place=place.copy(),
        tally=np.array([cut, excess, cut, excess], dtype=np.int64),
        source=np.array([random.getrandbits(64)], dtype=np.uint64),
        pull=pull,
        free=free,
        inside=inside,
        crowd=np.bincount(place, minlength=waves).astype(np.int32),
        spot=spot,
        demand=demand,
        allowed=allowed,
        movable=np.flatnonzero(allowed.sum(axis=1) > 1).astype(np.int32),
        before_at=before_at,
        before=before,
        after_at=after_at,
        after=after,
        partner_at=partner_at,
        partners=partners,
        weights=weights,
    )


def _in_a_row(rows: Sequence[Sequence[int]]) -> tuple[Amounts, Numbers]:
    """Where each row begins, one more for the end; and all of them one after the other."""
    starts = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum([len(row) for row in rows], out=starts[1:])
    return starts, np.fromiter(
        (value for row in rows for value in row), dtype=np.int32, count=int(starts[-1])
    )
