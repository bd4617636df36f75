"""Who is at work by week, what is missing, what it costs."""

from typing import Any

import polars as pl
import pytest

from caravan_common.phases import PhaseResult
from tests.unit.planning.timeline.conftest import Plan, application

SKILLS = ["platform", "network", "security", "application", "migration", "test", "operations"]


def team(**changes: Any) -> dict[str, Any]:
    return {"name": "all", "people": 4, "skills": SKILLS, "day_rate": 500, "currency": "EUR", **changes}


def frame(result: PhaseResult, name: str) -> pl.DataFrame:
    found = result.datasets[name]
    assert isinstance(found, pl.DataFrame)
    return found


def test_the_weeks_sum_to_the_effort_of_the_tasks(plan: Plan, staff: Plan) -> None:
    planned = plan(application("shop"), application("mail"), teams=[team()])
    found = staff(planned, application("shop"), application("mail"), teams=[team()])
    effort = frame(planned, "tasks")["effort_days"].sum()
    assert frame(found, "resources")["effort_days"].sum() == effort
    assert found.summary["resources"]["cost"] == {"EUR": effort * 500}


def test_a_week_with_a_public_holiday_has_a_day_less(plan: Plan, staff: Plan) -> None:
    settings = {"teams": [team()], "calendar": {"country": "DE"}}
    units = [application("shop", starts="2026-12-14", ends="2027-01-29")]
    weeks = frame(staff(plan(*units, **settings), *units, **settings), "resources")
    days = dict(weeks.select("week", "working_days").iter_rows())
    assert (days["2026-W52"], days["2026-W53"], days["2027-W01"]) == (4, 4, 5)


def test_work_on_a_teams_own_day_off_is_an_overload_with_its_week(plan: Plan, staff: Plan) -> None:
    units = [application("shop")]
    planned = plan(*units, teams=[team()])
    day = frame(planned, "tasks").filter(step="cutover")["starts"].item()
    teams = [team(holidays=[day.isoformat()])]
    found = staff(planned, *units, teams=teams)
    gaps = frame(found, "resource_gaps").filter(kind="overload")
    assert gaps["week"].to_list() == [day.strftime("%G-W%V")]
    assert "add people or move a wave" in gaps["message"].item()


def test_a_levelled_plan_overloads_nobody(plan: Plan, staff: Plan) -> None:
    units = [application(f"app-{n}") for n in range(6)]
    found = staff(plan(*units), *units)
    assert found.summary["resources"]["overloaded_weeks"] == 0
    assert (frame(found, "resources")["utilisation"].drop_nulls() <= 1).all()


def test_a_missing_skill_is_named_with_the_days_it_is_missing_for(plan: Plan, staff: Plan) -> None:
    teams = [team(skills=[skill for skill in SKILLS if skill != "test"])]
    units = [application("shop")]
    gap = frame(staff(plan(*units, teams=teams), *units, teams=teams), "resource_gaps").filter(
        kind="missing_skill"
    )
    assert gap["skill"].to_list() == ["test"]
    assert gap["missing_days"].item() > 0


def test_an_unknown_day_rate_leaves_the_known_costs_standing(plan: Plan, staff: Plan) -> None:
    teams = [team(skills=SKILLS[:4]), {"name": "rest", "people": 4, "skills": SKILLS[4:]}]
    units = [application("shop")]
    found = staff(plan(*units, teams=teams), *units, teams=teams)
    assert found.summary["resources"]["cost"]["EUR"] > 0
    assert found.summary["resources"]["unknown_cost_days"] > 0
    assert frame(found, "resources").filter(team="rest")["cost"].null_count() > 0
    assert frame(found, "resource_gaps").filter(kind="unknown_rate")["team"].to_list() == ["rest"]


def test_default_teams_are_said_to_be_assumed(plan: Plan, staff: Plan) -> None:
    units = [application("shop")]
    found = staff(plan(*units), *units)
    assert frame(found, "resources")["assumed"].all()
    assert found.summary["resources"]["gaps"]["assumed_team"] > 0


def test_a_team_without_work_is_named(plan: Plan, staff: Plan) -> None:
    teams = [team(), {"name": "painters", "people": 1, "skills": ["painting"]}]
    units = [application("shop")]
    gaps = frame(staff(plan(*units, teams=teams), *units, teams=teams), "resource_gaps")
    assert gaps.filter(kind="idle_team")["team"].to_list() == ["painters"]


@pytest.mark.parametrize("name", ["resources", "resource_gaps"])
def test_keys_are_unique_and_rows_in_order(plan: Plan, staff: Plan, name: str) -> None:
    units = [application(f"app-{n}", targets=60) for n in range(6)]
    keys = frame(staff(plan(*units), *units), name)["natural_key"]
    assert keys.n_unique() == len(keys)
    assert frame(staff(plan(*units), *units), name).equals(frame(staff(plan(*units), *units), name))


def test_nothing_to_move_needs_nobody(plan: Plan, staff: Plan) -> None:
    units = [application("old", "retain")]
    found = staff(plan(*units), *units)
    assert frame(found, "resources").is_empty()
    assert frame(found, "resource_gaps").is_empty()
