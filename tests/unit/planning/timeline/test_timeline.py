"""Tasks get dates that people can keep: templates, calendars, waves, freezes, order, and how sure it all is."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import polars as pl
import pytest

from caravan_common.contracts import PhaseError
from caravan_common.phases import PhaseResult
from caravan_common.work import load_teams, load_templates
from caravan_planning.domain.timeline.calendar import build_calendar
from caravan_planning.domain.timeline.teams import read_teams
from tests.unit.planning.timeline.conftest import Plan, application

TREATMENTS = ("rehost", "replatform", "refactor", "rearchitect", "rewrite", "replace", "retire", "retain")


def tasks(result: PhaseResult) -> pl.DataFrame:
    frame = result.datasets["tasks"]
    assert isinstance(frame, pl.DataFrame)
    return frame


def step(result: PhaseResult, key: str, code: str) -> dict[str, Any]:
    return tasks(result).filter(application=key, step=code).row(0, named=True)


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_every_treatment_has_a_template_whose_skills_the_default_teams_have(treatment: str) -> None:
    steps = load_templates().treatments[treatment]
    skills = {skill for team in load_teams()["teams"].values() for skill in team["skills"]}
    assert {each.skill for each in steps} <= skills
    assert all(least <= likely <= most for least, likely, most in (each.days for each in steps))
    assert sum(each.cutover for each in steps) == (treatment != "retain")


def test_what_is_retained_or_has_no_treatment_has_no_tasks(plan: Plan) -> None:
    found = plan(application("old", "retain"), application("unknown", None), application("shop"))
    assert set(tasks(found)["application"]) == {"programme", "shop"}


def test_a_variant_has_steps_of_its_own_and_ends_after_those_that_need_it(plan: Plan) -> None:
    directory = {**application("directory", "replace"), "variant": "landing_zone"}
    found = plan(directory, application("shop"), application("crm", "replace"), edges=[("shop", "directory")])
    assert set(tasks(found).filter(application="directory")["step"]) == {
        "prepare", "build", "repoint", "switch_off", "release",
    }  # fmt: skip
    assert "configure" in set(tasks(found).filter(application="crm")["step"])
    assert step(found, "shop", "cutover")["ends"] < step(found, "directory", "switch_off")["starts"]


def test_what_matters_more_takes_longer_in_its_tests_and_not_in_its_cutover(plan: Plan) -> None:
    found = plan({**application("core"), "care": 1.5}, application("shop"))
    for code, longer in (("test", True), ("hypercare", True), ("cutover", False), ("replicate", False)):
        core, shop = (step(found, name, code)["duration_days"] for name in ("core", "shop"))
        assert (core > shop) is longer, code
    assert step(found, "core", "cutover")["duration_days"] == step(found, "shop", "cutover")["duration_days"]


def test_machines_beyond_the_tenth_count_half(plan: Plan) -> None:
    likely = [
        step(plan(application("app", targets=count)), "app", "replicate")["likely_days"]
        for count in (10, 30, 50)
    ]
    assert likely == [2 + 0.25 * counted for counted in (10, 20, 30)]


def test_a_plan_without_anything_to_move_is_empty(plan: Plan) -> None:
    found = plan(application("old", "retain"))
    assert tasks(found).is_empty()
    assert found.summary["schedule"]["makespan_days"] == 0


def test_tasks_start_after_what_they_wait_for_has_ended(plan: Plan) -> None:
    found = tasks(plan(application("shop", "replatform", databases=2), application("mail")))
    ends = dict(found.select("natural_key", "ends").iter_rows())
    for starts, before in found.select("starts", "predecessors").iter_rows():
        assert all(ends[key] < starts for key in before)


def test_nobody_works_on_weekends_and_public_holidays(plan: Plan) -> None:
    germany = {"country": "DE", "holidays": ["2027-02-10"]}
    found = plan(application("shop", starts="2026-12-07", ends="2027-01-29"), calendar=germany)
    ends = [*tasks(found)["starts"], *tasks(found)["ends"]]
    holidays = {date(2026, 12, 25), date(2027, 1, 1), date(2027, 2, 10)}
    assert all(day.weekday() < 5 and day not in holidays for day in ends)


def test_a_duration_counts_working_days_only() -> None:
    calendar = build_calendar({"country": "DE"}, date(2026, 12, 24))
    assert calendar.date_of(0) == date(2026, 12, 24)
    assert calendar.date_of(1) == date(2026, 12, 28)  # over Christmas, which is a Friday and a Saturday
    assert calendar.span(date(2026, 12, 25), date(2026, 12, 27)) == (1, 1)


def test_other_countries_have_other_weekends(plan: Plan) -> None:
    found = tasks(plan(application("shop"), calendar={"country": "AE", "weekend": ["friday", "saturday"]}))
    assert not any(day.weekday() in {4, 5} for day in [*found["starts"], *found["ends"]])


def test_a_country_that_nobody_knows_is_refused_in_words(plan: Plan) -> None:
    with pytest.raises(PhaseError, match="No public holidays are known for XX"):
        plan(application("shop"), calendar={"country": "XX"})


def test_no_cutover_comes_before_its_wave(plan: Plan) -> None:
    found = plan(application("shop"), application("data-mart", "rewrite"))
    cutovers = tasks(found).filter("cutover")
    assert (cutovers["starts"] >= cutovers["window_starts"]).all()


def test_preparation_starts_as_much_before_its_wave_as_it_takes_and_says_so(plan: Plan) -> None:
    found = plan(
        application("shop"), application("core", "rewrite", wave=2, starts="2028-01-03", ends="2028-01-28")
    )
    for name, window, longest in (("shop", date(2027, 2, 1), 28), ("core", date(2028, 1, 3), 400)):
        first = step(found, name, "prepare")
        assert window - timedelta(days=longest) < first["starts"] < window
        assert any("before its wave" in reason for reason in first["reasons"])
        assert window <= step(found, name, "cutover")["starts"] <= window + timedelta(days=4)


def test_waves_of_two_weeks_hold_the_cutovers_of_ninety_applications_with_the_default_teams(
    plan: Plan,
) -> None:
    mondays = [date(2027, 2, 1) + timedelta(weeks=2 * number) for number in range(18)]
    units = [
        application(
            f"app-{wave:02}-{number}",
            "replatform" if number % 2 else "rehost",
            wave=wave,
            starts=str(monday),
            ends=str(monday + timedelta(days=11)),
        )
        for wave, monday in enumerate(mondays, start=1)
        for number in range(5)
    ]
    assert plan(*units).summary["schedule"]["late_cutovers"] == 0


def test_default_teams_grow_with_each_application_and_not_by_leaps() -> None:
    people = [sum(team.people for team in read_teams(None, count)) for count in range(301)]
    steps = [after - before for before, after in pairwise(people)]
    assert min(steps) >= 0
    assert max(steps) <= len(read_teams(None, 0))
    assert people[99] > people[50] > people[0]


def test_nothing_is_switched_over_in_a_blackout_or_in_a_freeze_of_the_application(plan: Plan) -> None:
    free = plan(application("shop"), application("mail"))
    day = step(free, "shop", "cutover")["starts"]
    other = step(free, "mail", "cutover")["starts"]
    span = f"{day}..{day + timedelta(days=6)}"
    frozen = plan(application("shop"), application("mail"), frozen={"shop": [span]})
    assert step(frozen, "shop", "cutover")["starts"] > day + timedelta(days=6)
    assert step(frozen, "mail", "cutover")["starts"] == other
    black = plan(
        application("shop"),
        application("mail"),
        waves={"blackouts": [{"starts": "2027-02-01", "ends": "2027-03-05"}]},
    )
    assert step(black, "mail", "cutover")["starts"] > date(2027, 3, 5)


def test_what_an_application_needs_is_switched_over_before_it(plan: Plan) -> None:
    found = plan(application("a"), application("b", targets=30), edges=[("a", "b")])
    assert step(found, "a", "cutover")["starts"] > step(found, "b", "cutover")["ends"]


def test_what_is_retired_is_switched_off_after_those_that_still_call_it(plan: Plan) -> None:
    found = plan(application("a"), application("old", "retire"), edges=[("a", "old")])
    assert step(found, "old", "switch_off")["starts"] > step(found, "a", "cutover")["ends"]


def test_applications_that_wait_for_each_other_are_planned_all_the_same(plan: Plan) -> None:
    found = plan(application("a"), application("b"), edges=[("a", "b"), ("b", "a")])
    assert tasks(found).filter("cutover").height == 2


def test_no_team_has_more_people_at_work_than_it_has(plan: Plan) -> None:
    teams = [
        {
            "name": "all",
            "people": 2,
            "skills": ["platform", "network", "security", "application", "migration"],
        }
    ]
    teams.append({"name": "rest", "people": 1, "skills": ["test", "operations"]})
    found = tasks(plan(*(application(f"app-{n}") for n in range(6)), teams=teams))
    for day in range(found["start_day"].max()):  # type: ignore[arg-type]
        at_work = found.filter(
            pl.col("start_day") <= day, pl.col("start_day") + pl.col("duration_days") > day
        )
        used = dict(at_work.group_by("team").agg(pl.col("people").sum()).iter_rows())
        assert used.get("all", 0) <= 2
        assert used.get("rest", 0) <= 1


def test_fewer_people_make_a_longer_plan_and_more_of_them_never(plan: Plan) -> None:
    skills = ["platform", "network", "security", "application", "migration", "test", "operations"]
    spans = [
        plan(
            *(application(f"app-{n}") for n in range(5)),
            teams=[{"name": "all", "people": people, "skills": skills}],
        )
        for people in (2, 20)
    ]
    few, many = (found.summary["schedule"]["makespan_days"] for found in spans)
    assert few > many


def test_a_skill_that_no_team_has_is_named_on_the_task(plan: Plan) -> None:
    found = plan(
        application("shop"), teams=[{"name": "all", "people": 3, "skills": ["platform", "application"]}]
    )
    assert found.summary["schedule"]["without_team"] > 0
    assert any("skill migration" in reason for reason in step(found, "shop", "cutover")["reasons"])


def test_a_cutover_that_people_cannot_make_in_time_says_by_how_much(plan: Plan) -> None:
    late = step(plan(application("big", targets=600)), "big", "cutover")
    assert late["late_days"] > 0
    assert late["ends"] > late["window_ends"]
    assert any("after its wave" in reason for reason in late["reasons"])
    assert step(plan(application("shop", targets=1)), "shop", "cutover")["late_days"] == 0


def test_more_servers_take_longer(plan: Plan) -> None:
    small, large = (step(plan(application("shop", targets=n)), "shop", "replicate") for n in (1, 40))
    assert small["duration_days"] < large["duration_days"]


def test_the_lower_bound_is_not_above_the_makespan_and_the_status_says_which(plan: Plan) -> None:
    found = plan(*(application(f"app-{n}", TREATMENTS[n % 7]) for n in range(8))).summary["schedule"]
    assert found["lower_bound_days"] <= found["makespan_days"]
    assert (found["status"] == "optimal") == (found["lower_bound_days"] == found["makespan_days"])


def test_the_last_task_is_critical_and_slack_is_never_negative(plan: Plan) -> None:
    found = tasks(plan(*(application(f"app-{n}", TREATMENTS[n % 7]) for n in range(8))))
    last = found.sort("ends").row(-1, named=True)
    assert last["critical"]
    assert (found["slack_days"] >= 0).all()
    assert not found["critical"].all()


def test_eighty_of_a_hundred_simulated_plans_take_no_less_than_fifty(plan: Plan) -> None:
    found = plan(*(application(f"app-{n}", TREATMENTS[n % 7]) for n in range(8))).summary["schedule"]
    assert (
        date.fromisoformat(found["p80"])
        >= date.fromisoformat(found["p50"])
        >= date.fromisoformat(found["start"])
    )


def test_an_application_without_a_wave_is_planned_last_and_says_so(plan: Plan) -> None:
    found = plan(application("shop"), application("lost", wave=None))
    assert tasks(found)["application"].to_list()[-1] == "lost"
    assert any("no wave" in reason for reason in step(found, "lost", "prepare")["reasons"])


def test_the_same_plan_comes_out_twice(plan: Plan) -> None:
    units = [application(f"app-{n}", TREATMENTS[n % 7]) for n in range(6)]
    assert tasks(plan(*units)).equals(tasks(plan(*reversed(units))))


@pytest.mark.parametrize(
    ("configuration", "words"),
    [
        ({"teams": [{"name": "a", "people": 0}]}, "a has 0 people"),
        ({"teams": [{"people": 2}]}, "each needs a name"),
        ({"teams": "everybody"}, "not a list of teams"),
        ({"teams": [{"name": "a", "people": 1}, {"name": "a", "people": 1}]}, "names a team twice"),
        ({"calendar": {"weekend": ["caturday"]}}, "caturday"),
        ({"freezes": ["2027-01-01"]}, "give starts and ends"),
        ({"freezes": [["2027-02-01", "2027-01-01"]]}, "ends before it starts"),
        ({"as_of": "soon"}, "needs as_of"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_in_words(
    plan: Plan, configuration: dict[str, Any], words: str
) -> None:
    with pytest.raises(PhaseError, match=words):
        plan(application("shop"), **configuration)
