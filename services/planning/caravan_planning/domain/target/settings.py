"""What the target is reckoned with: the defaults of `defaults.yaml`, and what the configuration says instead."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from caravan_planning.domain.failures import ConfigurationIsInvalid

DATA = Path(__file__).parent / "data"
PROVIDERS = ("aws", "azure", "google")
CHEAPEST = "cheapest"
INCLUDED, OWN = "included", "own"
_BASE_CURRENCY = "USD"
_DAYS_OF_A_MONTH = 30.44
# The lowest and highest value of each number that the configuration may set.
_BOUNDS: dict[str, tuple[float, float]] = {
    "exchange_rate": (1e-6, 1e6),
    "years": (1, 10),
    "headroom": (0, 5),
    "average_factor": (1, 10),
    "storage_headroom": (0, 5),
    "discount_percent": (0, 100),
    "hours_per_month": (1, 744),
    "day_rate": (0, 1e6),
    "parallel_run_months": (0, 24),
    "price_age_months": (0, 240),
    "contested_percent": (0, 100),
    "burstable_percent": (0, 100),
}


@dataclass(frozen=True)
class Settings:
    """Every value, and `stated`: the names that the configuration gave. `regions`: region by provider."""

    as_of: date
    provider: str
    geography: str
    regions: Mapping[str, str]
    currency: str
    exchange_rate: float
    years: int
    headroom: float
    average_factor: float
    storage_headroom: float
    discount_percent: float
    hours_per_month: float
    day_rate: float
    parallel_run_months: float
    price_age_months: float
    contested_percent: float
    burstable_percent: float
    subscriptions: str
    stated: frozenset[str]

    @property
    def monthly_factor(self) -> float:
        """From a list price by the hour in USD to what a month costs in the currency, less the discount."""
        return self.hours_per_month * self.price_factor

    @property
    def price_age_days(self) -> float:
        """From how many days on a list price is old."""
        return self.price_age_months * _DAYS_OF_A_MONTH

    @property
    def price_factor(self) -> float:
        """From a list price in USD to the currency, less the discount."""
        return self.exchange_rate * (1 - self.discount_percent / 100)


@cache
def load_defaults() -> dict[str, dict[str, Any]]:
    """By name: value, source, effect."""
    text = (DATA / "defaults.yaml").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = yaml.safe_load(text)["settings"]
    return found


@cache
def load_regions() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DATA / "regions.yaml").read_text(encoding="utf-8"))
    return found


def read_settings(target: object, as_of: date) -> Settings:
    """Raises ConfigurationIsInvalid. `target` is configuration["target"], or None."""
    given = _require_mapping(target)
    values = {name: each["value"] for name, each in load_defaults().items()} | given
    geography, regions = _find_region(str(values["region"]))
    provider = str(values["provider"]).lower()
    if provider not in (CHEAPEST, *PROVIDERS):
        raise ConfigurationIsInvalid(
            f"The target's provider {provider!r} is not known; name one of {', '.join(PROVIDERS)}, or {CHEAPEST}."
        )
    numbers = {name: _read_number(name, values[name]) for name in _BOUNDS}
    subscriptions = str(values["subscriptions"]).lower()
    if subscriptions not in (INCLUDED, OWN):
        raise ConfigurationIsInvalid(
            f"The target's subscriptions are {INCLUDED} in the price or your {OWN}, not {subscriptions!r}."
        )
    currency = str(values["currency"]).upper()
    if currency != _BASE_CURRENCY and "exchange_rate" not in given:
        raise ConfigurationIsInvalid(
            f"List prices are in USD; for {currency} give the target's exchange_rate ({currency} for one USD) as well."
        )
    return Settings(
        as_of=as_of,
        provider=provider,
        geography=geography,
        regions=regions,
        currency=currency,
        subscriptions=subscriptions,
        stated=frozenset(given),
        years=int(numbers.pop("years")),
        **numbers,
    )


def _require_mapping(target: object) -> dict[str, Any]:
    if target is None:
        return {}
    if not isinstance(target, Mapping):
        raise ConfigurationIsInvalid('The configuration\'s target is an object, such as {"provider": "aws"}.')
    if unknown := sorted(set(target) - set(load_defaults())):
        raise ConfigurationIsInvalid(
            f"The target has no setting {', '.join(map(repr, unknown))}; there are "
            f"{', '.join(sorted(load_defaults()))}."
        )
    return {name: value for name, value in target.items() if value is not None}


def _read_number(name: str, value: object) -> float:
    low, high = _BOUNDS[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ConfigurationIsInvalid(
            f"The target's {name} is a number from {low:g} to {high:g}, not {value!r}."
        )
    return float(value)


def _find_region(wanted: str) -> tuple[str, dict[str, str]]:
    """The geography of that name, or that which holds a provider's region of that name."""
    regions: dict[str, dict[str, str]] = load_regions()["regions"]
    for geography, by_provider in regions.items():
        if wanted.lower() in (geography, *by_provider.values()):
            return geography, by_provider
    raise ConfigurationIsInvalid(
        f"The target's region {wanted!r} is not known; name one of {', '.join(regions)}, or a provider's region in it."
    )
