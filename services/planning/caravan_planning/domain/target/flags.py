"""Why a machine gets this target at this price, and what isn't known: in flags for programs and in words for people."""

from datetime import date

import polars as pl

from caravan_planning.domain.target.needs import cannot_move
from caravan_planning.domain.target.settings import Settings
from caravan_planning.domain.target.ways import WAYS, Market
from caravan_planning.domain.target.zones import is_placed, load_zones

NEEDS_MORE = "needs_more_than_allocated"


def add_flags(wide: pl.DataFrame, market: Market, settings: Settings) -> pl.DataFrame:
    """Adds `flags` (sorted) and `reasons`: why this machine at this price, and what isn't known."""
    conditions = _flag_conditions(market, settings)
    flags = [pl.when(condition.fill_null(False)).then(pl.lit(name)) for name, condition in conditions.items()]
    wide = wide.with_columns(
        flags=pl.concat_list(*flags, "way_flag").list.drop_nulls().list.unique().list.sort()
    )
    return wide.with_columns(reasons=pl.concat_list(_reasons(settings)).list.drop_nulls())


def _flag_conditions(market: Market, settings: Settings) -> dict[str, pl.Expr]:
    moves = pl.col("way").is_in(WAYS)
    sized = moves & (pl.col("way") != "like_for_like")
    limit = settings.price_age_days
    age = (pl.lit(settings.as_of) - pl.col("price_date").str.to_date(strict=False)).dt.total_days()
    storage = market.storage
    storage_old = bool(storage.height) and (settings.as_of - _day(storage["price_date"][0])).days > limit
    elsewhere = bool(storage.height and storage["region"][0] != market.region)
    weak = bool(storage.height and storage["weak"][0])
    is_vm = ~pl.col("is_managed").fill_null(False)
    return {
        "allocated_fallback": sized
        & ((pl.col("cpu_basis") == "allocated") | (pl.col("memory_basis") == "allocated")),
        "average_only": sized & ((pl.col("cpu_basis") == "avg") | (pl.col("memory_basis") == "avg")),
        "size_unknown": pl.col("allocated_vcpu").is_null() | pl.col("allocated_memory_gb").is_null(),
        "storage_unknown": moves & pl.col("target_storage_gb").is_null(),
        "environment_unknown": moves & ~is_placed(load_zones()),
        "os_unknown": pl.col("os_family").is_null() & pl.col("blocked_reason").is_null(),
        "cannot_move": cannot_move(),
        "price_unknown": pl.col("price_per_month").is_null(),
        "subscription_unpriced": moves & is_vm & pl.col("sold_as").is_in(market.unpriced_systems),
        "price_old": moves & ((age > limit) | (is_vm & pl.col("price_date").is_not_null() & storage_old)),
        "price_weak": moves & pl.col("price_per_month").is_not_null() & (pl.col("weak") | (is_vm & weak)),
        "price_of_other_region": moves
        & pl.col("price_per_month").is_not_null()
        & ((pl.col("price_region") != market.region) | (is_vm & elsewhere)),
        "burstable": moves & pl.col("burstable"),
        "no_managed_service": (pl.col("way") == "managed") & ~pl.col("managed_is_managed"),
        "several_databases": pl.col("kinds").list.len() > 1,
        "iops_above_included": moves & _needs_more_iops(market),
        NEEDS_MORE: moves
        & (
            (pl.col("need_vcpu") > pl.col("allocated_vcpu"))
            | (pl.col("need_memory_gb") > pl.col("allocated_memory_gb"))
        ),
        "too_large": moves
        & pl.col("system").is_not_null()
        & pl.col("need_vcpu").is_not_null()
        & pl.col("need_memory_gb").is_not_null()
        & pl.col("instance").is_null()
        & is_vm,
        "today_unknown": pl.col("today_per_month").is_null(),
        "today_shared_out": pl.col("today_shared"),
    }


