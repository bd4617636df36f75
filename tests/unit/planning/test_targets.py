"""Which target a machine gets by its treatment, and what is said where something isn't known."""

import json
from typing import Any

import polars as pl
import pytest

from caravan_common.contracts import PhaseError
from tests.unit.planning.estates import Plan, own_prices

USED: dict[str, Any] = {"cpu_max_percent": 40, "memory_max_percent": 40}


@pytest.mark.parametrize(
    ("treatment", "way", "planned"),
    [
        ("rehost", "right_sized", "priced"),
        ("refactor", "right_sized", "priced"),
        ("rearchitect", "right_sized", "priced"),
        ("rewrite", "right_sized", "priced"),
        ("retire", "retired", 0.0),
        ("retain", "stays", 321.0),
        ("replace", "saas", None),
        (None, "right_sized", "priced"),
    ],
)
def test_the_treatment_decides_the_way(plan: Plan, treatment: str, way: str, planned: Any) -> None:
    plan.machine("web", current_monthly_cost=321.0, **USED)
    plan.treat("shop", treatment)
    row = plan.target("web")

    assert row["way"] == way
    if planned == "priced":
        assert row["price_per_month"] == row["right_sized_per_month"] > 0
    else:
        assert row["price_per_month"] == planned


def test_another_treatment_changes_the_target_on_the_next_run(plan: Plan) -> None:
    plan.machine("db", database_type="PostgreSQL 15", **USED)
    before = plan.target("db")
    plan.treat("shop", "replatform", decided_by="person")
    after = plan.target("db")
    plan.treat("shop", "retire", decided_by="person")

    assert before["target_type"] != after["target_type"]
    assert (
        "RDS" in after["target_type"] or "Database" in after["target_type"] or "SQL" in after["target_type"]
    )
    assert plan.target("db")["target_type"] == "retired"


def test_relocated_machines_keep_their_size(plan: Plan) -> None:
    plan.machine("web", cpu_cores=16, memory_gb=64, cpu_max_percent=5, memory_max_percent=5)
    plan.treat("shop", "rehost", variant="relocate")
    row = plan.target("web")

    assert row["way"] == "like_for_like"
    assert row["vcpu"] >= 16
    assert row["price_per_month"] > row["right_sized_per_month"]


def test_a_database_beside_its_server_makes_the_server_a_managed_database(plan: Plan) -> None:
    plan.machine("db-01", **USED)
    plan.database("ORDERS", "PostgreSQL", on="db-01")
    plan.treat("shop", "replatform")
    plan.configuration["target"] = {"provider": "aws"}
    row = plan.target("db-01")

    assert row["databases"] == ["postgresql"]
    assert row["service"] == "Amazon RDS for PostgreSQL"
    assert row["instance"].startswith("db.m5.")


def test_a_managed_service_whose_price_nobody_stated_has_no_price(plan: Plan) -> None:
    plan.machine("ora", database_type="Oracle Database 19c", **USED)
    plan.treat("shop", "replatform")
    plan.configuration["target"] = {"provider": "aws"}
    row = plan.target("ora")

    assert row["service"] == "Amazon RDS for Oracle"
    assert (row["price_per_month"], row["managed_per_month"]) == (None, None)
    assert "price_unknown" in row["flags"]


def test_what_has_no_managed_service_is_reckoned_as_a_machine_and_says_so(plan: Plan) -> None:
    plan.machine("web", **USED)
    plan.treat("shop", "replatform")
    row = plan.target("web")

    assert row["managed_per_month"] == row["right_sized_per_month"] == row["price_per_month"]
    assert "no_managed_service" in row["flags"]


@pytest.mark.parametrize(
    ("facts", "flag"),
    [
        ({"os_family": None}, "os_unknown"),
        ({"os_family": "aix"}, "cannot_move"),
        ({"blocked_reason": "mainframe"}, "cannot_move"),
        ({"cpu_architecture": "sparc"}, "cannot_move"),
        ({"cpu_cores": None}, "size_unknown"),
        ({"storage_gb": None, "storage_used_gb": None}, "storage_unknown"),
        ({"cpu_cores": 2000}, "too_large"),
    ],
)
def test_what_is_not_known_has_no_price_instead_of_none(plan: Plan, facts: dict[str, Any], flag: str) -> None:
    plan.machine("odd", **facts)
    row = plan.target("odd")

    assert row["price_per_month"] is None
    assert {flag, "price_unknown"} <= set(row["flags"])


