"""Waves without and with a calendar of one's own, and the effort that fills them."""

from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest

from caravan_assessment.domain.calendar.effort import add_effort
from caravan_assessment.domain.calendar.slots import CalendarIsNotUsable, Needs, build_calendar, read_closed
from caravan_assessment.domain.treatment.ruleset import load_ruleset
from caravan_common.work import count_days, load_templates
from tests.unit.assessment.conftest import SERVERS, Assessment

NEEDS = Needs(effort=300.0, servers=80, largest_effort=120.0, largest_servers=9, last=date(2027, 6, 30))


@pytest.fixture
def planned(harbour: Assessment) -> Assessment:
    """The sample estate through all phases, with a planner that stops early."""
    harbour.configuration["waves"] = {"steps": 2000}
    harbour.run()
    return harbour


def test_a_calendar_nobody_configured_fits_the_estate_and_says_what_it_assumes() -> None:
    calendar = build_calendar({}, NEEDS, date(2026, 11, 21))
    assert calendar.waves[0].starts == date(2026, 12, 21)
    assert all(wave.effort is not None and wave.effort >= NEEDS.largest_effort for wave in calendar.waves)
    assert calendar.waves[-1].starts > date(2027, 6, 30)
    told = " ".join(calendar.assumptions)
    assert all(
        word in told for word in ("14 days", "2026-12-21", "person-days", "servers", "team", "blackout")
    )


def test_a_configured_calendar_is_taken_as_it_is_with_its_blackouts() -> None:
    given = {
        "count": 4,
        "length_days": 7,
        "start": "2027-01-04",
        "capacity_effort": 50,
        "capacity_servers": 20,
        "teams": {"Finance": 10},
        "blackouts": [{"starts": "2027-01-12", "ends": "2027-01-13", "reason": "audit"}],
    }
    calendar = build_calendar(given, NEEDS, date(2026, 11, 21), read_closed({"waves": given}))
    assert [wave.blackout for wave in calendar.waves] == [False, True, False, False]
    assert (calendar.waves[0].ends, calendar.waves[1].starts) == (date(2027, 1, 8), date(2027, 1, 11))
    assert "audit" in calendar.reasons[2]
    assert calendar.waves[0].teams == {"Finance": 10.0}
    assert calendar.assumptions == []


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"count": 0}, "waves.count"),
        ({"length_days": "soon"}, "waves.length_days"),
        ({"start": "next week"}, "waves.start"),
        ({"blackouts": ["2027"]}, "waves.blackouts"),
        ({"blackouts": [["2027-02-01", "2027-01-01"]]}, "ends on 2027-01-01"),
        ({"calendar": [{"starts": "2027-01-04", "ends": "2027-01-01"}]}, "wave 1 ends"),
        (
            {
                "calendar": [
                    {"starts": "2027-01-04", "ends": "2027-01-15"},
                    {"starts": "2027-01-10", "ends": "2027-01-20"},
                ]
            },
            "wave 2 starts",
        ),
    ],
)
def test_a_calendar_that_can_not_be_used_says_what_to_put_right(given: dict[str, Any], word: str) -> None:
    with pytest.raises(CalendarIsNotUsable, match=word):
        build_calendar(given, NEEDS, date(2026, 11, 21), read_closed({"waves": given}))


def effort_of(
    treatment: str, targets: int, criticality: str | None = None, given: dict[str, Any] | None = None
) -> float:
    row = {"treatment": treatment, "variant": None, "targets": targets, "databases": 0}
    row |= {"business_criticality": criticality, "non_production": False}
    text = {"variant": pl.String, "business_criticality": pl.String}
    return float(add_effort(pl.DataFrame([row], schema_overrides=text), given)["effort"].item())


def test_effort_rises_with_servers_and_criticality_and_is_none_for_what_stays() -> None:
    assert effort_of("rehost", 1) < effort_of("rehost", 9) < effort_of("rehost", 40)
    assert effort_of("rehost", 5, "mission-critical") > effort_of("rehost", 5, "low")
    assert effort_of("retain", 5) == 0


