"""Which provider is planned with, by whom that was decided, and what the age of a price list may change."""

import json
from typing import Any

import pytest

from caravan_common.crews import CrewRunner, LlmSettings
from caravan_planning.flow import CREWS
from tests.unit.planning.estates import Plan, own_prices

REGIONS = {"aws": "us-east-1", "azure": "eastus", "google": "us-east4"}
OLD, NEW = "2020-06-30", "2026-10-01"


def prices(**by_provider: tuple[float, str]) -> Any:
    """A price list in which each provider sells one machine at this price an hour, of this day; storage costs alike."""
    entries = {}
    for provider, (hour, day) in by_provider.items():
        machine = {"vcpu": 4, "memory_gb": 16, "price_hour": hour, "price_date": day}
        storage = {"price_gb_month": 0.001, "included_iops": 3000, "price_date": NEW}
        entries[f"{provider}/{REGIONS[provider]}/linux/x.one"] = json.dumps(machine)
        entries[f"{provider}/{REGIONS[provider]}/storage"] = json.dumps(storage)
    return own_prices(entries)


@pytest.fixture
def near(plan: Plan) -> Plan:
    """Google is cheapest by an old list; AWS costs 5 % more by a new one."""
    plan.machine("web")
    plan.extra["prices"] = prices(aws=(0.0105, NEW), azure=(0.02, NEW), google=(0.0100, OLD))
    return plan


def chosen(plan: Plan) -> tuple[str, str]:
    told = plan.run().summary["targets"]
    return told["provider"], told["provider_chosen_by"]


def test_the_cheapest_is_planned_with_where_nobody_says_otherwise(near: Plan) -> None:
    assert chosen(near) == ("google", "cheapest")


def test_the_configuration_names_the_provider(near: Plan) -> None:
    near.configuration["target"] = {"provider": "azure"}

    assert chosen(near) == ("azure", "configuration")


def test_among_close_prices_the_crew_prefers_those_of_a_newer_list(near: Plan) -> None:
    near.judge = CrewRunner(CREWS, LlmSettings(llm="offline")).judge

    assert chosen(near) == ("aws", "crew")


def test_an_old_list_does_not_lose_against_a_clearly_dearer_provider(near: Plan) -> None:
    near.extra["prices"] = prices(aws=(0.0115, NEW), azure=(0.02, NEW), google=(0.0100, OLD))
    near.judge = CrewRunner(CREWS, LlmSettings(llm="offline")).judge
    asked = near.run().questions

    assert chosen(near) == ("google", "crew")
    assert [each.key for each in asked] == ["provider"], "a person is asked all the same"


def test_a_little_of_old_prices_counts_for_little(near: Plan) -> None:
    """A third of Google's sum is by old prices: that speaks against it by a third of what all of it would."""
    near.machine("large", cpu_cores=8, memory_gb=32.0)
    hours = {"aws": 0.0107, "azure": 0.02, "google": 0.0100}
    entries = dict(
        prices(**{name: (hour, OLD if name == "google" else NEW) for name, hour in hours.items()}).iter_rows()
    )
    for provider, hour in hours.items():
        machine = {"vcpu": 8, "memory_gb": 32, "price_hour": 2 * hour, "price_date": NEW}
        entries[f"{provider}/{REGIONS[provider]}/linux/x.two"] = json.dumps(machine)
    near.extra["prices"] = own_prices(entries)
    near.judge = CrewRunner(CREWS, LlmSettings(llm="offline")).judge
    told = near.run().summary["targets"]

    assert told["providers"]["google"]["old_share"] == pytest.approx(1 / 3, abs=0.01)
    assert told["provider"] == "google"


def test_a_person_has_the_last_word_on_the_provider(near: Plan) -> None:
    near.judge = CrewRunner(CREWS, LlmSettings(llm="offline")).judge
    near.decide("provider", {"option": "azure"})

    assert chosen(near) == ("azure", "person")


def test_the_summary_says_what_each_provider_costs_and_how_old_its_prices_are(near: Plan) -> None:
    told = near.run().summary["targets"]

    assert told["provider_because"].startswith("right-sized over 1 machine with a price at each: google ")
    assert "100% of google's is by list prices that are old" in told["provider_because"]
    assert {name: each["old_share"] for name, each in told["providers"].items()} == {
        "aws": 0.0,
        "azure": 0.0,
        "google": 1.0,
    }
