"""List prices: what is shipped, and a client's own list in force over it. What isn't here has no known price."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import polars as pl
import yaml

from caravan_planning.domain.failures import PriceListIsInvalid
from caravan_planning.domain.target.settings import DATA, load_regions

# What the phase calls the reference table that a client may put in force.
TABLE_NAME = "prices"
OFFERS = pl.Schema(
    {
        "provider": pl.String(),
        "region": pl.String(),
        "kind": pl.String(),
        "instance": pl.String(),
        "service": pl.String(),
        "vcpu": pl.Float64(),
        "memory_gb": pl.Float64(),
        "burstable": pl.Boolean(),
        "price_hour": pl.Float64(),
        "storage_gb_month": pl.Float64(),
        "price_date": pl.String(),
        "price_source": pl.String(),
        "weak": pl.Boolean(),
    }
)
STORAGE = pl.Schema(
    {
        "provider": pl.String(),
        "region": pl.String(),
        "storage_class": pl.String(),
        "price_gb_month": pl.Float64(),
        "included_iops": pl.Float64(),
        "price_iops_month": pl.Float64(),
        "price_date": pl.String(),
        "price_source": pl.String(),
        "weak": pl.Boolean(),
    }
)
_IDENTITY = ("provider", "region", "kind", "instance")
# Operating systems that are sold as Linux and a subscription.
SUBSCRIBED = ("rhel", "sles")
_LICENCES = pl.Schema(
    {
        "provider": pl.String(),
        "system": pl.String(),
        "from_vcpu": pl.Float64(),
        "price_vcpu_hour": pl.Float64(),
        "price_hour": pl.Float64(),
        "price_date": pl.String(),
        "price_source": pl.String(),
        "weak": pl.Boolean(),
    }
)
_SERVICES = {"aws": "Amazon EC2", "azure": "Azure Virtual Machines", "google": "Compute Engine"}


@dataclass(frozen=True)
class PriceList:
    """`offers`: OFFERS, machines by operating system and managed databases by engine. `storage`: STORAGE.

    `services`: provider, kind, service of managed services whose price nobody stated. `engines`: kind by words.
    """

    offers: pl.DataFrame
    storage: pl.DataFrame
    services: pl.DataFrame
    engines: tuple[tuple[str, tuple[str, ...]], ...]
    licence_bound: frozenset[str]
    own_entries: int


def load_prices(in_force: pl.DataFrame | None = None) -> PriceList:
    """What is shipped; `in_force` (key, value) of a client replaces offers and storage of the same key, or adds them.

    Keys are provider/region/kind/instance, or provider/region/storage. Raises PriceListIsInvalid.
    """
    shipped = _load_shipped()
    if in_force is None or in_force.is_empty():
        return replace(shipped, offers=_add_subscribed(shipped.offers))
    offers, storage = _read_own(in_force)
    kept = shipped.offers.join(offers, on=_IDENTITY, how="anti", maintain_order="left")
    places = shipped.storage.join(storage, on=("provider", "region"), how="anti", maintain_order="left")
    # Subscriptions come on top of the client's own prices for Linux, unless the list has them as well.
    priced = _add_subscribed(
        pl.concat([kept, offers.filter(pl.col("kind") == "linux").drop_nulls("price_hour")])
    )
    others = priced.join(offers, on=_IDENTITY, how="anti", maintain_order="left")
    return PriceList(
        offers=pl.concat([others, offers.filter(pl.col("price_hour").is_not_null())]).sort(_IDENTITY),
        storage=pl.concat([places, storage.filter(pl.col("price_gb_month").is_not_null())]),
        services=shipped.services,
        engines=shipped.engines,
        licence_bound=shipped.licence_bound,
        own_entries=in_force.height,
    )


@cache
def _load_shipped() -> PriceList:
    machines = pl.read_parquet(io.BytesIO((DATA / "instances.parquet").read_bytes())).with_columns(
        service=pl.col("provider").replace_strict(_SERVICES),
        storage_gb_month=pl.lit(None, pl.Float64),
        weak=pl.lit(False),
    )
    managed = yaml.safe_load((DATA / "managed.yaml").read_text(encoding="utf-8"))
    databases = pl.DataFrame(list(_list_managed(managed)), schema=OFFERS)
    services = [
        {"provider": each["provider"], "kind": kind, "service": each["service"]}
        for each in managed["without_price"]
        for kind in each["kinds"]
    ]
    return PriceList(
        offers=pl.concat([machines.select(OFFERS.names()), databases]).sort(_IDENTITY),
        storage=pl.read_csv(io.BytesIO((DATA / "storage.csv").read_bytes()), schema=STORAGE),
        services=pl.DataFrame(services),
        engines=tuple((each["kind"], tuple(each["words"])) for each in managed["engines"]),
        licence_bound=frozenset(managed["licence_bound"]),
        own_entries=0,
    )


def _add_subscribed(offers: pl.DataFrame) -> pl.DataFrame:
    """`offers` and, for each machine with Linux, one of each subscription whose price at that provider is known."""
    licences = pl.read_csv(io.BytesIO((DATA / "licences.csv").read_bytes()), schema=_LICENCES)
    machines = offers.filter(pl.col("kind") == "linux")
    priced = (
        machines.join(licences, on="provider", suffix="_licence")
        .filter(pl.col("from_vcpu") <= pl.col("vcpu"))
        .sort("from_vcpu", descending=True)
        .unique([*_IDENTITY, "system"], keep="first", maintain_order=True)
        .with_columns(
            kind="system",
            price_hour=(
                pl.col("price_hour")
                + pl.col("price_hour_licence").fill_null(0.0)
                + (pl.col("price_vcpu_hour") * pl.col("vcpu")).fill_null(0.0)
            ).round(6),
            # As old as its older part.
            price_date=pl.min_horizontal("price_date", "price_date_licence"),
            price_source=pl.format("{}; subscription: {}", "price_source", "price_source_licence"),
            weak=pl.col("weak") | pl.col("weak_licence"),
        )
    )
    return pl.concat([offers, priced.select(OFFERS.names())]).sort(_IDENTITY)


def _list_managed(managed: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for series in managed["series"]:
        for kind in series["kinds"]:
            for size, units in zip(series["sizes"], series["units"], strict=True):
                dot = "." if series["name"].startswith("db.") else ""
                yield {
                    "provider": series["provider"],
                    "region": series["region"],
                    "kind": kind,
                    "instance": f"{series['name']}{dot}{size}",
                    "service": series["service"],
                    "vcpu": float(series["vcpu"] * units),
                    "memory_gb": float(series["memory_gb"] * units),
                    "burstable": False,
                    "price_hour": round(series["price_hour"] * units, 6),
                    "storage_gb_month": series["storage_gb_month"],
                    "price_date": series["price_date"],
                    "price_source": series["source"],
                    "weak": series["weak"],
                }


def _read_own(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    offers, places = [], []
    for key, value in rows.select("key", "value").iter_rows():
        parts = str(key).split("/")
        try:
            facts = json.loads(value)
            if len(parts) == 3 and parts[2] == "storage":
                places.append(_own_storage(parts, facts))
            else:
                offers.append(_own_offer(parts, facts))
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise PriceListIsInvalid(
                f"Entry {key!r} of the price list in force can't be read ({error}); keys are "
                "provider/region/kind/instance or provider/region/storage, values are as docs/targets.md has them."
            ) from None
    return pl.DataFrame(offers, schema=OFFERS), pl.DataFrame(places, schema=STORAGE)


def _own_offer(parts: list[str], facts: dict[str, Any]) -> dict[str, Any]:
    provider, region, kind, instance = parts
    price = _amount(facts, "price_hour")
    return {
        "provider": provider,
        "region": region,
        "kind": kind,
        "instance": instance,
        "service": str(facts.get("service") or _SERVICES.get(provider, provider)),
        "vcpu": float(facts["vcpu"]),
        "memory_gb": float(facts["memory_gb"]),
        "burstable": bool(facts.get("burstable", False)),
        "price_hour": price,
        "storage_gb_month": _amount(facts, "storage_gb_month"),
        "price_date": str(facts["price_date"]),
        "price_source": str(facts.get("price_source") or "your own price list"),
        "weak": False,
    }


def _own_storage(parts: list[str], facts: dict[str, Any]) -> dict[str, Any]:
    return {
        "provider": parts[0],
        "region": parts[1],
        "storage_class": str(facts.get("storage_class") or "block storage"),
        "price_gb_month": _amount(facts, "price_gb_month"),
        "included_iops": _amount(facts, "included_iops"),
        "price_iops_month": _amount(facts, "price_iops_month"),
        "price_date": str(facts["price_date"]),
        "price_source": str(facts.get("price_source") or "your own price list"),
        "weak": False,
    }


def _amount(facts: dict[str, Any], name: str) -> float | None:
    """None is "not known"; an amount of 0 or less is a mistake, not a gift."""
    value = facts.get(name)
    if value is None:
        return None
    if float(value) <= 0:
        raise ValueError(f"{name} is not above 0")
    return float(value)


def base_region(provider: str) -> list[str]:
    """Regions whose price stands in where a provider's own is not in the table, the first that has one."""
    regions = load_regions()
    names = [regions["base"], *regions["regions"]]
    known = [regions["regions"][name][provider] for name in names]
    return list(dict.fromkeys([*known, *regions["others"].get(provider, ())]))
