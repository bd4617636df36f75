"""An edit is answered with what it would break and change; nothing is solved again."""

import time
from datetime import date, timedelta
from typing import Any

import pytest

from caravan_assessment.domain.planning.editing import pin, read_edits
from caravan_assessment.domain.waves import (
    Edge,
    EditAnswer,
    EditIsNotPossible,
    Instance,
    Unit,
    check_plan,
    evaluate_edits,
    parse_edit,
    plan_waves,
    write_edit,
)
from tests.unit.assessment.wave_instances import make_instance, make_waves

UNITS = (
    Unit("shop", effort=4, servers=2),
    Unit("cart", effort=4, servers=2),
    Unit("bank", effort=4, servers=2),
)
EDGES = (Edge("shop", "cart", "soft", 7), Edge("cart", "bank", "hard_order"))
INSTANCE = Instance(UNITS, EDGES, make_waves(3, effort=8, servers=4))
PLAN: dict[str, int | None] = {"bank": 2, "cart": 1, "shop": 1}


def edit(*bodies: dict[str, Any], plan: dict[str, int | None] = PLAN) -> EditAnswer:
    return evaluate_edits(INSTANCE, plan, [parse_edit(body) for body in bodies])


def count(answer: EditAnswer) -> dict[str, int]:
    return {kind: len(said) for kind, said in answer.violations.items() if said}


def test_a_move_says_what_it_breaks_and_what_it_cuts() -> None:
    answer = edit({"move": {"application": "cart", "wave": 3}})
    assert answer.violations["precedence"] == ["cart (wave 3) must not move after bank (wave 2)"]
    assert count(answer) == {"precedence": 1}
    assert (answer.cut_before, answer.cut_after) == (0, 7)
    assert answer.assignment["cart"] == 3


def test_a_move_into_a_full_wave_names_its_load() -> None:
    answer = edit({"move": {"application": "bank", "wave": "wave-001"}})
    assert answer.violations["capacity"] == ["wave 1 holds 12 of 8 effort", "wave 1 holds 6 of 4 servers"]
    assert {"wave": 1, "capacity": "effort", "used": 12, "limit": 8} in answer.load


def test_what_was_broken_before_is_not_said_to_be_caused() -> None:
    answer = edit({"move": {"application": "shop", "wave": 3}}, plan={"bank": 1, "cart": 2, "shop": 1})
    assert len(answer.violations["precedence"]) == 1
    assert not any(answer.caused.values())


def test_a_lock_holds_at_the_next_solve() -> None:
    answer = edit({"lock": {"application": "shop", "wave": 3}})
    assert count(answer) == {}
    assert plan_waves(answer.instance, steps=1_000).assignment["shop"] == 3
    freed = evaluate_edits(
        answer.instance, answer.assignment, [parse_edit({"lock": {"application": "shop", "locked": False}})]
    )
    assert plan_waves(freed.instance, steps=1_000).cut_weight == 0


def test_moving_what_is_locked_elsewhere_is_a_violation() -> None:
    answer = edit({"lock": {"application": "shop"}}, {"move": {"application": "shop", "wave": 3}})
    assert count(answer) == {"lock": 1}


def test_a_split_shares_days_and_capacity_and_numbers_later_waves_anew() -> None:
    answer = edit({"split": {"wave": 1, "applications": ["cart"]}}, {"lock": {"application": "bank"}})
    assert answer.wave_numbers == {1: 1, 2: 3, 3: 4}
    assert answer.assignment == {"bank": 3, "cart": 2, "shop": 1}
    assert [wave.effort for wave in answer.instance.waves] == [4, 4, 8, 8]
    assert answer.instance.waves[1].starts == answer.instance.waves[0].ends + timedelta(days=1)
    assert count(answer) == {}


def test_a_merge_adds_capacities_and_closes_the_numbers() -> None:
    answer = edit({"merge": {"waves": [2, 1]}})
    assert answer.assignment == {"bank": 1, "cart": 1, "shop": 1}
    assert [(wave.index, wave.effort) for wave in answer.instance.waves] == [(1, 16), (2, 8)]
    assert answer.dates[0]["ends"] == INSTANCE.waves[1].ends
    assert count(answer) == {}


def test_an_edit_after_a_merge_still_means_the_wave_that_was_shown() -> None:
    answer = edit({"merge": {"waves": [1, 2]}}, {"move": {"application": "shop", "wave": 3}})
    assert answer.assignment["shop"] == 2


def test_new_dates_are_checked_against_applications_and_neighbours() -> None:
    held = edit({"date": {"application": "shop", "not_before": INSTANCE.waves[1].starts.isoformat()}})
    assert count(held) == {"window": 1}
    overlapping = edit({"date": {"wave": 1, "ends": INSTANCE.waves[1].starts.isoformat()}})
    assert count(overlapping) == {"calendar": 1}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"move": {"application": "nobody", "wave": 1}}, "no application 'nobody'"),
        ({"move": {"application": "shop", "wave": 9}}, "no wave 9"),
        ({"move": {"application": "shop"}}, "missing"),
        ({"paint": {}}, "unknown kind"),
        ({"move": {}, "lock": {}}, "an edit is"),
        ({"merge": {"waves": [1, 3]}}, "not neighbours"),
        ({"split": {"wave": 1, "applications": ["bank"]}}, "not in wave 1"),
        ({"date": {"wave": 1, "ends": "2020-01-01"}}, "before it starts"),
        ({"date": {"wave": 1, "ends": "soon"}}, "soon"),
    ],
)
def test_an_edit_that_makes_no_sense_is_refused_with_the_reason(body: dict[str, Any], said: str) -> None:
    with pytest.raises(EditIsNotPossible, match=said):
        edit(body)


def test_an_edit_of_five_hundred_applications_is_answered_at_once() -> None:
    instance = make_instance(500, 20, seed=1, slack=0.6)
    plan = plan_waves(instance, steps=0)
    bodies = [{"move": {"application": f"app-{at}", "wave": 1}} for at in range(20)]
    began = time.process_time()
    answer = evaluate_edits(instance, plan.assignment, [parse_edit(body) for body in bodies])
    assert time.process_time() - began < 1
    assert answer.violations == check_plan(answer.instance, answer.assignment).by_kind | {"calendar": []}
    assert isinstance(answer.dates[0]["starts"], date)


@pytest.mark.parametrize(
    "body",
    [
        {"move": {"application": "shop", "wave": 2}},
        {"lock": {"application": "shop", "locked": False}},
        {"split": {"wave": 1, "applications": ["shop"], "starts": "2027-01-05"}},
        {"date": {"wave": 1, "ends": "2027-01-05"}},
        {"date": {"application": "shop"}},
        {"merge": {"waves": [1, 2]}},
    ],
)
def test_an_edit_is_written_as_it_was_read(body: dict[str, Any]) -> None:
    assert write_edit(parse_edit(body)) == body


def test_pins_stop_where_an_edit_renumbers_the_waves() -> None:
    edits, wrong = read_edits(
        [
            {"edits": [{"move": {"application": "a", "wave": 2}}, {"lock": {"application": "b", "wave": 3}}]},
            {"edits": [{"lock": {"application": "b", "locked": False}}]},
            {"edits": [{"merge": {"waves": [1, 2]}}, {"move": {"application": "c", "wave": 1}}]},
            {"edits": ["nonsense"]},
        ]
    )
    assert pin(edits).waves == {"a": 2}
    assert len(wrong) == 1
