"""What can't be placed comes with the edges, capacities or dates that make it so, and with none that does not."""

from datetime import timedelta
from time import process_time

from caravan_assessment.domain.waves import Edge, Instance, Unit, Unplaceable, explain_infeasible, plan_waves
from tests.unit.assessment.wave_instances import make_waves

WAVES = make_waves(3, effort=10, servers=20)


def explain_one(*units: Unit, edges: tuple[Edge, ...] = ()) -> Unplaceable:
    instance = Instance(units, edges, WAVES)
    plan = plan_waves(instance, steps=2_000)
    (found,) = plan.unplaceable
    assert {key for key, wave in plan.assignment.items() if wave is None} == set(found.units)
    return found


def test_a_group_larger_than_any_wave_names_the_edges_that_tie_it() -> None:
    units = [Unit(key, effort=4) for key in "abcd"]
    ties = (
        Edge("a", "b", "must_together"),
        Edge("b", "c", "must_together"),
        Edge("a", "c", "must_together"),
        Edge("c", "d", "hard_order"),
    )
    found = explain_one(*units, edges=ties)
    assert (found.kind, found.units) == ("size", ("a", "b", "c"))
    assert found.capacities == ("effort 12, at most 10 (wave 1)",)
    # Two of the three edges tie them; the order edge to d does not.
    assert len(found.edges) == 2


def test_a_group_tied_by_a_circle_of_order_names_the_whole_circle() -> None:
    found = explain_one(
        *(Unit(key, servers=9) for key in "abc"),
        edges=tuple(Edge(one, other, "hard_order") for one, other in ("ab", "bc", "ca")),
    )
    assert found.edges == (("a", "b", "hard_order"), ("b", "c", "hard_order"), ("c", "a", "hard_order"))
    assert found.capacities == ("servers 27, at most 20 (wave 1)",)


def test_dates_that_leave_no_wave_are_named_and_others_are_not() -> None:
    found = explain_one(
        Unit("a", not_before=WAVES[2].starts + timedelta(days=1), freezes=((WAVES[0].starts, WAVES[0].ends),))
    )
    assert found.kind == "window"
    assert found.dates == (f"a not before {WAVES[2].starts + timedelta(days=1)}",)


def test_units_that_move_as_one_but_not_at_one_time_name_both_dates_and_the_edge() -> None:
    found = explain_one(
        Unit("a", not_after=WAVES[0].ends),
        Unit("b", not_before=WAVES[1].starts),
        edges=(Edge("a", "b", "must_together"),),
    )
    assert found.dates == (f"a not after {WAVES[0].ends}", f"b not before {WAVES[1].starts}")
    assert found.edges == (("a", "b", "must_together"),)


def test_an_order_that_dates_make_impossible_names_its_chain() -> None:
    units = (
        Unit("first", not_before=WAVES[2].starts),
        Unit("between"),
        Unit("last", not_after=WAVES[0].ends),
    )
    edges = (Edge("first", "between", "hard_order"), Edge("between", "last", "hard_order"))
    entries = explain_infeasible(Instance(units, edges, WAVES))
    assert entries[0].kind == "order"
    assert entries[0].edges == (("first", "between", "hard_order"), ("between", "last", "hard_order"))
    assert f"first not before {WAVES[2].starts}" in entries[0].dates
    assert f"last not after {WAVES[0].ends}" in entries[0].dates


def test_a_lock_that_contradicts_a_date_is_named() -> None:
    found = explain_one(Unit("a", locked=1, not_before=WAVES[1].starts))
    assert found.kind == "lock"
    assert "a is locked to wave 1" in found.dates


def test_a_lack_of_capacity_names_the_waves_and_by_how_much() -> None:
    found = explain_one(*(Unit(f"u{at}", effort=9, criticality=at) for at in range(1, 5)))
    assert (found.kind, found.units) == ("capacity", ("u1",))
    assert found.capacities == ("effort: 36 must go into waves 1 to 3, which hold 30",)


def test_thousands_of_units_without_a_wave_are_explained_in_a_moment() -> None:
    units = tuple(Unit(f"u{number:04}", effort=1) for number in range(4_000))
    began = process_time()
    found = explain_infeasible(Instance(units, (), WAVES), [unit.key for unit in units])
    assert (
        process_time() - began < 3
    )  # seconds; looking at all units for each of them takes ten times as many
    assert len(found) == 4_000
    assert {each.capacities for each in found} == {("effort: 4000 must go into waves 1 to 3, which hold 30",)}