def _day(text: str) -> date:
    """Of a price list; a client's may say less than a day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.max


def _needs_more_iops(market: Market) -> pl.Expr:
    included = market.storage["included_iops"][0] if market.storage.height else None
    return pl.col("disk_iops") > (included or 0.0)


def _reasons(settings: Settings) -> list[pl.Expr]:
    moves = pl.col("way").is_in(WAYS)
    sized = moves & (pl.col("way") != "like_for_like")
    return [
        pl.col("way_reason"),
        pl.when(pl.col("decided_by") == "person").then(
            pl.format("a person chose {}", pl.col("way").str.replace_all("_", " "))
        ),
        pl.when(pl.col("decided_by") == "crew").then(
            pl.format(
                "the crew chose {}: {}", pl.col("way").str.replace_all("_", " "), pl.col("option_reason")
            )
        ),
        pl.when(sized & pl.col("need_vcpu").is_not_null()).then(
            _explain("cpu", "need_vcpu", "allocated_vcpu", "vCPU", settings)
        ),
        pl.when(sized & pl.col("need_memory_gb").is_not_null()).then(
            _explain("memory", "need_memory_gb", "allocated_memory_gb", "GiB", settings)
        ),
        pl.when(moves & pl.col("instance").is_not_null()).then(
            pl.format(
                "{} is the cheapest of {} in {} that is large enough", "instance", "service", "price_region"
            )
        ),
        pl.when(moves & pl.col("price_per_month").is_null() & pl.col("known_per_month").is_not_null()).then(
            pl.format(
                f"{{}} {settings.currency} a month of its price are known; not known: {{}}",
                pl.col("known_per_month").round(2),
                pl.col("unpriced").list.eval(pl.element().replace(_PARTS)).list.join(", "),
            )
        ),
        pl.when(moves & pl.col("price_date").is_not_null()).then(
            pl.format("list price of {} by {}", "price_date", "price_source")
        ),
        *(_say(flag, words) for flag, words in _WORDS.items()),
    ]


def _explain(what: str, need: str, allocated: str, unit: str, settings: Settings) -> pl.Expr:
    seen = {
        "p95": f"95th percentile with {settings.headroom:.0%} headroom",
        "max": f"highest use with {settings.headroom:.0%} headroom",
        "avg": f"average times {settings.average_factor:g} with {settings.headroom:.0%} headroom, at most what it has",
        "allocated": "use unknown, so what is allocated",
    }
    return pl.format(
        f"{what}: needs {{}} of {{}} {unit} ({{}})",
        pl.col(need).round(2),
        pl.col(allocated).round(2),
        pl.col(f"{what}_basis").replace_strict(seen, default=None, return_dtype=pl.String),
    )


def _say(flag: str, words: str) -> pl.Expr:
    return pl.when(pl.col("flags").list.contains(flag)).then(pl.lit(words))


_PARTS = {
    "machine": "its machine",
    "subscription": "the subscription of its operating system",
    "service": "its service",
    "storage": "its storage",
}
_WORDS = {
    "size_unknown": "its size is unknown, so no machine can be named",
    "storage_unknown": "its storage is unknown, and with it that part of its price",
    "environment_unknown": "its environment is unknown, so it lands where production does",
    "os_unknown": "its operating system is unknown, and with it the licence in the price",
    "cannot_move": "no provider sells a machine for its system or architecture",
    NEEDS_MORE: "with headroom it needs more than it has today",
    "too_large": "nothing on sale in the region is large enough",
    "subscription_unpriced": "no list price is known there for its operating system's subscription: bring your own "
    "(target.subscriptions), or put a price in force",
    "price_old": "that list price is old: renew it before deciding",
    "price_weak": "part of the price is not confirmed by the provider's own list",
    "price_of_other_region": "part of the price is that of another region, since this one's is not in the table",
    "no_managed_service": "there is no managed service for what runs on it: reckoned as a machine",
    "several_databases": "databases of several kinds share the machine: no one managed service fits",
    "iops_above_included": "it needs more disk operations than the storage includes",
    "today_shared_out": "today's cost is its part of the application's",
}