def test_environments_land_in_zones_and_an_unknown_one_where_production_does(plan: Plan) -> None:
    for environment in ("production", "Test", "development", None):
        plan.machine(str(environment), environment=environment)
    zones = {
        row["natural_key"]: (row["landing_zone"], "environment_unknown" in row["flags"])
        for row in plan.table("targets").to_dicts()
    }

    assert zones == {
        "production": ("workloads-production", False),
        "Test": ("workloads-non-production", False),
        "development": ("workloads-development", False),
        "None": ("workloads-production", True),
    }


def test_every_price_has_its_day_and_source(plan: Plan) -> None:
    plan.machine("web")
    plan.configuration["target"] = {"provider": "azure"}
    row = plan.target("web")

    assert (row["price_date"], row["price_region"]) == ("2020-08-30", "eastus")
    assert "libcloud" in row["price_source"]
    assert "price_old" in row["flags"]


def test_a_price_is_old_where_its_storage_is(plan: Plan) -> None:
    plan.machine("web")
    plan.configuration = {"as_of": "2027-04-01", "target": {"provider": "azure"}}

    assert "price_old" in plan.target("web")["flags"]


def test_what_the_landing_zone_brings_anew_gets_no_machine_and_no_price(plan: Plan) -> None:
    plan.machine("dc", application="directory")
    plan.treat("directory", "replace", variant="landing_zone")
    row = plan.target("dc")

    assert (row["way"], row["target_type"]) == ("landing_zone", "service of the landing zone")
    assert (row["instance"], row["price_per_month"], row["landing_zone"]) == (None, None, None)
    assert {"landing_zone", "price_unknown"} <= set(row["flags"])
    assert plan.costs()["planned_unknown"] == 1


def test_red_hat_is_priced_with_its_subscription_unless_it_is_ones_own(plan: Plan) -> None:
    plan.machine("web", operating_system="Red Hat Enterprise Linux 8")
    plan.machine("plain", operating_system="Ubuntu 22.04")
    for provider in ("aws", "azure", "google"):
        plan.configuration["target"] = {"provider": provider}
        with_it, plain = plan.target("web"), plan.target("plain")
        plan.configuration["target"] = {"provider": provider, "subscriptions": "own"}
        own = plan.target("web")

        assert own["price_per_month"] == plain["price_per_month"]
        assert with_it["price_per_month"] == pytest.approx(
            own["price_per_month"] + 4 * 0.0144 * 730, abs=0.02
        )
        assert "; subscription: " in with_it["price_source"]
        assert ("price_weak" in with_it["flags"]) is (provider == "azure")


def test_a_subscription_without_a_known_price_leaves_the_price_unknown(plan: Plan) -> None:
    plan.machine("db", operating_system="SUSE Linux Enterprise Server 15")
    plan.configuration["target"] = {"provider": "aws"}
    row = plan.target("db")

    assert row["instance"] is not None
    assert row["price_per_month"] is None
    assert {"price_unknown", "subscription_unpriced"} <= set(row["flags"])
    assert any("subscription" in words for words in row["reasons"])
    assert row["google_per_month"] is not None
    assert plan.costs()["planned_unknown"] == 1


def test_three_providers_stand_side_by_side(plan: Plan) -> None:
    plan.machine("web")
    row = plan.target("web")

    assert all(
        row[f"{name}_per_month"] > 0 and row[f"{name}_instance"] for name in ("aws", "azure", "google")
    )


def test_the_configuration_chooses_provider_region_and_headroom(plan: Plan) -> None:
    plan.machine("web", cpu_max_percent=50, memory_max_percent=50)
    plan.configuration["target"] = {"provider": "google", "region": "europe-west3", "headroom": 0.9}
    row = plan.target("web")

    assert (row["provider"], row["region"]) == ("google", "europe-west3")
    assert row["need_vcpu"] == pytest.approx(4 * 0.5 * 1.9)


def test_another_currency_and_a_discount_scale_every_list_price(plan: Plan) -> None:
    plan.machine("web")
    plan.configuration["target"] = {"provider": "aws"}
    dollars = plan.target("web")["price_per_month"]
    plan.configuration["target"] = {
        "provider": "aws",
        "currency": "EUR",
        "exchange_rate": 0.5,
        "discount_percent": 10,
    }
    row = plan.target("web")

    assert row["currency"] == "EUR"
    assert row["price_per_month"] == pytest.approx(dollars * 0.45, abs=0.02)


