"""The three ways side by side at each provider: like for like, right-sized, managed service, priced by the month."""

from dataclasses import dataclass

import polars as pl

from caravan_planning.domain.target.matching import match_offers
from caravan_planning.domain.target.prices import SUBSCRIBED, PriceList, base_region
from caravan_planning.domain.target.settings import PROVIDERS, Settings

WAYS = ("like_for_like", "right_sized", "managed")
_OS = ("linux", "windows", *SUBSCRIBED)


@dataclass(frozen=True)
class Market:
    """What one provider sells in the region that was asked for, or elsewhere where nothing is known of it."""

    provider: str
    region: str
    offers: pl.DataFrame
    storage: pl.DataFrame
    unpriced: pl.DataFrame

    @property
    def unpriced_systems(self) -> list[str]:
        """Subscriptions whose price at this provider nobody stated."""
        sold = set(self.offers["kind"].unique().to_list())
        return [system for system in SUBSCRIBED if system not in sold]


def open_markets(prices: PriceList, settings: Settings) -> dict[str, Market]:
    """One per provider."""
    return {provider: _open_market(provider, prices, settings) for provider in PROVIDERS}


def price_ways(estate: pl.DataFrame, market: Market, settings: Settings) -> dict[str, pl.DataFrame]:
    """By way one row per machine, in order: instance, service, vcpu, memory_gb, storage_gb, compute, storage, month, …

    `month` is null where compute or storage has no known price; `known` is then what is known of it, and `unpriced`
    names the parts that are not: machine, subscription, service, storage. Managed is the right-sized machine for what
    has no managed service (`is_managed` false).
    """
    like = _price(
        estate, market, settings, "allocated_vcpu", "allocated_memory_gb", "allocated_storage_gb", burst=False
    )
    right = _price(estate, market, settings, "need_vcpu", "need_memory_gb", "need_storage_gb", burst=True)
    return {
        "like_for_like": like,
        "right_sized": right,
        "managed": _price_managed(estate, right, market, settings),
    }


def _open_market(provider: str, prices: PriceList, settings: Settings) -> Market:
    region = settings.regions[provider]
    order = pl.DataFrame({"region": list(dict.fromkeys([region, *base_region(provider)]))}).with_row_index(
        "rank"
    )
    mine = prices.offers.filter(pl.col("provider") == provider).join(order, on="region", how="inner")
    # Machines are sold in the region or not at all; for managed databases another region stands in, and says so.
    machines = mine.filter(pl.col("kind").is_in(_OS) & (pl.col("region") == region))
    others = mine.filter(~pl.col("kind").is_in(_OS))
    databases = others.filter(pl.col("rank") == pl.col("rank").min().over("kind"))
    storage = prices.storage.filter(pl.col("provider") == provider).join(order, on="region", how="inner")
    unpriced = prices.services.filter(pl.col("provider") == provider).select("kind", "service")
    return Market(
        provider=provider,
        region=region,
        offers=pl.concat([machines, databases]).rename({"region": "price_region"}),
        storage=storage.sort("rank").head(1),
        unpriced=unpriced.join(others.select("kind").unique(), on="kind", how="anti"),
    )


def _price(
    estate: pl.DataFrame,
    market: Market,
    settings: Settings,
    vcpu: str,
    memory: str,
    storage: str,
    *,
    burst: bool,
) -> pl.DataFrame:
    # Without a price for its subscription the machine can be named, and its price is unknown.
    unknown = pl.col("sold_as").is_in(market.unpriced_systems)
    needs = estate.select(
        kind=pl.when(unknown).then("system").otherwise("sold_as"),
        vcpu=vcpu,
        memory_gb=memory,
        may_burst=pl.col("may_burst") if burst else pl.lit(False),
    )
    found = match_offers(needs, market.offers)
    frame = pl.concat(
        [
            found,
            estate.select(
                storage_gb=storage,
                iops="disk_iops",
                unsubscribed=unknown.fill_null(False),
                what=pl.lit("machine"),
            ),
        ],
        how="horizontal",
    )
    return _add_month(frame, _storage_month(market, settings), settings).with_columns(
        is_managed=pl.lit(False)
    )


