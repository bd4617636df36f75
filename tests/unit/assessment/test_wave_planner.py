"""Plans keep every rule by a checker that shares no code with the planner, repeat exactly, and are good."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caravan_assessment.domain.waves import (
    Edge,
    Instance,
    InstanceIsNotUsable,
    Unit,
    Wave,
    check_plan,
    measure_cut,
    plan_waves,
)
from tests.unit.assessment.wave_instances import FIRST_DAY, make_instance, make_waves

STEPS = 60_000


@settings(max_examples=12)
@given(units=st.integers(4, 45), waves=st.integers(2, 6), seed=st.integers(0, 10_000))
def test_a_plan_breaks_nothing_wherever_a_plan_exists(units: int, waves: int, seed: int) -> None:
    instance = make_instance(units, waves, seed)
    plan = plan_waves(instance, steps=STEPS)
    by_asset = {asset: plan.assignment[key] for asset, key in instance.assets.items()}
    assert plan.unplaceable == ()
    assert check_plan(instance, by_asset).by_kind == check_plan(instance, plan.assignment).by_kind
    assert check_plan(instance, by_asset).total == 0


@settings(max_examples=8)
@given(units=st.integers(5, 25), waves=st.integers(2, 4), seed=st.integers(0, 10_000))
def test_where_capacities_do_not_suffice_what_is_placed_still_breaks_nothing(
    units: int, waves: int, seed: int
) -> None:
    instance = make_instance(units, waves, seed, slack=-0.4)
    plan = plan_waves(instance, steps=STEPS // 3)
    found = check_plan(instance, plan.assignment)
    without = {key for key, wave in plan.assignment.items() if wave is None}
    assert found.total == found.counts["unassigned"] == len(without)
    assert without == {key for entry in plan.unplaceable for key in entry.units}
    assert all(entry.detail for entry in plan.unplaceable)


def test_the_same_steps_and_seed_give_the_same_plan() -> None:
    instance = make_instance(70, 5, seed=3)
    assert plan_waves(instance, steps=STEPS, seed=7) == plan_waves(instance, steps=STEPS, seed=7)


def test_a_small_plan_is_the_best_there_is() -> None:
    instance = make_instance(7, 3, seed=11)
    indexes = [wave.index for wave in instance.waves]
    keys = [unit.key for unit in instance.units]
    tried = (dict(zip(keys, choice, strict=True)) for choice in product(indexes, repeat=len(keys)))
    least = min(measure_cut(instance, plan) for plan in tried if not check_plan(instance, plan).total)
    plan = plan_waves(instance, steps=STEPS, pilots_first=False)
    assert (plan.cut_weight, plan.status) == (least, "optimal")


def test_more_search_cuts_less_than_the_greedy_placement() -> None:
    plan = plan_waves(make_instance(120, 6, seed=5, slack=0.3), steps=300_000)
    assert plan.status == "improved"
    assert plan.cut_weight < 0.8 * plan.greedy_cut_weight


def test_more_than_a_thousand_units_are_moved_as_communities_first() -> None:
    instance = make_instance(1_400, 8, seed=2, slack=0.3)
    plan = plan_waves(instance, steps=300_000)
    assert check_plan(instance, plan.assignment).total == 0
    assert any("communities" in line for line in plan.log)


def test_a_circle_of_order_edges_moves_in_one_wave() -> None:
    units = tuple(Unit(key, effort=2) for key in "abcd")
    circle = tuple(Edge(one, other, "hard_order") for one, other in ("ab", "bc", "ca"))
    plan = plan_waves(Instance(units, circle, make_waves(2, effort=6)), steps=1_000)
    assert len({plan.assignment[key] for key in "abc"}) == 1
    assert {plan.groups[key] for key in "abc"} == {"a"}
    assert plan.groups["d"] == "d"


def test_pilots_come_in_the_first_open_wave_and_the_critical_late() -> None:
    units = (Unit("try", pilot=True), Unit("bank", criticality=5), Unit("wiki", criticality=1))
    waves = (replace(make_waves(4)[0], blackout=True), *make_waves(4)[1:])
    plan = plan_waves(Instance(units, (), waves), steps=1_000)
    assert plan.assignment == {"bank": 4, "try": 2, "wiki": 2}


def test_a_pilot_that_does_not_fit_the_first_wave_is_said_to_be_late() -> None:
    units = (Unit("one", effort=5, pilot=True), Unit("two", effort=5, pilot=True))
    plan = plan_waves(Instance(units, (), make_waves(2, effort=6)), steps=1_000)
    assert sorted(plan.assignment.values(), key=str) == [1, 2]
    assert plan.findings == ("two: a pilot, but not in its first wave",)


def test_locks_dates_and_freezes_are_kept() -> None:
    waves = make_waves(4)
    units = (
        Unit("locked", locked=3),
        Unit("late", not_before=waves[1].starts + timedelta(days=1)),
        Unit("leaving", not_after=waves[0].ends),
        Unit("frozen", freezes=((FIRST_DAY, waves[2].starts),)),
    )
    soft = tuple(Edge("leaving", key, "soft", 9) for key in ("locked", "late", "frozen"))
    plan = plan_waves(Instance(units, soft, waves), steps=1_000)
    assert plan.assignment["locked"] == 3
    assert plan.assignment["late"] in {3, 4}
    assert plan.assignment["leaving"] == 1
    assert plan.assignment["frozen"] == 4


def test_shared_services_pull_nobody_into_their_wave() -> None:
    units = (Unit("dns", effort=4, shared=True), Unit("shop", effort=3), Unit("cart", effort=3))
    edges = (
        Edge("shop", "dns", "soft", 100),
        Edge("cart", "dns", "soft", 100),
        Edge("shop", "cart", "soft", 1),
    )
    plan = plan_waves(Instance(units, edges, make_waves(2, effort=7)), steps=1_000)
    assert plan.assignment["shop"] == plan.assignment["cart"] != plan.assignment["dns"]
    assert plan.cut_weight == 0


def test_tight_capacities_are_met_where_greedy_alone_overfills() -> None:
    # Only 6+4, 6+4, 5+5 fits three waves of 10; greedy puts 5 beside 4.
    units = tuple(Unit(f"u{at}", effort=effort) for at, effort in enumerate((5, 4, 6, 5, 4, 6)))
    plan = plan_waves(Instance(units, (), make_waves(3, effort=10)), steps=0)
    assert check_plan(Instance(units, (), make_waves(3, effort=10)), plan.assignment).total == 0


def test_an_empty_estate_has_an_empty_plan() -> None:
    plan = plan_waves(Instance((), (), make_waves(2)))
    assert (plan.assignment, plan.cut_weight) == ({}, 0)


@pytest.mark.parametrize(
    ("units", "edges", "said"),
    [
        ((Unit("a"), Unit("a")), (), "twice"),
        ((Unit("a"),), (Edge("a", "b", "soft"),), "unknown unit"),
        ((Unit("a", effort=-1),), (), "negative"),
        ((Unit("a", locked=9),), (), "wave 9"),
    ],
)
def test_an_instance_that_contradicts_itself_is_refused(
    units: tuple[Unit, ...], edges: tuple[Edge, ...], said: str
) -> None:
    with pytest.raises(InstanceIsNotUsable, match=said):
        Instance(units, edges, make_waves(1))


def test_waves_out_of_order_are_refused() -> None:
    one, two = make_waves(2)
    with pytest.raises(InstanceIsNotUsable, match="ascending"):
        Instance((), (), (two, one))


def test_without_an_open_wave_everything_is_unplaceable_and_says_why() -> None:
    closed: tuple[Wave, ...] = tuple(replace(wave, blackout=True) for wave in make_waves(2))
    plan = plan_waves(Instance((Unit("a"),), (), closed), steps=1_000)
    assert plan.assignment == {"a": None}
    assert plan.unplaceable[0].dates == ("wave 1 is a blackout", "wave 2 is a blackout")
