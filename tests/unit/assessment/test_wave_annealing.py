"""The compiled loop: whatever it did, its running sums are those of the placement it left."""

from random import Random

import numpy as np
import pytest

from caravan_assessment.domain.waves import kernel
from caravan_assessment.domain.waves.anneal import Schedule, anneal, place_greedily
from caravan_assessment.domain.waves.layout import BEST_CUT, BEST_EXCESS, CUT, EXCESS, State, lay_out
from caravan_assessment.domain.waves.problem import Problem, measure_cut, measure_excess


def make_problem(random: Random, size: int, waves: int) -> Problem:
    """Order edges run upwards; teams compete; some nodes have no room but in a few waves; it need not be feasible."""
    soft: list[dict[int, int]] = [{} for _ in range(size)]
    for _ in range(3 * size):
        one, other = random.randrange(size), random.randrange(size)
        if one != other:
            soft[one][other] = soft[other][one] = random.randrange(1, 30)
    after = [
        sorted({random.randrange(node, size) for _ in range(random.randrange(3))} - {node})
        for node in range(size)
    ]
    before: list[list[int]] = [[] for _ in range(size)]
    for node, row in enumerate(after):
        for other in row:
            before[other].append(node)
    teams = [random.randrange(2, 5) for _ in range(size)]
    efforts = [random.randrange(1, 20) for _ in range(size)]
    room = sum(efforts) // waves + 10
    return Problem(
        members=[[node] for node in range(size)],
        waves=list(range(waves)),
        demand=[((0, effort), (team, effort)) for effort, team in zip(efforts, teams, strict=True)],
        capacity=[[room, size, room, room // 2, room // 3] for _ in range(waves)],
        allowed=[
            [True] * waves if node % 4 else [wave >= waves // 2 for wave in range(waves)]
            for node in range(size)
        ],
        before=before,
        after=after,
        neighbours=[sorted(row.items()) for row in soft],
    )


def check_sums(problem: Problem, state: State) -> None:
    fresh = lay_out(problem, [int(wave) for wave in state.place], Random(0))
    np.testing.assert_array_equal(state.pull, fresh.pull)
    np.testing.assert_array_equal(state.free, fresh.free)
    np.testing.assert_array_equal(state.crowd, fresh.crowd)
    for wave, count in enumerate(state.crowd):
        inside = state.inside[wave, :count]
        assert sorted(inside) == list(np.flatnonzero(state.place == wave))
        np.testing.assert_array_equal(state.spot[inside], np.arange(count))
    assert state.tally[CUT] == measure_cut(problem, state.place.tolist())
    assert state.tally[EXCESS] == measure_excess(problem, state.place.tolist())
    assert state.tally[BEST_CUT] == measure_cut(problem, state.best_place.tolist())
    assert state.tally[BEST_EXCESS] == measure_excess(problem, state.best_place.tolist())


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("temperature", [0.5, 8.0, 200.0])
def test_running_sums_stay_those_of_the_placement(seed: int, temperature: float) -> None:
    random = Random(seed)
    problem = make_problem(random, size=random.randrange(2, 60), waves=random.randrange(2, 7))
    state = lay_out(problem, place_greedily(problem), random)
    began = (state.tally[BEST_EXCESS], state.tally[BEST_CUT])

    for _ in range(3):
        kernel.turn(state, 2, temperature, 1.0, 0.05, 50.0)
        check_sums(problem, state)

    assert (state.tally[BEST_EXCESS], state.tally[BEST_CUT]) <= began


@pytest.mark.parametrize("seed", range(6))
def test_order_and_allowed_waves_hold_in_every_placement(seed: int) -> None:
    random = Random(100 + seed)
    problem = make_problem(random, size=40, waves=5)
    start = [
        max(2, problem.waves[-1]) for _ in range(problem.size)
    ]  # all in the last wave: nothing is broken
    state = lay_out(problem, start, random)

    kernel.turn(state, 8, 50.0, 1.0, 0.05, 50.0)

    assert set(state.place) != set(start)
    for place in (state.place, state.best_place):
        for node, wave in enumerate(place):
            assert problem.allowed[node][wave]
            assert all(place[other] >= wave for other in problem.after[node])


def test_what_is_returned_is_the_best_met_and_repeats() -> None:
    problem = make_problem(Random(7), size=50, waves=4)
    start = place_greedily(problem)

    found = [anneal(problem, start, Schedule(lambda done: done / 50_000), Random(3))[0] for _ in range(2)]

    assert found[0] == found[1]
    assert measure_cut(problem, found[0]) < measure_cut(problem, start)


def test_a_problem_where_nothing_can_move_is_returned_as_it_is() -> None:
    problem = make_problem(Random(7), size=3, waves=1)

    assert anneal(problem, [0, 0, 0], Schedule(lambda done: done / 1000), Random(3)) == ([0, 0, 0], 0)


def test_draws_are_those_of_splitmix64() -> None:
    """The first three for seed 0, as its authors' program prints them."""
    source = np.array([0], dtype=np.uint64)

    drawn = [kernel.draw(source) for _ in range(3)]

    published = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]
    assert drawn == [(value >> 11) / (1 << 53) for value in published]


def test_where_nothing_can_be_kept_it_is_compiled_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, bool]] = []

    def njit(*function: object, **options: bool) -> object:
        asked.append(options)
        if options:
            raise RuntimeError("cannot cache function: no locator available")
        return function[0]

    monkeypatch.setattr(kernel, "njit", njit)

    assert kernel.compiled(len) is len
    assert asked == [{"cache": True}, {}]
