"""The plan: sums, dates, capacities, overrides carried through, edits and locks respected, findings in words."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from caravan_assessment.domain.planning.ending import place_last
from caravan_assessment.domain.planning.outcome import give_reasons, place
from caravan_assessment.domain.planning.problem import make_instance
from caravan_assessment.domain.planning.schema import ASSIGNMENTS
from caravan_assessment.domain.portfolio.constraints import split_spans
from caravan_assessment.domain.portfolio.schema import MEMBERS, conform
from caravan_assessment.domain.waves import Instance, Unit, Wave, check_plan, plan_waves
from caravan_assessment.phases.editor import evaluate
from caravan_common.contracts import DecisionKind, PhaseError
from caravan_common.worker import EditContext
from tests.unit.assessment.conftest import SERVERS, Assessment, edges

Assess = Callable[..., Assessment]
NONE = {"precedence": 0, "capacity": 0, "window": 0, "must_together": 0, "unassigned": 0}


@pytest.fixture
def planned(harbour: Assessment) -> Assessment:
    """The sample estate through all phases, with a planner that stops early."""
    harbour.configuration["waves"] = {"steps": 2000}
    harbour.run()
    return harbour


def edit(flow: Assessment, *edits: dict[str, Any]) -> None:
    flow.decide(
        DecisionKind.EDIT, "editor", f"edit-{len(flow.decisions)}", {"edit_id": "e", "edits": list(edits)}
    )


def ask(flow: Assessment, *edits: dict[str, Any]) -> dict[str, Any]:
    context = flow.context("editor", flow.folder)
    asked = EditContext(
        "editor", flow.inputs["waves"], edits, context.inputs, flow.folder, {}, context.decisions
    )
    return dict(evaluate(asked).result)


def test_treatments_and_waves_sum_to_all_targets_and_no_rule_is_broken(planned: Assessment) -> None:
    for phase in ("wave_planning", "editor"):
        summary = planned.summary(phase)["waves"]
        assert summary["violations"] == NONE
        targets = dict(summary["targets"])
        assert targets.pop("total") == sum(targets.values()) == planned.targets()
        assert summary["units"] == planned.table("portfolio").height


def test_what_stays_has_a_row_without_a_wave_that_says_why(planned: Assessment) -> None:
    rows = planned.table("waves")
    assert rows["natural_key"].to_list() == planned.table("portfolio")["natural_key"].to_list()
    stays = rows.filter(pl.col("treatment") == "retain")
    assert stays.height == planned.summary("editor")["waves"]["retained"]
    assert stays["wave"].null_count() == stays.height
    assert all("stays where it is" in reasons[0] for reasons in stays["reasons"])
    assert rows.filter(pl.col("treatment") != "retain")["wave"].null_count() == 0


def test_freeze_windows_and_not_before_dates_are_obeyed(planned: Assessment) -> None:
    rows = planned.table("waves").drop_nulls("wave")
    assert planned.table("portfolio")["not_before"].drop_nulls().len() == 4
    dated = rows.drop_nulls("not_before")
    assert dated.height >= 4
    assert (dated["starts"] >= dated["not_before"]).all()
    first, last = split_spans(pl.col("freeze_windows"))
    frozen = rows.explode("freeze_windows").drop_nulls("freeze_windows").with_columns(first=first, last=last)
    assert frozen.height >= 6
    assert ((frozen["starts"] > frozen["last"]) | (frozen["ends"] < frozen["first"])).all()


FREEZE = {"starts": "2027-01-11", "ends": "2027-01-22", "reason": "audit of the year"}


@pytest.fixture
def frozen(harbour: Assessment) -> Assessment:
    """The same, with a freeze for everybody."""
    harbour.configuration |= {"waves": {"steps": 2000}, "freezes": [FREEZE]}
    harbour.run()
    return harbour


def test_what_serves_the_data_centre_ends_when_all_others_have_left(planned: Assessment) -> None:
    rows = planned.table("waves").drop_nulls("wave")
    ends = pl.col("variant").fill_null("").is_in(["landing_zone", "with_platform"])
    last = rows.filter(ends)
    assert last.height >= 4
    others = rows.filter(~ends)
    assert min(last["wave"].to_list()) >= max(others["wave"].to_list())
    assert all(any("ends when they have left" in why for why in reasons) for reasons in last["reasons"])
    assert planned.summary("editor")["waves"]["violations"] == NONE


def test_what_ends_last_finds_room_or_is_said_to_have_none() -> None:
    start = date(2027, 1, 4)
    waves = tuple(
        Wave(n, start + timedelta(weeks=2 * n), start + timedelta(weeks=2 * n, days=11), effort=10.0)
        for n in (1, 2, 3)
    )
    units = (
        Unit("shop", effort=9.0),
        Unit("dns", effort=4.0),
        Unit("dc", effort=7.0),
        Unit("mail", effort=7.0),
    )
    instance = Instance(units, (), waves)
    placed, left = place_last(instance, {"shop": 2}, ["dc", "dns", "mail"])
    assert placed == {"shop": 2, "dc": 3, "dns": None, "mail": None}
    assert [each.units for each in left] == [("dns",), ("mail",)]
    assert "no wave from 2 on" in left[0].detail


def test_a_person_may_end_it_sooner(planned: Assessment) -> None:
    key = planned.row("waves", "dns-01")["natural_key"]
    edit(planned, {"move": {"application": key, "wave": 2}})
    planned.run("wave_planning", "roadmap", "editor")
    assert planned.row("waves", "dns-01")["wave"] == 2


def test_nobody_is_switched_over_in_a_freeze_for_all(frozen: Assessment) -> None:
    rows = frozen.table("waves").drop_nulls("wave")
    first, last = date(2027, 1, 11), date(2027, 1, 22)
    assert rows.height > 50
    assert ((rows["starts"] > last) | (rows["ends"] < first)).all()
    assert frozen.summary("editor")["waves"]["violations"] == NONE
    assert frozen.summary("editor")["waves"]["unplaceable"] == []


def test_a_freeze_for_all_closes_waves_and_is_said_in_calendar_roadmap_and_reasons(
    frozen: Assessment,
) -> None:
    closed = frozen.table("plan_calendar").filter("blackout")
    assert closed.height >= 1
    assert (closed["blackout_reason"] == "audit of the year (2027-01-11 to 2027-01-22)").all()
    assert (closed["units"] == 0).all()
    [shown] = frozen.table("roadmap").filter(natural_key="freeze:2027-01-11..2027-01-22").to_dicts()
    assert (shown["name"], shown["detail"]) == ("Freeze for all", "audit of the year: no cut-over")
    moves = frozen.table("waves").filter(pl.col("state") == "planned")
    assert all(any("2027-01-11..2027-01-22" in why for why in reasons) for reasons in moves["reasons"])
    told = frozen.summary("wave_planning")["wave_assumptions"]
    assert any("closed by blackouts or freezes" in words for words in told)


def test_closed_waves_come_on_top_of_those_that_the_effort_needs(frozen: Assessment) -> None:
    open_waves = frozen.table("wave_calendar").filter(~pl.col("blackout")).height
    frozen.configuration.pop("freezes")
    frozen.run("wave_planning")
    assert open_waves == frozen.table("wave_calendar").height


def test_an_edit_that_moves_a_wave_into_a_freeze_is_answered_with_the_freeze(frozen: Assessment) -> None:
    used = frozen.table("plan_calendar").filter(pl.col("units") > 0).row(0, named=True)
    dated = {"date": {"wave": used["wave"], "starts": "2027-01-18", "ends": "2027-01-29"}}
    said = ask(frozen, dated)["caused"]["window"]
    assert any("frozen from 2027-01-11 to 2027-01-22" in words for words in said)


def test_a_closed_wave_that_is_given_other_days_is_open_again(frozen: Assessment) -> None:
    closed = frozen.table("plan_calendar").filter("blackout").row(0, named=True)
    later = closed["ends"] + timedelta(days=600)
    dated = {"wave": closed["wave"], "starts": str(later), "ends": str(later + timedelta(days=11))}
    edit(frozen, {"date": dated})
    frozen.run("editor")
    after = frozen.table("plan_calendar").filter(wave=closed["wave"]).row(0, named=True)
    assert (after["blackout"], after["blackout_reason"]) == (False, None)


def test_a_freeze_that_nobody_can_read_is_refused_in_words(harbour: Assessment) -> None:
    harbour.configuration["freezes"] = [{"starts": "Christmas", "ends": "2027-01-04"}]
    with pytest.raises(PhaseError, match="freezes is 'Christmas'"):
        harbour.run()


def test_what_is_rebuilt_has_its_time_before_its_wave_unless_somebody_gave_the_waves(
    planned: Assessment,
) -> None:
    rebuilt = planned.table("waves").filter(pl.col("treatment") == "refactor")
    assert rebuilt.height > 1
    assert (rebuilt["starts"] >= date(2027, 3, 21)).all()
    assert any("refactor 4 months" in words for words in planned.summary("wave_planning")["wave_assumptions"])
    pilots = planned.table("waves").filter("pilot")
    assert (pilots["starts"] < date(2027, 3, 21)).all()
    planned.configuration["waves"] = {"steps": 2000, "count": 20}
    planned.run("wave_planning", "roadmap", "editor")
    stated = planned.table("portfolio").drop_nulls("not_before")["natural_key"].to_list()
    kept = planned.table("waves").drop_nulls("not_before").drop_nulls("wave")["natural_key"].to_list()
    assert set(kept) <= set(stated)


def test_what_is_needed_never_moves_after_what_needs_it(planned: Assessment) -> None:
    units = planned.table("waves").drop_nulls("wave")
    wave = units.select("natural_key", "wave")
    retired = units.filter(pl.col("treatment") == "retire")["natural_key"]
    order = planned.table("application_edges").filter(
        pl.col("kind") == "hard_order", ~pl.col("shared_service"), ~pl.col("target").is_in(retired.implode())
    )
    ends = order.join(wave.rename({"natural_key": "target", "wave": "needed"}), on="target").join(
        wave.rename({"natural_key": "source", "wave": "needs"}), on="source"
    )
    assert ends.height > 10
    assert (ends["needed"] <= ends["needs"]).all()


def test_what_is_retired_is_shut_down_no_sooner_than_its_callers_have_moved() -> None:
    between = edges(("shop", "ledger", "hard_order"), ("ledger", "store", "hard_order"))
    first, then = date(2027, 1, 4), date(2027, 1, 18)
    waves = [Wave(1, first, first + timedelta(days=11)), Wave(2, then, then + timedelta(days=11))]

    def place_shop_late(ledger: str) -> pl.DataFrame:
        rows = [{"natural_key": key, "treatment": "rehost"} for key in ("shop", "store")]
        rows.append({"natural_key": "ledger", "treatment": ledger})
        given = {"state": "planned", "effort": 1.0, "servers": 1, "criticality": 3, "pilot": False}
        given |= {"shared_service": False, "locked": False, "freeze_windows": []}
        units = pl.DataFrame([{**row, **given, "name": row["natural_key"].title()} for row in rows])
        units = conform(units, ASSIGNMENTS).with_columns(
            not_before=pl.when(pl.col("natural_key") == "shop").then(pl.lit(then))
        )
        instance = make_instance(units, between, waves, pl.DataFrame(schema=MEMBERS))
        plan = plan_waves(instance, steps=1000)
        assert check_plan(instance, {f"{key}#": wave for key, wave in plan.assignment.items()}).total == 0
        return give_reasons(place(units, plan.assignment, plan.groups), between)

    retired = place_shop_late("retire").filter(natural_key="ledger").row(0, named=True)
    assert retired["wave"] == 2
    assert any(reason.startswith("after Shop (wave 2)") for reason in retired["reasons"])
    moved = place_shop_late("rehost").filter(pl.col("natural_key") != "ledger")
    assert any("needs Ledger" in reason for reason in moved.filter(natural_key="shop")["reasons"][0])


def test_an_override_changes_the_plan_on_the_next_run_and_withdrawn_it_is_as_before(
    planned: Assessment,
) -> None:
    before = planned.inputs["waves"].manifest.artifact.sha256
    row = planned.row("waves", "Payroll")
    planned.decide(DecisionKind.OVERRIDE, "treatment", row["natural_key"], {"treatment": "retain"})
    planned.run("treatment", "wave_planning", "roadmap", "editor")
    assert planned.row("waves", "Payroll")["wave"] is None
    held = planned.table("asset_waves").filter(pl.col("application") == row["natural_key"])
    assert held["wave"].null_count() == held.height > 0
    planned.decisions.clear()
    planned.run("treatment", "wave_planning", "roadmap", "editor")
    assert planned.inputs["waves"].manifest.artifact.sha256 == before


def test_equal_inputs_give_equal_plans_to_the_byte(planned: Assessment) -> None:
    names = (
        "wave_assignments",
        "wave_calendar",
        "wave_findings",
        "roadmap",
        "waves",
        "plan_calendar",
        "asset_waves",
    )
    before = [planned.inputs[name].manifest.artifact.sha256 for name in names]
    planned.run("wave_planning", "roadmap", "editor")
    assert [planned.inputs[name].manifest.artifact.sha256 for name in names] == before


def test_a_file_without_applications_has_all_its_targets_in_waves(assess: Assess) -> None:
    rows = "".join(f"srv-{n:02},,4,16,100,Windows Server 2016,production,\n" for n in range(1, 13))
    flow = assess(servers=SERVERS + rows)
    flow.run()
    summary = flow.summary("editor")["waves"]
    assert summary["targets"] == {"planned": 12, "retained": 0, "unplaceable": 0, "total": 12}
    assert summary["violations"] == NONE


def test_a_plan_of_a_scope_holds_its_units_only(harbour: Assessment) -> None:
    harbour.configuration["scope"] = {"applications": ["Payroll", "Billing"]}
    harbour.run()
    assert harbour.table("waves")["name"].sort().to_list() == ["Billing", "Payroll"]
    assert harbour.summary("editor")["waves"]["violations"] == NONE


def test_a_unit_larger_than_any_wave_is_reported_with_the_capacity_that_makes_it_so(
    harbour: Assessment,
) -> None:
    harbour.configuration["waves"] = {"steps": 500, "capacity_servers": 10, "count": 40}
    harbour.run("overview", "treatment", "wave_planning")
    summary = harbour.summary("wave_planning")["waves"]
    assert summary["unplaceable"]
    assert summary["violations"] == NONE
    found = harbour.table("wave_findings").filter(pl.col("kind") == "unplaceable")
    assert set(found["units"].explode()) == set(summary["unplaceable"])
    assert any("server" in " ".join(row) for row in found["capacities"])
    lost = harbour.table("wave_assignments").filter(pl.col("state") == "unplaceable")
    assert lost["wave"].null_count() == lost.height == len(summary["unplaceable"])


def test_a_moved_unit_is_where_it_was_put_and_stays_there_in_the_next_plan(planned: Assessment) -> None:
    row = planned.row("waves", "Fleet Management")
    last = planned.table("wave_calendar")["wave"].max()
    assert row["wave"] != last
    edit(planned, {"lock": {"application": row["natural_key"], "wave": last}})
    planned.run("editor")
    assert planned.row("waves", "Fleet Management")["wave"] == last
    assert planned.row("waves", "Fleet Management")["locked"]
    planned.run("wave_planning", "roadmap", "editor")
    assert planned.row("wave_assignments", "Fleet Management")["wave"] == last
    assert "a person put it into wave" in planned.row("waves", "Fleet Management")["reasons"][0]


def test_an_edit_is_answered_with_what_it_would_cause_and_changes_nothing(planned: Assessment) -> None:
    row = planned.row("waves", "Access Control")
    before = planned.inputs["waves"].manifest.artifact.sha256
    answer = ask(planned, {"move": {"application": row["natural_key"], "wave": 1}})
    assert any(row["natural_key"] in said for said in answer["violations"]["window"])
    assert {"cut_before", "cut_after", "load", "dates"} <= answer.keys()
    assert planned.inputs["waves"].manifest.artifact.sha256 == before


def test_an_edit_that_names_nothing_is_refused_in_words(planned: Assessment) -> None:
    with pytest.raises(PhaseError, match="no application 'nobody'"):
        ask(planned, {"move": {"application": "nobody", "wave": 1}})
    with pytest.raises(PhaseError, match="teleport"):
        ask(planned, {"teleport": {"application": "nobody"}})


def test_a_split_wave_gives_later_ones_the_next_number_and_later_edits_use_it(planned: Assessment) -> None:
    before = planned.table("plan_calendar")
    inside = planned.table("waves").filter(pl.col("wave") == 1)["natural_key"].to_list()
    edit(planned, {"split": {"wave": 1, "applications": inside[:1]}})
    planned.run("editor")
    assert planned.table("plan_calendar").height == before.height + 1
    moved = planned.table("waves").filter(pl.col("natural_key") == inside[0]).row(0, named=True)
    assert (moved["wave"], moved["wave_name"]) == (2, "Wave 2")
    # A new plan keeps the calendar as configured; the edit is carried out on top of it once.
    planned.run("wave_planning", "roadmap", "editor")
    assert planned.table("plan_calendar").height == before.height + 1


def test_edits_that_no_longer_fit_are_left_out_and_said(planned: Assessment) -> None:
    edit(planned, {"move": {"application": "gone", "wave": 1}}, {"merge": {"waves": [1, 2]}})
    planned.run("editor")
    told = planned.summary("editor")["edits"]
    assert told["carried_out"] == 1
    assert "gone" in told["ignored"][0]


def test_a_batch_is_carried_out_as_it_was_checked_with_the_numbers_of_the_plan_that_was_shown(
    planned: Assessment,
) -> None:
    rows = planned.table("waves").drop_nulls("wave")
    inside = rows.filter(pl.col("wave") == 1)["natural_key"].to_list()
    last = planned.table("plan_calendar").height
    batch = [
        {"split": {"wave": 1, "applications": inside[:1]}},
        {"move": {"application": inside[1], "wave": last}},
    ]
    answer = ask(planned, *batch)
    edit(planned, *batch)
    planned.run("editor")
    after = planned.table("waves").filter(pl.col("natural_key") == inside[1]).row(0, named=True)
    assert after["wave"] == answer["wave_numbers"][str(last)] == last + 1


def test_a_lock_where_the_unit_is_now_is_answered_with_that_wave_and_holds_in_the_next_plan(
    planned: Assessment,
) -> None:
    row = planned.row("waves", "Fleet Management")
    last = planned.table("wave_calendar")["wave"].max()
    key = row["natural_key"]
    edit(planned, {"move": {"application": key, "wave": last}})
    planned.run("editor")
    understood = ask(planned, {"lock": {"application": key}})["edits"]
    assert understood == [{"lock": {"application": key, "wave": last, "locked": True}}]
    edit(planned, {"lock": {"application": key, "locked": False}}, *understood)
    planned.run("wave_planning", "roadmap", "editor")
    assert planned.row("wave_assignments", "Fleet Management")["locked_wave"] == last


def test_the_roadmap_shows_every_used_wave_its_milestones_freezes_and_path(planned: Assessment) -> None:
    rows = planned.table("roadmap")
    waves = rows.filter(pl.col("kind") == "wave")
    summary = planned.summary("roadmap")["roadmap"]
    assert (
        waves["wave"].sort().to_list()
        == planned.table("waves")["wave"].drop_nulls().unique().sort().to_list()
    )
    assert int(waves["targets"].sum()) == planned.summary("editor")["waves"]["targets"]["planned"]
    assert waves.filter("critical")["wave"].sort().to_list() == summary["critical_waves"]
    assert waves["confidence"].is_between(0, 1).all()
    keys = rows["natural_key"].to_list()
    assert {"milestone:start", "milestone:half", "milestone:end"} <= set(keys)
    assert "freeze:2026-12-18..2027-01-04" in keys
    assert rows.filter(pl.col("kind") == "risk")["severity"].null_count() == 0
