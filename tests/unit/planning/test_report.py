"""The plan's part of the report: schedule, teams and cost as the frames have them, and never nothing for unknown."""

import re
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from caravan_common.reporting import ReportModel, render_page
from caravan_planning.domain.report import draw_histogram, draw_schedule, make_part

START = date(2027, 1, 4)


def tasks() -> pl.DataFrame:
    def task(
        number: int, wave: int | None, first: int, days: int, *, cutover: bool, critical: bool
    ) -> dict[str, Any]:
        return {
            "natural_key": f"app#{number}",
            "name": "Cut over" if cutover else "Build <b>",
            "application_name": "Till",
            "wave": wave,
            "starts": START + timedelta(days=first),
            "ends": START + timedelta(days=first + days - 1),
            "team": "platform",
            "cutover": cutover,
            "critical": critical,
        }

    return pl.DataFrame(
        [
            task(1, 1, 0, 5, cutover=False, critical=True),
            task(2, 1, 5, 2, cutover=True, critical=True),
            task(3, 2, 7, 5, cutover=False, critical=False),
            task(4, None, 7, 5, cutover=False, critical=False),
        ]
    )


def resources(*teams: str) -> pl.DataFrame:
    rows = [
        {
            "team": team,
            "starts": START + timedelta(days=7 * week),
            "effort_days": 5.0 + place,
            "capacity_days": 10.0,
        }
        for place, team in enumerate(teams)
        for week in range(3)
    ]
    return pl.DataFrame(rows)


def costs() -> pl.DataFrame:
    total = {
        "kind": "total", "name": "all", "natural_key": "total", "assets": 9, "today": None, "planned": 90.5,
        "saving_over_years": None, "today_unknown": 9, "right_sized_unknown": 2,
    }  # fmt: skip
    return pl.DataFrame([total, {**total, "kind": "application", "name": "Till", "natural_key": "app"}])


def page(**frames: pl.DataFrame) -> str:
    summaries = {
        "schedule": {"makespan_days": 63, "lower_bound_days": 60, "status": "feasible",
            "p50": "2027-03-30", "p80": "2027-04-09",
        },
        "cost": {
            "currency": "USD", "today": None, "like_for_like": 120.0, "right_sized": 90.5, "managed": 95.0,
            "unknown_assets": 2,
        },
    }  # fmt: skip
    return render_page("Estate", START, [make_part(ReportModel(START, summaries, frames))])


def test_a_wave_reaches_from_its_first_task_to_its_last() -> None:
    bars = draw_schedule(tasks()).bars

    assert [bar.label for bar in bars] == ["wave 1", "wave 2", "no wave"]
    one, two, _ = bars
    assert one.whole.x + one.whole.width == pytest.approx(two.whole.x, abs=0.2)
    assert [piece.width for piece in one.critical] == [one.whole.width]
    assert one.cutovers[0].width == pytest.approx(one.whole.width * 2 / 7, abs=0.2)


def test_the_histogram_stacks_teams_up_to_what_they_have() -> None:
    histogram = draw_histogram(resources("build", "network"))

    assert histogram.teams == ["network", "build"]
    assert histogram.highest == 20.0
    for bar in histogram.bars:
        assert bar.capacity_y == 0
        assert sum(piece.height for piece in bar.pieces) == pytest.approx(180 * 11 / 20, abs=0.2)
        assert [(piece.value, bar.capacity) for piece in bar.pieces] == [(6.0, 20.0), (5.0, 20.0)]


def test_teams_beyond_what_can_be_told_apart_share_a_tone() -> None:
    histogram = draw_histogram(resources(*(f"team {n}" for n in range(9))))

    assert len(histogram.teams) == 5
    assert histogram.teams[-1] == "all other teams"
    assert all(len(bar.pieces) == 5 for bar in histogram.bars)


def test_the_page_tells_how_long_it_takes_and_what_it_costs() -> None:
    text = page(tasks=tasks(), resources=resources("build"), costs=costs())

    assert "The plan takes 63 working days; no plan is shorter than 60." in text
    assert "Of 100 simulated plans 80 have ended by 2027-04-09, and half of them by 2027-03-30." in text
    assert '<data data-figure="cost/bar/right_sized" value="90.5">' in text
    assert 'data-figure="teams/effort/2027-W01/build" data-value="5.0"' in text
    assert 'data-figure="teams/capacity/2027-W01" data-value="10.0"' in text
    assert "&lt;b&gt;" in text
    assert "<b>" not in text.replace("<b>today</b>", "").replace("<b>like for like</b>", "").replace(
        "<b>right-sized</b>", ""
    ).replace("<b>managed</b>", "").replace("<b>planned</b>", "")


def test_what_is_unknown_is_said_and_is_not_nothing() -> None:
    text = page(costs=costs())

    assert "unknown, 9 machines unknown" in text
    assert "2 machines have no price; sums of prices are without them." in text
    assert not re.search(r'data-figure="cost/(bar/)?today"', text)


def test_a_plan_without_results_makes_a_page_all_the_same() -> None:
    assert "Nothing is scheduled." in render_page("Nothing", START, [make_part(ReportModel(START))])


def test_the_report_says_which_machines_its_sums_leave_out_and_why_right_sized_may_be_dearer() -> None:
    cost = {
        "currency": "USD", "today": 500.0, "like_for_like": 120.0, "right_sized": 130.0, "managed": 95.0,
        "unknown_assets": 2, "unknown": {"today": 7}, "saving": 260.0, "compared_assets": 4,
    }  # fmt: skip
    text = render_page("Estate", START, [make_part(ReportModel(START, {"cost": cost}, {}))])

    assert "2 machines have no price; sums of prices are without them." in text
    assert "What 7 machines cost today is unknown" in text
    assert "For the 4 machines known both ways the plan saves 260 a month." in text
    assert "with headroom, machines need more than they have" in text


