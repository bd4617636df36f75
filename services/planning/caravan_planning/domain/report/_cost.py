"""What the plan costs, in tables: the ways side by side, the providers, the case for moving, what has no price."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from caravan_common.reporting import Cell, Table

MOST_ROWS = 12
_WAYS = ("like_for_like", "right_sized", "managed")
# What stands in the way of a price, the first cause first.
_NO_PRICE = {
    "treatment_unknown": "its treatment is unknown",
    "landing_zone": "the landing zone brings it anew: part of what that costs, which is not reckoned",
    "saas_price_unknown": "the price of the product that replaces it is its vendor's",
    "cannot_move": "no provider sells a machine for its system or architecture",
    "size_unknown": "its processors or memory are unknown",
    "os_unknown": "its operating system is unknown",
    "storage_unknown": "its storage is unknown",
    "subscription_unpriced": "no list has a price for the subscription of its operating system",
    "too_large": "nothing on sale is large enough",
}


def compare_ways(cost: Mapping[str, Any]) -> Table:
    """Sums of the ways lack different machines; here each row is over the same."""
    columns = ("over", "machines", "today", "like for like", "right-sized", "managed", "planned")
    side = cost.get("side_by_side") or {}
    rows: list[list[Cell]] = [
        [
            words,
            f"{sums['machines']:,}",
            *("" if name not in sums else amount(sums[name]) for name in ("today", *_WAYS, "planned")),
        ]
        for words, sums in (
            ("machines that move and have a price each way", side),
            ("of these, whose cost today is known", side.get("with_today") or {}),
        )
        if sums.get("machines")
    ]
    return Table(columns, rows, len(rows), numbers=tuple(range(1, 7)))


def compare_providers(targets: Mapping[str, Any]) -> Table:
    """Over the machines that every provider has a price for; the one that is planned with is named."""
    columns = (
        "provider",
        "right-sized a month",
        "machines",
        "oldest list price",
        "share of it by old prices",
        "",
    )
    said: Mapping[str, Any] = targets.get("providers") or {}
    chosen = targets.get("provider_chosen_by") or ""
    by = {"cheapest": "the lowest price", "configuration": "the configuration"}.get(chosen, f"a {chosen}")
    rows: list[list[Cell]] = [
        [
            name,
            amount(found.get("right_sized")),
            f"{found.get('machines') or 0:,}",
            found.get("oldest_price") or "unknown",
            "" if found.get("old_share") is None else f"{found['old_share']:.0%}",
            f"planned with, chosen by {by}" if name == targets.get("provider") else "",
        ]
        for name, found in said.items()
    ]
    return Table(columns, rows, len(rows), numbers=(1, 2, 4))


def make_case(total: Mapping[str, Any], currency: str) -> Table:
    """What moving takes, against what it saves on the machines whose cost is known today and as planned."""
    columns = ("what", currency or "amount", "over")
    machines = f"{total.get('compared_assets') or 0:,} machines known both ways"
    years = total.get("years") or 0
    rows: list[list[Cell]] = [
        [what, amount(total[name]), over]
        for name, what, over in (
            ("people_cost", "work of the migration", "all applications, and what they need first"),
            ("parallel_cost", "source and target running side by side", "machines that move, of known cost"),
            ("saving", "saved a month", machines),
            ("saving_over_years", f"saved in {years} years", machines),
            ("net_saving_over_years", f"saved in {years} years, less their migration", machines),
        )
        if name in total
    ]
    if total.get("payback_months") is not None:
        rows.append(
            ["months until that has paid for their migration", f"{total['payback_months']:,.1f}", machines]
        )
    return Table(columns, rows, len(rows), numbers=(1,))


def list_dearest(costs: pl.DataFrame) -> Table:
    columns = ("application", "machines", "today", "planned", "saving over the years")
    if not {"kind", "name", "assets", "today", "planned", "saving_over_years"} <= set(costs.columns):
        return Table(columns, [], 0)
    applications = costs.filter(pl.col("kind") == "application").sort(
        ["planned", "natural_key"], descending=[True, False], nulls_last=True
    )
    rows: list[list[Cell]] = [
        [
            str(row["name"]),
            f"{row['assets']:,}",
            *(amount(row[n]) for n in ("today", "planned", "saving_over_years")),
        ]
        for row in applications.head(MOST_ROWS).to_dicts()
    ]
    return Table(columns, rows, applications.height, numbers=(1, 2, 3, 4))


def list_without_price(targets: pl.DataFrame) -> Table:
    """Each machine once, by the first reason that stands in the way of a price; and what is known of it even so."""
    columns = ("why there is no price", "machines", "known of it a month")
    if not {"price_per_month", "way", "flags"} <= set(targets.columns):
        return Table(columns, [], 0)
    lacking = targets.filter(pl.col("price_per_month").is_null() & ~pl.col("way").is_in(["retired", "stays"]))
    reasons = [
        pl.when(pl.col("flags").list.contains(flag)).then(pl.lit(words)) for flag, words in _NO_PRICE.items()
    ]
    part = pl.col("known_per_month") if "known_per_month" in targets.columns else pl.lit(None, pl.Float64)
    why = (
        lacking.select(reason=pl.coalesce(*reasons, pl.lit("no list has a price for it")), known=part)
        .group_by("reason")
        .agg(machines=pl.len(), known=pl.when(pl.col("known").count() > 0).then(pl.col("known").sum()))
        .sort(["machines", "reason"], descending=[True, False])
    )
    rows: list[list[Cell]] = [
        [reason, f"{count:,}", "nothing" if known is None else f"{known:,.0f}"]
        for reason, count, known in why.iter_rows()
    ]
    return Table(columns, rows, why.height, numbers=(1, 2))


def amount(value: float | None) -> str:
    return "unknown" if value is None else f"{value:,.0f}"