def test_the_effort_of_a_wave_is_what_its_steps_come_to_unless_somebody_measured_it() -> None:
    steps = load_templates().find_steps("rehost")
    by_hand = sum(each.people * count_days(each.days[1] + each.server_days / each.people) for each in steps)
    assert effort_of("rehost", 1) == by_hand
    assert effort_of("rehost", 3, given={"rehost": {"base": 2, "server": 1.5}}) == 6.5
    assert effort_of("retire", 3, given={"rehost": {"base": 2}}) == effort_of("retire", 3)


def test_a_wave_takes_what_the_busiest_team_allows_and_says_which_that_is() -> None:
    calendar = build_calendar(
        {"length_days": 21},
        Needs(
            300.0,
            80,
            20.0,
            9,
            None,
            daily=10.0,
            busiest="the team tests (3 people, the busiest) lets all teams",
        ),
        date(2026, 11, 21),
    )
    assert {wave.effort for wave in calendar.waves} == {10.0 * 15 * 0.8}
    assert any("the team tests (3 people" in words for words in calendar.assumptions)


def test_more_people_in_the_configured_teams_make_larger_waves(planned: Assessment) -> None:
    def capacity(people: int) -> float:
        skills = ["platform", "network", "security", "architecture", "application", "development", "database"]
        skills += ["migration", "test", "operations"]
        planned.configuration["teams"] = [{"name": "all", "skills": skills, "people": people}]
        planned.run("wave_planning")
        return float(planned.table("wave_calendar")["capacity_effort"][0])

    assert capacity(50) == 50 * 10 * 0.8
    assert capacity(100) == 2 * capacity(50)


@pytest.mark.parametrize("treatment", ["refactor", "rearchitect", "rewrite", "replace"])
def test_the_least_months_of_a_treatment_leave_time_for_its_steps_up_to_the_cutover(treatment: str) -> None:
    ends: dict[str, int] = {}
    for each in load_templates().find_steps(treatment):
        ends[each.code] = max([ends[code] for code in each.after], default=0) + count_days(each.days[1])
        if each.cutover:
            working_days_a_month = 21
            months = load_ruleset().data["options"][treatment]["months"][0]
            assert ends[each.code] <= months * working_days_a_month


def test_as_many_waves_are_kept_as_what_ends_last_needs() -> None:
    limits = {"capacity_effort": 120, "capacity_servers": 20}
    without = build_calendar(limits, NEEDS, date(2026, 11, 21))
    needs = replace(NEEDS, ending=((50.0, 1), (60.0, 1), (40.0, 1), (10.0, 20)))
    calendar = build_calendar(limits, needs, date(2026, 11, 21))

    # 50 and 60 share a wave, 40 has the next, and 20 servers leave no room beside them in either.
    assert without.kept == frozenset()
    assert calendar.kept == {wave.index for wave in calendar.waves[-3:]}
    assert len(calendar.waves) == len(without.waves) + 3
    assert "3 more waves are kept for what ends when all others have left." in calendar.assumptions
    frozen = read_closed({"freezes": [f"{calendar.waves[-2].starts}..{calendar.waves[-2].ends}"]})
    closed = build_calendar(limits, needs, date(2026, 11, 21), frozen)
    assert len(closed.kept) == 3
    assert calendar.waves[-2].index not in closed.kept
    assert build_calendar({**limits, "count": 6}, needs, date(2026, 11, 21)).kept == frozenset()


def test_whatever_ends_last_has_a_wave_in_a_calendar_nobody_configured(assess: Any) -> None:
    """Backup, name service and the like take more than one small wave."""
    kinds = ("dns", "ntp", "syslog", "wsus", "bkp", "jump")
    rows = "".join(
        f"{kind}-0{number},,{2 * number},{4 * number},40,Debian 12,Production,low\n"
        for kind in kinds
        for number in (1, 2)
    )
    estate = assess(servers=SERVERS + rows + "web-01,Shop,4,16,100,Debian 12,Production,high\n")
    estate.configuration["waves"] = {"steps": 500, "capacity_effort": 60}
    estate.run()
    last = estate.table("waves").filter(pl.col("variant") == "landing_zone")

    assert last.height >= 6
    assert last["wave"].n_unique() > 2, "the wave used by others, and more than one that is kept"
    assert estate.summary("wave_planning")["waves"]["unplaceable"] == []