def test_each_machine_without_a_price_is_counted_once_by_its_first_cause() -> None:
    flags = [["price_unknown", "storage_unknown", "size_unknown"], ["price_unknown", "today_shared_out"], []]
    targets = pl.DataFrame(
        {"price_per_month": [None, None, 5.0], "way": ["right_sized"] * 3, "flags": flags},
        schema_overrides={"price_per_month": pl.Float64},
    )
    text = page(targets=targets)

    assert '<th scope="row">its processors or memory are unknown</th><td class="number">1</td>' in text
    assert '<th scope="row">no list has a price for it</th><td class="number">1</td>' in text
    assert "its storage is unknown" not in text
    assert "Of 1 machine only the application's cost is known today" in text.replace("&#39;", "'")


def test_assumed_teams_share_a_row() -> None:
    gaps = pl.DataFrame(
        {
            "kind": ["assumed_team", "assumed_team", "missing_skill"],
            "team": ["test", "build", None],
            "message": ["x", "y", "Nobody can do network."],
        }
    )
    text = page(resource_gaps=gaps)

    assert "these are assumed: build, test. Name yours" in text
    assert text.index("Nobody can do network.") < text.index("these are assumed")


def test_the_contents_name_each_section() -> None:
    links = re.findall(r'<a href="#(\w+)">([^<]+)</a>', page().split("</nav>")[0].split("<nav")[1])

    assert links == [("schedule", "The schedule"), ("teams", "Teams"), ("cost", "Cost, before and after")]


def test_settings_are_listed_and_what_is_assumed_of_many_is_one_row() -> None:
    def row(kind: str, name: str, subject: str) -> dict[str, str]:
        words = {"value": f"value of {subject}", "source": "somebody", "effect": "much"}
        return {"natural_key": f"{kind}:{subject}", "kind": kind, "name": name, "subject": subject, **words}

    text = page(
        assumptions=pl.DataFrame(
            [
                *(row("assessment", "assumed parameters", f"app:{n}") for n in range(40)),
                row("setting", "headroom", "headroom"),
                row("setting", "region", "region"),
            ]
        )
    )

    assert "<td>40, such as app:0</td><td>value of app:0</td>" in text
    assert text.index("value of headroom") < text.index("value of region") < text.index("value of app:0")
    assert "app:1</td>" not in text


def test_the_plan_says_from_when_to_when_it_runs() -> None:
    schedule = {"makespan_days": 5, "lower_bound_days": 5, "status": "optimal"} | {
        "start": "2027-01-04",
        "end": "2027-01-08",
    }
    text = render_page("Estate", START, [make_part(ReportModel(START, {"schedule": schedule}, {}))])

    assert "The plan runs from 2027-01-04 to 2027-01-08, 5 working days; no plan is shorter." in text


COST = {
    "currency": "USD", "today": 500.0, "like_for_like": 120.0, "right_sized": 100.0, "managed": 90.0, "planned": 95.0,
    "planned_at_least": 97.5, "unknown": {"managed": 3}, "unknown_assets": 0, "compared_assets": 4, "saving": 10.0,
    "migration": 5000.0, "payback_months": 8.4,
    "side_by_side": {
        "machines": 7, "like_for_like": 110.0, "right_sized": 92.0, "managed": 94.0,
        "with_today": {
            "machines": 2, "today": 60.0, "like_for_like": 33.0, "right_sized": 31.0, "managed": 32.0, "planned": 30.0
        },
    },
}  # fmt: skip


def test_a_board_sees_the_ways_over_the_same_machines_and_what_the_plan_costs_at_least() -> None:
    text = render_page("Estate", START, [make_part(ReportModel(START, {"cost": COST}, {}))])

    assert "over the 7 with a price each way: like for like 110, right-sized 92, managed 94." in text
    assert "With the parts that have a price, the plan costs at least 98 a month." in text
    assert "saves 10 a month, which pays for their migration in 8 months." in text
    row = ["of these, whose cost today is known", "2", "60", "33", "31", "32", "30"]
    assert '<th scope="row">' + row[0] in text
    assert "".join(f'<td class="number">{cell}</td>' for cell in row[1:]) in text


def test_the_providers_stand_beside_each_other_with_the_age_of_their_prices() -> None:
    each = {"right_sized": 100.0, "machines": 7, "oldest_price": "2020-06-30", "old_share": 0.5}
    told = {"provider": "aws", "provider_chosen_by": "crew", "providers": {"aws": each, "google": each}}
    text = render_page("Estate", START, [make_part(ReportModel(START, {"targets": told}, {}))])

    assert text.count("planned with, chosen by a crew") == 1
    assert "2020-06-30" in text
    assert ">50%<" in text


def test_what_is_known_of_machines_without_a_price_stands_beside_the_reason() -> None:
    targets = pl.DataFrame(
        {
            "price_per_month": [None] * 3, "known_per_month": [500.4, None, None], "way": ["right_sized"] * 3,
            "flags": [["storage_unknown"], ["landing_zone"], ["subscription_unpriced"]],
        },
        schema_overrides={"price_per_month": pl.Float64},
    )  # fmt: skip
    text = page(targets=targets)

    assert 'its storage is unknown</th><td class="number">1</td><td class="number">500</td>' in text
    assert "no list has a price for the subscription of its operating system" in text
    assert "no list has a price for it<" not in text
