"""Sums that survive what isn't known."""

from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.planning.estates import Plan


def test_one_unknown_does_not_empty_a_total(plan: Plan) -> None:
    plan.machine("web", current_monthly_cost=100.0)
    plan.machine("app", current_monthly_cost=200.0)
    known = plan.costs()
    plan.machine("odd", os_family=None)
    total = plan.costs()

    for name in ("today", "like_for_like", "right_sized", "managed", "planned", "aws", "azure", "google"):
        assert total[name] == known[name] > 0, name
        assert (known[f"{name}_unknown"], total[f"{name}_unknown"]) == (0, 1), name


def test_a_sum_of_unknowns_is_unknown_and_not_0(plan: Plan) -> None:
    plan.machine("odd", os_family=None)
    total = plan.costs()

    assert total["right_sized"] is None
    assert total["today"] is None
    assert total["right_sized_unknown"] == 1


def test_parts_add_up_to_the_total(plan: Plan) -> None:
    for number, environment in enumerate(["production", "test", "development", None] * 3):
        plan.machine(
            f"m{number}",
            application=f"app{number % 5}",
            environment=environment,
            current_monthly_cost=number or None,
        )
    plan.treat("app1", "retire", wave=2)
    plan.treat("app2", None, wave=None)
    costs = plan.table("costs")
    total = plan.costs()

    for kind in ("application", "treatment", "wave"):
        parts = costs.filter(kind=kind)
        for name in ("today", "right_sized", "planned"):
            assert parts[name].sum() == pytest.approx(total[name]), (kind, name)
            assert parts[f"{name}_unknown"].sum() == total[f"{name}_unknown"], (kind, name)
        assert parts["assets"].sum() == total["assets"] == 12


def test_a_retired_machine_costs_nothing_and_a_retained_one_what_it_costs_today(plan: Plan) -> None:
    plan.machine("old", application="old", current_monthly_cost=70.0)
    plan.machine("host", application="host", current_monthly_cost=30.0)
    plan.treat("old", "retire")
    plan.treat("host", "retain")
    total = plan.costs()

    assert total["planned"] == 30.0
    assert total["saving"] == 70.0
    assert total["planned_unknown"] == 0


def test_the_yearly_cost_counts_where_no_monthly_one_is_known(plan: Plan) -> None:
    plan.machine("web", annual_cost=1200.0)

    assert plan.costs()["today"] == 100.0


def test_the_cost_of_an_application_is_shared_out_where_its_machines_have_none(plan: Plan) -> None:
    plan.machine("a")
    plan.machine("b")
    plan.treat("shop", "retain", cost=500.0)
    rows = plan.table("targets")

    assert rows["today_per_month"].to_list() == [250.0, 250.0]
    assert all("today_shared_out" in flags for flags in rows["flags"].to_list())
    plan.configuration["scope"] = {"assets": ["a"]}
    assert plan.costs()["today"] == 250.0


def test_savings_are_over_machines_whose_cost_is_known_both_ways(plan: Plan) -> None:
    plan.machine("known", application="known", current_monthly_cost=1000.0)
    plan.machine("unknown", application="unknown")
    plan.treat("known", "retire", effort=2.0)
    plan.configuration["target"] = {"day_rate": 500, "years": 2}
    total = plan.costs()

    assert (total["compared_assets"], total["saving"], total["saving_over_years"]) == (1, 1000.0, 24_000.0)
    assert total["people_cost"] == (2 + 5) * 500
    assert total["net_saving_over_years"] == 24_000 - 2 * 500
    assert total["payback_months"] == 1.0


def test_unknown_effort_is_counted_and_leaves_the_rest_of_the_migration_cost(plan: Plan) -> None:
    plan.machine("a", application="a")
    plan.machine("b", application="b")
    plan.treat("a", "rehost", effort=3.0)
    plan.treat("b", "rehost", effort=None)
    plan.configuration["target"] = {"day_rate": 100}
    total = plan.costs()

    assert (total["people_cost"], total["effort_unknown"]) == (300.0, 1)
    assert plan.costs("application:b")["people_cost"] is None


def test_the_summary_says_what_a_month_costs_each_way(plan: Plan) -> None:
    plan.machine("web", current_monthly_cost=400.0)
    plan.machine("odd", cpu_cores=None)
    cost = plan.run().summary["cost"]

    assert set(cost) >= {"currency", "today", "like_for_like", "right_sized", "managed", "unknown_assets"}
    assert (cost["currency"], cost["today"], cost["unknown_assets"]) == ("USD", 400.0, 1)
    assert (cost["compared_assets"], cost["unknown"]["today"]) == (1, 1)
    assert cost["saving"] == pytest.approx(400.0 - cost["right_sized"], abs=0.01)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=8))
