"""What `caravan run` shows a person when it is done."""

from typing import Any

import pytest

from caravan.card import card_lines, print_card

FLOW: dict[str, Any] = {"flow_type": "discovery", "status": "completed", "phases": []}


def answer(*notes: dict[str, Any]) -> dict[str, Any]:
    entry = {"file": "fleet.xlsx", "format": "generic", "rows": 3, "rejected": 0}
    return {"seconds": 1.0, "flows": [FLOW], "imports": [entry | ({"notes": list(notes)} if notes else {})]}


def shown(told: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> str:
    print_card(told)
    return " ".join(capsys.readouterr().out.replace("│", " ").split())


def test_formulas_that_came_in_blank_are_said_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    note = {"code": "formula_without_value", "column": "CPUs", "cell": "B2", "count": 3}

    assert "3 formula cells without a stored result" in shown(answer(note), capsys)
    assert "formula" not in shown(answer(), capsys)


def test_the_card_tells_treatments_waves_schedule_and_cost() -> None:
    told = {
        "flows": [],
        "treatments": {"counts": {"rehost": 3, "retire": 0, "retain": 1}, "contested": 2, "overridden": 0},
        "waves": {"count": 2, "units": 4, "retained": 1, "unplaceable": [], "violations": {"capacity": 0, "window": 0}},
        "schedule": {"makespan_days": 63, "lower_bound_days": 60, "status": "feasible", "p80": "2027-04-09",
                     "start": "2026-11-23", "end": "2027-03-01"},
        "cost": {
            "currency": "USD", "today": None, "like_for_like": 1200.4, "right_sized": 800.0, "managed": 950.0,
            "unknown_assets": 3, "unknown": {"today": 9, "like_for_like": 0, "right_sized": 3, "managed": 4},
            "needs_more": 2,
        },
    }  # fmt: skip
    lines = dict(card_lines(told))

    assert lines["Treatments"].endswith("; 2 contested")
    assert lines["Waves"] == "2 waves for 3 units, 1 stay; 0 rules broken"
    days = "2026-11-23 to 2027-03-01, 63 working days"
    assert lines["Schedule"] == f"{days}; 80 % sure by 2027-04-09; no plan is shorter than 60"
    known = "USD today unknown, like for like 1,200, right-sized 800 (without 3 machines)"
    assert lines["A month"] == f"{known}, managed 950 (without 4 machines)"
    assert lines["Sizes"].startswith("2 machines were seen to need more than they have")


def test_the_card_says_how_many_machines_a_sum_leaves_out_and_saves_on_those_known_both_ways_only() -> None:
    told = {
        "flows": [],
        "cost": {
            "currency": "USD", "today": 500.0, "like_for_like": 120.0, "right_sized": 100.0, "managed": 90.0,
            "unknown_assets": 2, "unknown": {"today": 7, "managed": 3}, "saving": 260.0, "compared_assets": 4,
        },
    }  # fmt: skip
    line = dict(card_lines(told))["A month"]

    assert "today 500 (without 7 machines)" in line
    assert line.endswith("; 260 saved on the 4 machines known both ways")


def test_one_is_not_many_and_nothing_priced_says_what_a_price_needs() -> None:
    told = {
        "flows": [],
        "imports": [{"file": "a.csv", "format": "generic", "rows": 1, "rejected": 0}],
        "assets": {"total": 0, "by_type": {}, "migration_targets": 0, "not_targets": {}},
        "waves": {"count": 1, "units": 1, "retained": 0, "unplaceable": [], "violations": {"window": 1}},
        "cost": {
            "currency": "USD",
            "today": None,
            "like_for_like": None,
            "right_sized": None,
            "managed": None,
        },
    }
    lines = dict(card_lines(told))
    assert lines["Read"] == "1 row of 1 table; 0 rows rejected"
    assert lines["Assets"] == "0: none"
    assert lines["Waves"] == "1 wave for 1 unit; 1 rule broken"
    assert lines["A month"].startswith("unknown: no machine has all that a price needs")


def test_ways_whose_sums_lack_different_machines_are_shown_over_the_same_and_moving_with_what_it_takes() -> (
    None
):
    cost = {
        "currency": "USD", "today": 500.0, "like_for_like": 120.0, "right_sized": 100.0, "managed": 90.0,
        "planned": 95.0, "unknown": {"managed": 3}, "compared_assets": 4, "saving": 10.0, "migration": 5000.0,
        "payback_months": 8.4,
        "side_by_side": {"machines": 7, "like_for_like": 110.0, "right_sized": 92.0, "managed": 94.0},
    }  # fmt: skip
    lines = dict(card_lines({"flows": [], "cost": cost}))
    alike = dict(card_lines({"flows": [], "cost": {**cost, "unknown": {}}}))

    assert lines["Side by side"] == (
        "7 machines move and have a price each way: like for like 110, right-sized 92, managed 94"
    )
    assert lines["A month"].count("planned 95") == 1
    assert lines["Moving"].endswith("pays for itself in 8 months, on the 4 machines known both ways")
    assert "Side by side" not in alike, "sums over the same machines need no second row"
