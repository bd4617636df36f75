"""The checker finds each kind of fault that is put into a valid plan."""

from dataclasses import replace

import pytest

from caravan_assessment.domain.waves import Edge, Instance, Unit, check_plan, measure_cut
from tests.unit.assessment.wave_instances import make_waves

WAVES = make_waves(3, effort=5, servers=5)
INSTANCE = Instance(
    units=(
        Unit("a", effort=2, servers=2, team="red"),
        Unit("b", effort=2, servers=2, team="red"),
        Unit("c", effort=2, servers=2, not_before=WAVES[1].starts, locked=2),
        Unit("d", effort=2, servers=2, freezes=((WAVES[0].ends, WAVES[0].ends),)),
    ),
    edges=(Edge("a", "b", "must_together"), Edge("b", "c", "hard_order"), Edge("a", "c", "soft", 5)),
    waves=(replace(WAVES[0], teams={"red": 4}), WAVES[1], replace(WAVES[2], blackout=True)),
    assets={"a1": "a", "a2": "a", "b1": "b", "c1": "c", "d1": "d"},
)
VALID: dict[str, int | None] = {"a": 1, "b": 1, "c": 2, "d": 2}


def test_a_valid_plan_has_no_violations() -> None:
    assert check_plan(INSTANCE, VALID).total == 0
    assert measure_cut(INSTANCE, VALID) == 5


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        ({"a": None}, {"unassigned"}),
        ({"a": 7}, {"unassigned"}),
        ({"a": 2}, {"must_together", "capacity"}),
        ({"c": 1}, {"window", "lock", "capacity"}),
        ({"d": 3}, {"window"}),
        ({"d": 1}, {"window", "capacity"}),
    ],
)
def test_each_fault_is_found(change: dict[str, int | None], kinds: set[str]) -> None:
    found = check_plan(INSTANCE, VALID | change)
    assert {kind for kind, said in found.by_kind.items() if said} == kinds


def test_a_later_source_breaks_the_order() -> None:
    late = replace(INSTANCE, units=tuple(replace(u, locked=None, not_before=None) for u in INSTANCE.units))
    assert check_plan(late, {"a": 2, "b": 2, "c": 1, "d": None}).counts["precedence"] == 1


def test_a_team_without_room_is_a_violation() -> None:
    narrow = replace(INSTANCE, waves=(replace(WAVES[0], teams={"red": 3}), *INSTANCE.waves[1:]))
    assert check_plan(narrow, VALID).by_kind["capacity"] == ["wave 1 holds 4 of 3 team:red"]


def test_an_application_whose_assets_lie_in_two_waves_is_split() -> None:
    by_asset: dict[str, int | None] = {"a1": 1, "a2": 2, "b1": 1, "c1": 2, "d1": 2}
    assert check_plan(INSTANCE, by_asset).by_kind["split"] == ["a lies in waves [1, 2]"]


def test_an_asset_without_a_wave_leaves_its_application_unassigned() -> None:
    assert check_plan(INSTANCE, {"a1": 1, "b1": 1, "c1": 2, "d1": 2}).counts["unassigned"] == 1


def test_leaving_units_out_never_looks_better() -> None:
    assert measure_cut(INSTANCE, VALID | {"a": None, "c": None}) == 5