def test_totals_count_every_machine_as_known_or_unknown(
    plan: Plan, machines: list[tuple[bool, bool]]
) -> None:
    plan.machines.clear()
    plan.members.clear()
    for number, (sized, priced) in enumerate(machines):
        plan.machine(
            f"m{number}", cpu_cores=4 if sized else None, current_monthly_cost=10.0 if priced else None
        )
    total = plan.costs()

    assert total["right_sized_unknown"] == sum(not sized for sized, _ in machines)
    assert total["today"] == (10.0 * sum(priced for _, priced in machines) or None)


def test_people_cost_what_the_planned_tasks_take_at_the_rates_of_their_teams(plan: Plan) -> None:
    plan.machine("a", application="a")
    plan.machine("b", application="b")
    plan.extra["tasks"] = pl.DataFrame(
        {
            "application": ["a", "a", "b", "programme"],
            "team": ["db", "net", "guests", "net"],
            "effort_days": [2.0, 3.0, 5.0, 10.0],
        }
    )
    rates = {"team": ["db", "net", "guests"], "day_rate": [900.0, 700.0, None], "currency": ["USD"] * 3}
    plan.extra["resources"] = pl.DataFrame(rates)

    assert plan.costs("application:a")["people_cost"] == 2 * 900 + 3 * 700
    assert plan.costs("application:b")["people_cost"] is None
    total = plan.costs()
    assert (total["people_cost"], total["effort"]) == (2 * 900 + 13 * 700, 20.0)


def test_the_three_ways_are_compared_over_the_same_machines_only(plan: Plan) -> None:
    """A managed service without a price leaves the sum of that way: it looks cheaper, and is not."""
    used: dict[str, Any] = {"cpu_max_percent": 40, "memory_max_percent": 40}
    plan.configuration["target"] = {"provider": "aws"}
    plan.machine("web", current_monthly_cost=400.0, **used)
    plan.machine("ora", database_type="Oracle Database 19c", **used)
    plan.machine("gone", application="gone", **used)
    plan.treat("gone", "retire")
    total, cost = plan.costs(), plan.run().summary["cost"]
    web = plan.target("web")

    assert total["managed"] < total["right_sized"], "the sums lack different machines"
    assert (total["common_assets"], total["common_managed"]) == (1, web["managed_per_month"])
    assert total["common_right_sized"] == web["right_sized_per_month"]
    side = cost["side_by_side"]
    assert (side["machines"], side["like_for_like"]) == (1, web["like_for_like_per_month"])
    assert (side["with_today"]["today"], side["with_today"]["planned"]) == (400.0, web["price_per_month"])


def test_what_is_known_of_a_price_is_shown_beside_what_is_not(plan: Plan) -> None:
    plan.machine("disk", storage_gb=None, storage_used_gb=None)
    plan.machine("odd", cpu_cores=None)
    plan.machine("web")
    rows = {name: plan.target(name) for name in ("disk", "odd", "web")}
    total, cost = plan.costs(), plan.run().summary["cost"]

    assert rows["disk"]["price_per_month"] is None
    assert rows["disk"]["known_per_month"] == rows["disk"]["compute_per_month"] > 0
    assert rows["disk"]["unpriced"] == ["storage"]
    assert any("are known; not known: its storage" in reason for reason in rows["disk"]["reasons"])
    assert (rows["odd"]["unpriced"], rows["odd"]["known_per_month"]) == (
        ["machine"],
        rows["odd"]["storage_per_month"],
    )
    assert (rows["web"]["unpriced"], rows["web"]["known_per_month"]) == ([], rows["web"]["price_per_month"])
    assert total["planned"] == rows["web"]["price_per_month"], "a sum of prices has whole prices only"
    known = sum(row["known_per_month"] for row in rows.values())
    assert total["planned_at_least"] == cost["planned_at_least"] == pytest.approx(known)


def test_without_a_price_of_its_subscription_a_machine_is_known_as_plain_linux(plan: Plan) -> None:
    plan.configuration["target"] = {"provider": "aws"}
    plan.machine("sap", operating_system="SUSE Linux Enterprise Server 15")
    plan.machine("web")
    sap, web = plan.target("sap"), plan.target("web")

    assert (sap["price_per_month"], sap["unpriced"]) == (None, ["subscription"])
    assert sap["known_per_month"] == web["price_per_month"]