@pytest.mark.parametrize(
    ("target", "word"),
    [
        ({"provider": "ibm"}, "ibm"),
        ({"region": "atlantis"}, "atlantis"),
        ({"headroom": "much"}, "headroom"),
        ({"headroom": True}, "headroom"),
        ({"currency": "EUR"}, "exchange_rate"),
        ({"colour": "blue"}, "colour"),
        ("aws", "object"),
    ],
)
@pytest.mark.parametrize("phase", ["overview", "target"])
def test_settings_that_cannot_be_are_refused_in_words(plan: Plan, target: Any, word: str, phase: str) -> None:
    plan.machine("web")
    plan.configuration["target"] = target

    with pytest.raises(PhaseError, match=word) as refused:
        plan.run(phase)
    assert refused.value.info.code == "target_settings_invalid"


def test_a_client_s_own_price_list_goes_before_what_is_shipped(plan: Plan) -> None:
    plan.machine("web", cpu_cores=4, memory_gb=16)
    plan.configuration["target"] = {"provider": "aws"}
    shipped = plan.target("web")
    offer = {
        "vcpu": 4,
        "memory_gb": 16,
        "price_hour": 0.01,
        "price_date": "2026-10-01",
        "price_source": "our contract",
    }
    storage = {"price_gb_month": 0.01, "price_date": "2026-10-01"}
    plan.extra["prices"] = own_prices(
        {
            "aws/us-east-1/linux/c9.special": json.dumps(offer),
            "aws/us-east-1/storage": json.dumps(storage),
        }
    )
    row = plan.target("web")

    assert (row["instance"], row["price_source"], row["price_date"]) == (
        "c9.special",
        "our contract",
        "2026-10-01",
    )
    assert row["compute_per_month"] == pytest.approx(7.3)
    assert row["storage_per_month"] < shipped["storage_per_month"]


def test_a_price_list_can_take_an_offer_away_but_not_make_it_free(plan: Plan) -> None:
    plan.machine("web", cpu_cores=4, memory_gb=16)
    plan.configuration["target"] = {"provider": "aws"}
    cheapest = plan.target("web")["instance"]
    entry = {"vcpu": 4, "memory_gb": 16, "price_hour": None, "price_date": "2026-10-01"}
    plan.extra["prices"] = own_prices({f"aws/us-east-1/linux/{cheapest}": json.dumps(entry)})
    assert plan.target("web")["instance"] != cheapest

    plan.extra["prices"] = own_prices(
        {f"aws/us-east-1/linux/{cheapest}": json.dumps({**entry, "price_hour": 0})}
    )
    with pytest.raises(PhaseError, match=cheapest) as refused:
        plan.run()
    assert refused.value.info.code == "price_list_invalid"


def test_a_subset_is_planned_alone(plan: Plan) -> None:
    plan.machine("web")
    plan.machine("db")
    plan.machine("mail", application="mail")
    plan.configuration["scope"] = {"applications": ["SHOP"]}
    assert plan.table("targets")["natural_key"].to_list() == ["db", "web"]
    assert plan.table("planning_scope", "overview")["natural_key"].to_list() == ["shop"]

    plan.configuration["scope"] = {"assets": ["db", "nowhere"]}
    assert plan.table("targets")["natural_key"].to_list() == ["db"]
    assert "scope:nowhere" in plan.table("assumptions", "overview")["natural_key"].to_list()


def test_the_asset_table_is_given_what_the_targets_say(plan: Plan) -> None:
    plan.machine("web")
    plan.machine("old", application="old", os_family="aix")
    frame = plan.table("asset_targets")
    targets = plan.table("targets")

    assert frame["natural_key"].to_list() == targets["natural_key"].to_list()
    assert frame["target_monthly_cost"].to_list() == targets["price_per_month"].to_list()
    assert frame.filter(pl.col("natural_key") == "old")["target_monthly_cost"].item() is None


def test_equal_inputs_give_equal_rows_in_whatever_order_they_come(plan: Plan) -> None:
    for number in range(30):
        plan.machine(
            f"m{number:02}",
            application=f"app{number % 7}",
            cpu_max_percent=number * 3,
            memory_max_percent=50,
            current_monthly_cost=number / 3,
        )
    first = plan.run()
    plan.machines.reverse()
    plan.members.reverse()
    again = plan.run()

    for name, frame in first.datasets.items():
        assert isinstance(frame, pl.DataFrame)
        assert frame.equals(again.datasets[name]), name  # type: ignore[arg-type]
    assert first.summary == again.summary


def test_an_estate_without_machines_has_targets_and_costs_without_rows_of_machines(plan: Plan) -> None:
    plan.treat("shop", "rehost")
    result = plan.run()

    assert result.summary["targets"]["targets"] == 0
    assert result.summary["cost"]["right_sized"] is None
