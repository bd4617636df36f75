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
        "schedule": {"makespan_days": 63, "lower_bound_days": 60, "status": "feasible", "p80": "2027-04-09"},
        "cost": {
            "currency": "USD", "today": None, "like_for_like": 1200.4, "right_sized": 800.0, "managed": 950.0,
            "unknown_assets": 3, "unknown": {"today": 9, "like_for_like": 0, "right_sized": 3, "managed": 4},
            "needs_more": 2,
        },
    }  # fmt: skip
    lines = dict(card_lines(told))

    assert lines["Treatments"].endswith("; 2 close calls")
    assert lines["Waves"] == "2 for 3 units, 1 stay; 0 rules broken"
    assert lines["Schedule"] == "63 working days; 80 % sure by 2027-04-09; no plan is shorter than 60"
    assert (
        lines["A month"]
        == "USD today unknown, like for like 1,200, right-sized 800 (3 unknown), managed 950 (4 unknown)"
    )
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

    assert "today 500 (7 unknown)" in line
    assert line.endswith("; 260 saved on the 4 known both ways")
