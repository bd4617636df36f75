"""Which provider is planned with, and which way each machine takes by its treatment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl
import yaml

from caravan_common.reporting import in_numbers
from caravan_planning.domain.target.settings import CHEAPEST, DATA, PROVIDERS, Settings
from caravan_planning.domain.target.ways import WAYS, Market

Priced = Mapping[str, Mapping[str, pl.DataFrame]]
"""By provider, by way: see `price_ways`."""


@dataclass(frozen=True)
class Comparison:
    """A provider's right-sized price over the machines that every provider can be priced for. `old_share`: what part of
    it is machines whose list price is older than the settings allow."""

    provider: str
    month: float | None
    machines: int
    oldest: str | None
    old_share: float | None = None


def compare_providers(priced: Priced, settings: Settings) -> list[Comparison]:
    """Cheapest first, those without any common machine last; by name where equal."""
    months = pl.DataFrame({name: priced[name]["right_sized"]["month"] for name in PROVIDERS})
    common = months.select(pl.all_horizontal(pl.all().is_not_null())).to_series()
    found = [_compare(name, priced[name]["right_sized"].filter(common), settings) for name in PROVIDERS]
    return sorted(found, key=lambda each: (each.month is None, each.month or 0.0, each.provider))


def _compare(provider: str, machines: pl.DataFrame, settings: Settings) -> Comparison:
    if machines.is_empty():
        return Comparison(provider, None, 0, None)
    month = float(machines["month"].sum())
    age = (pl.lit(settings.as_of) - pl.col("price_date").str.to_date(strict=False)).dt.total_days()
    old = float(machines.filter(age > settings.price_age_days)["month"].sum())
    oldest = machines["price_date"].min()
    return Comparison(
        provider,
        round(month, 2),
        machines.height,
        None if oldest is None else str(oldest),
        round(old / month, 4) if month else None,
    )


def explain_provider(compared: Sequence[Comparison], provider: str) -> str:
    """The prices in one sentence; empty where there is nothing to compare."""
    priced = [each for each in compared if each.month is not None]
    if not priced:
        return ""
    listed = ", ".join(f"{each.provider} {each.month:,.0f}" for each in priced)
    machines = in_numbers(priced[0].machines, "machine")
    words = f"right-sized over {machines} with a price at each: {listed} a month"
    mine = next((each for each in priced if each.provider == provider), None)
    if mine is not None and mine.old_share:
        words += f"; {mine.old_share:.0%} of {provider}'s is by list prices that are old"
    return words


def recommend_provider(compared: list[Comparison], settings: Settings) -> str:
    return compared[0].provider if settings.provider == CHEAPEST else settings.provider


@cache
def load_treatment_ways() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((DATA / "treatment_ways.yaml").read_text(encoding="utf-8"))[
        "ways"
    ]
    return found


def add_way(estate: pl.DataFrame, decided: pl.DataFrame) -> pl.DataFrame:
    """Adds `way`, `way_flag`, `way_reason`, by treatment; `decided` goes before.

    `decided`: asset_key, option, decided_by, option_reason.

    A machine without a treatment is reckoned right-sized, and says so.
    """
    rows = load_treatment_ways()
    estate = estate.join(decided, on="asset_key", how="left", maintain_order="left")
    stated = {name: pl.coalesce(_by_treatment(rows, name)) for name in ("way", "flag", "reason")}
    fits = pl.col("option").is_not_null()
    no_treatment = pl.col("treatment").is_null()
    return estate.with_columns(
        way=pl.when(fits).then("option").otherwise(stated["way"].fill_null("right_sized")),
        way_flag=pl.when(no_treatment).then(pl.lit("treatment_unknown")).otherwise(stated["flag"]),
        way_reason=pl.when(no_treatment)
        .then(pl.lit("no treatment is known: reckoned at the size in use"))
        .otherwise(stated["reason"]),
    )


def _by_treatment(rows: list[dict[str, Any]], name: str) -> list[pl.Expr]:
    fits: list[pl.Expr] = []
    for row in rows:
        condition = pl.col("treatment") == row["treatment"]
        if "variant" in row:
            condition &= pl.col("variant") == row["variant"]
        fits.append(pl.when(condition).then(pl.lit(row.get(name, ""))))
    if name != "flag":
        return fits
    return [pl.when(pl.coalesce(fits) != "").then(pl.coalesce(fits))]


def lay_side_by_side(
    estate: pl.DataFrame, priced: Priced, markets: Mapping[str, Market], provider: str
) -> pl.DataFrame:
    """The estate with the chosen way's machine, the price of every way there, and right-sized at every provider."""
    mine = priced[provider]
    side = pl.DataFrame(
        [mine[way].select(pl.all().name.prefix(f"{way}_")).to_struct(f"of_{way}") for way in WAYS]
    )
    others = pl.DataFrame(
        [
            series
            for name in PROVIDERS
            for series in (
                priced[name]["right_sized"]["instance"].alias(f"{name}_instance"),
                priced[name]["right_sized"]["month"].alias(f"{name}_per_month"),
            )
        ]
    )
    for way in WAYS:
        side = side.unnest(f"of_{way}")
    wide = pl.concat([estate, side, others], how="horizontal")
    chosen = [
        pl.coalesce(pl.when(pl.col("way") == way).then(pl.col(f"{way}_{name}")) for way in WAYS).alias(name)
        for name in mine["right_sized"].columns
        if name not in ("month", "known", "memory_gb", "storage_gb", "iops")
    ]
    sized = [
        pl.coalesce(pl.when(pl.col("way") == way).then(pl.col(f"{way}_{name}")) for way in WAYS).alias(
            f"target_{name}"
        )
        for name in ("memory_gb", "storage_gb")
    ]
    return wide.with_columns(
        *chosen,
        *sized,
        _planned(),
        _known(),
        pl.lit(provider).alias("provider"),
        pl.lit(markets[provider].region).alias("region"),
    )


def _planned() -> pl.Expr:
    """What the chosen way costs: 0 for what is retired, today's cost for what stays, else by the price list."""
    priced = [pl.when(pl.col("way") == way).then(pl.col(f"{way}_month")) for way in WAYS]
    retired = pl.when(pl.col("way") == "retired").then(pl.lit(0.0))
    stays = pl.when(pl.col("way") == "stays").then(pl.col("today_per_month"))
    return pl.coalesce(*priced, retired, stays).alias("price_per_month")


def _known() -> pl.Expr:
    """What is known of the chosen way's cost: all of it, a part, or null for nothing."""
    priced = [pl.when(pl.col("way") == way).then(pl.col(f"{way}_known")) for way in WAYS]
    retired = pl.when(pl.col("way") == "retired").then(pl.lit(0.0))
    stays = pl.when(pl.col("way") == "stays").then(pl.col("today_per_month"))
    return pl.coalesce(*priced, retired, stays).alias("known_per_month")