def _price_managed(
    estate: pl.DataFrame, right: pl.DataFrame, market: Market, settings: Settings
) -> pl.DataFrame:
    """A managed database where exactly one kind runs on the machine and the provider has a service for it."""
    kind = pl.when(pl.col("kinds").list.len() == 1).then(pl.col("kinds").list.first())
    needs = estate.select(
        kind=pl.when(pl.col("system").is_not_null()).then(kind),
        vcpu="need_vcpu",
        memory_gb="need_memory_gb",
        may_burst=pl.lit(False),
    )
    found = match_offers(needs, market.offers)
    parts = estate.select(
        storage_gb="need_storage_gb", iops="disk_iops", unsubscribed=pl.lit(False), what=pl.lit("service")
    )
    frame = pl.concat([found, parts], how="horizontal")
    storage = pl.col("storage_gb") * pl.col("storage_gb_month") * settings.price_factor
    priced = _add_month(frame, storage, settings).with_columns(is_managed=pl.lit(True))
    named = needs.join(market.unpriced, on="kind", how="left", maintain_order="left")["service"]
    return _choose_rows(priced, _unpriced_rows(right, named), named, right)


def _unpriced_rows(right: pl.DataFrame, service: pl.Series) -> pl.DataFrame:
    """A service that exists at a price nobody stated: its name, and nothing else."""
    stated = ("service", "storage_gb", "is_managed", "unpriced")
    empty = [pl.lit(None, dtype).alias(name) for name, dtype in right.schema.items() if name not in stated]
    return right.with_columns(*empty, service=service, is_managed=pl.lit(True), unpriced=pl.lit(["service"]))


def _choose_rows(
    priced: pl.DataFrame, unpriced: pl.DataFrame, service: pl.Series, right: pl.DataFrame
) -> pl.DataFrame:
    rows = pl.DataFrame(
        {
            "priced": priced.select(right.columns).to_struct(),
            "unpriced": unpriced.to_struct(),
            "right": right.to_struct(),
            "has": priced["instance"],
            "named": service,
        }
    )
    chosen = (
        pl.when(pl.col("has").is_not_null())
        .then("priced")
        .when(pl.col("named").is_not_null())
        .then("unpriced")
        .otherwise("right")
    )
    return rows.select(chosen.alias("row")).unnest("row")


def _storage_month(market: Market, settings: Settings) -> pl.Expr:
    """Block storage with the operations above what is included; null where either has no known price."""
    if market.storage.is_empty():
        return pl.lit(None, pl.Float64)
    place = market.storage.row(0, named=True)
    gigabytes = pl.col("storage_gb") * place["price_gb_month"]
    above = pl.max_horizontal(pl.col("iops") - (place["included_iops"] or 0.0), pl.lit(0.0)).fill_null(0.0)
    operations = pl.when(above > 0).then(above * pl.lit(place["price_iops_month"], pl.Float64)).otherwise(0.0)
    month: pl.Expr = (gigabytes + operations) * settings.price_factor
    return month


def _add_month(frame: pl.DataFrame, storage: pl.Expr, settings: Settings) -> pl.DataFrame:
    """`frame`: as found, with storage_gb, iops, unsubscribed (its price lacks the subscription), what (machine or
    service)."""
    priced = frame.with_columns(
        bare=(pl.col("price_hour") * settings.monthly_factor).round(2), storage=storage.round(2)
    ).with_columns(
        price_hour=pl.when(~pl.col("unsubscribed")).then("price_hour"),
        compute=pl.when(~pl.col("unsubscribed")).then("bare"),
    )
    parts = pl.col("bare", "storage")
    unpriced = [
        pl.when(pl.col("bare").is_null()).then("what"),
        pl.when(pl.col("unsubscribed") & pl.col("bare").is_not_null()).then(pl.lit("subscription")),
        pl.when(pl.col("storage").is_null()).then(pl.lit("storage")),
    ]
    return priced.with_columns(
        month=(pl.col("compute") + pl.col("storage")).round(2),
        known=pl.when(pl.any_horizontal(parts.is_not_null())).then(pl.sum_horizontal(parts).round(2)),
        unpriced=pl.concat_list(unpriced).list.drop_nulls(),
    ).drop("bare", "unsubscribed", "what")
