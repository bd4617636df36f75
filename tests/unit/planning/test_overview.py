"""What is planned for whom, and on which assumptions."""

from datetime import date

import polars as pl

from tests.unit.planning.estates import Plan, freeze


def rows(plan: Plan, name: str) -> dict[str, dict[str, object]]:
    return {row["natural_key"]: row for row in plan.table(name, "overview").to_dicts()}


def test_each_application_says_what_is_planned_for_it(plan: Plan) -> None:
    plan.machine("a")
    plan.machine("b")
    plan.machine("host", application="host")
    plan.treat("host", "retain", wave=None)
    plan.machine("old", application="old")
    plan.treat("old", "retire", wave=2)
    plan.machine("new", application="new")
    plan.treat("new", None, wave=None)
    found = rows(plan, "planning_scope")

    assert {key: row["planned"] for key, row in found.items()} == {
        "shop": "2 machines: rehost in wave-001",
        "host": "1 machine: retain, stays where it is",
        "old": "1 machine: retire in wave-002",
        "new": "1 machine: no treatment is known",
    }
    assert {key: (row["needs_tasks"], row["needs_targets"]) for key, row in found.items()} == {
        "shop": (True, True),
        "host": (False, False),
        "old": (True, False),
        "new": (False, False),
    }


def test_every_setting_is_an_assumption_with_its_source_and_effect(plan: Plan) -> None:
    plan.machine("a")
    plan.configuration["target"] = {"years": 5}
    found = rows(plan, "assumptions")

    assert found["setting:years"]["value"] == "5"
    assert found["setting:years"]["source"] == "the flow's configuration"
    assert found["setting:headroom"]["value"] == "0.2"
    assert "AWS" in str(found["setting:headroom"]["source"])
    assert all(row["effect"] and row["source"] for row in found.values())


def test_what_the_assessment_assumed_and_constrains_is_taken_over(plan: Plan) -> None:
    plan.machine("a")
    plan.treat("shop", "rehost", assumed=["business_value"], contested=True, not_before=date(2027, 1, 4))
    plan.machine("b", application="lost")
    plan.treat("lost", "rehost", wave=None)
    plan.extra["roadmap"] = freeze("year end", date(2026, 12, 15), date(2027, 1, 3))
    found = rows(plan, "assumptions")

    assert found["assessment:shop"]["value"] == "business_value"
    assert found["contested:shop"]["value"] == "rehost"
    assert found["constraint:not_before:shop"]["value"] == "2027-01-04"
    assert "2026-12-15 to 2027-01-03" in str(found["constraint:freeze:year end"]["value"])
    assert "constraint:no_wave:lost" in found


def test_what_each_side_of_the_comparison_covers_is_an_assumption(plan: Plan) -> None:
    plan.machine("a")
    found = rows(plan, "assumptions")

    assert "without them" in str(found["setting:today_covers"]["effect"])
    assert "storage" in str(found["setting:planned_covers"]["value"])


def test_gaps_about_what_is_in_scope_are_summed_up(plan: Plan) -> None:
    plan.machine("a")
    plan.extra["gaps"] = pl.DataFrame(
        {
            "kind": ["missing_attribute", "missing_attribute", "unknown_endpoint"],
            "subject": ["a", "elsewhere", "10.0.0.1:80"],
            "attributes": [["cpu_cores"], ["cpu_cores"], []],
            "count": [1, 1, 7],
            "message": ["Unknown: cpu_cores.", "Unknown: cpu_cores.", "10.0.0.1:80 is unknown."],
        }
    )
    found = rows(plan, "assumptions")

    assert found["gap:missing_attribute:cpu_cores"]["count"] == 1
    assert found["gap:unknown_endpoint:-"]["count"] == 7


def test_an_application_without_any_asset_is_planned_like_the_others(plan: Plan) -> None:
    plan.machine("a")
    plan.treat("idea", "replace")
    found = rows(plan, "planning_scope")

    assert (found["idea"]["targets"], found["idea"]["planned"]) == (0, "0 machines: replace in wave-001")
    plan.configuration["scope"] = {"applications": ["idea"]}
    assert list(rows(plan, "planning_scope")) == ["idea"]
