"""The price table that is shipped: dated, sourced, nothing free, and right where the list prices are known."""

from datetime import date

import polars as pl
import pytest

from caravan_planning.domain.target.prices import load_prices
from caravan_planning.domain.target.settings import PROVIDERS, load_regions, read_settings
from caravan_planning.domain.target.ways import open_markets
from tests.unit.planning.estates import own_prices

# List prices by the hour, as the providers publish them on demand (docs/targets.md says when).
PUBLISHED = [
    ("aws", "us-east-1", "linux", "m5.large", 0.096),
    ("aws", "us-east-1", "linux", "m6i.xlarge", 0.192),
    ("aws", "us-east-1", "linux", "r6i.2xlarge", 0.504),
    ("aws", "us-east-1", "linux", "c7i.large", 0.08925),
    ("aws", "us-east-1", "linux", "t3.medium", 0.0416),
    ("aws", "eu-central-1", "linux", "m5.large", 0.115),
    ("aws", "eu-central-1", "linux", "r6i.large", 0.152),
    ("aws", "us-east-1", "windows", "m5.large", 0.188),
    ("aws", "us-east-1", "rhel", "c5.xlarge", 0.2276),
    ("aws", "us-east-1", "rhel", "c5.4xlarge", 0.8528),
    ("azure", "eastus", "linux", "Standard_D2s_v3", 0.096),
    ("azure", "eastus", "windows", "Standard_D2s_v3", 0.188),
    ("azure", "westeurope", "linux", "Standard_D2s_v3", 0.12),
    ("azure", "eastus", "linux", "Standard_B2s", 0.0416),
    ("google", "us-central1", "rhel", "n2-standard-4", 0.251836),
    ("google", "us-central1", "sles", "n2-standard-4", 0.304236),
    ("google", "us-central1", "linux", "e2-medium", 0.033506),
    ("google", "us-central1", "linux", "n2-standard-4", 0.194236),
    ("google", "us-central1", "linux", "e2-standard-4", 0.134012),
]


@pytest.mark.parametrize(("provider", "region", "kind", "instance", "price"), PUBLISHED)
def test_known_list_prices_are_in_the_table(
    provider: str, region: str, kind: str, instance: str, price: float
) -> None:
    offers = load_prices().offers
    row = offers.row(
        by_predicate=(pl.col("provider") == provider)
        & (pl.col("region") == region)
        & (pl.col("kind") == kind)
        & (pl.col("instance") == instance),
        named=True,
    )

    assert row["price_hour"] == pytest.approx(price, abs=2e-5)


def test_every_offer_has_a_size_a_price_a_day_and_a_source() -> None:
    prices = load_prices()

    assert prices.offers.select(pl.exclude("storage_gb_month")).null_count().sum_horizontal().item() == 0
    for name in ("vcpu", "memory_gb", "price_hour"):
        assert prices.offers[name].min() > 0, name  # type: ignore[operator]
    assert prices.storage["price_gb_month"].min() > 0  # type: ignore[operator]
    for days in (prices.offers["price_date"], prices.storage["price_date"]):
        assert all(date.fromisoformat(day) for day in days.unique().to_list())


@pytest.mark.parametrize("provider", PROVIDERS)
def test_red_hat_costs_more_than_linux_by_the_vcpu(provider: str) -> None:
    offers = load_prices().offers.filter(pl.col("provider") == provider)
    pairs = offers.filter(pl.col("kind") == "rhel").join(
        offers.filter(pl.col("kind") == "linux"), on=("region", "instance")
    )
    rate = ((pairs["price_hour"] - pairs["price_hour_right"]) / pairs["vcpu"]).round(4)

    assert set(rate.unique().to_list()) <= {0.0144, 0.0108, 0.0096}
    assert pairs.height == offers.filter(pl.col("kind") == "linux").height
    assert pairs["price_source"].str.contains("; subscription: ").all()


def test_a_price_of_two_parts_is_as_old_as_its_older_part() -> None:
    offers = load_prices().offers.filter(
        pl.col("region") == "us-central1", pl.col("instance") == "n2-standard-4"
    )

    assert dict(offers.select("kind", "price_date").iter_rows()) == {
        "linux": "2020-06-30",
        "windows": "2020-06-30",
        "rhel": "2020-06-30",
        "sles": "2020-06-30",
    }


def test_a_subscription_is_added_to_a_clients_own_price_unless_the_list_has_it() -> None:
    day = '"price_date": "2026-10-01"'
    own = {
        "aws/eu-central-1/linux/m7i.large": f'{{"vcpu": 2, "memory_gb": 8, "price_hour": 0.05, {day}}}',
        "aws/eu-central-1/linux/m7i.xlarge": f'{{"vcpu": 4, "memory_gb": 16, "price_hour": 0.1, {day}}}',
        "aws/eu-central-1/rhel/m7i.xlarge": f'{{"vcpu": 4, "memory_gb": 16, "price_hour": 0.11, {day}}}',
    }
    found = load_prices(own_prices(own)).offers.filter(
        pl.col("region") == "eu-central-1",
        pl.col("kind") == "rhel",
        pl.col("instance").is_in(["m7i.large", "m7i.xlarge"]),
    )

    assert dict(found.select("instance", "price_hour").iter_rows()) == {
        "m7i.large": 0.0788,
        "m7i.xlarge": 0.11,
    }


def test_no_offer_appears_twice() -> None:
    keys = load_prices().offers.select("provider", "region", "kind", "instance")

    assert not keys.is_duplicated().any()


def test_windows_costs_more_than_linux_on_the_same_machine() -> None:
    offers = load_prices().offers.filter(~pl.col("burstable"))
    pairs = offers.filter(pl.col("kind") == "windows").join(
        offers.filter(pl.col("kind") == "linux"), on=("provider", "region", "instance")
    )

    assert pairs.height > 5000
    assert (pairs["price_hour"] >= pairs["price_hour_right"]).all()


@pytest.mark.parametrize("geography", sorted(load_regions()["regions"]))
def test_every_geography_has_machines_and_storage_of_every_provider(geography: str) -> None:
    settings = read_settings({"region": geography}, date(2026, 11, 21))
    markets = open_markets(load_prices(), settings)

    for provider in PROVIDERS:
        machines = markets[provider].offers.filter(pl.col("kind") == "linux")
        assert machines.height > 20, (geography, provider)
        assert machines["price_region"].unique().to_list() == [settings.regions[provider]]
        assert markets[provider].storage.height == 1, (geography, provider)
