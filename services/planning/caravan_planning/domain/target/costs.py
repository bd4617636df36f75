"""Sums that survive what isn't known: what is known adds up, what isn't is counted; nothing known at all is null."""

from collections.abc import Sequence

import polars as pl

from caravan_planning.domain.target.flags import NEEDS_MORE
from caravan_planning.domain.target.settings import PROVIDERS, Settings
from caravan_planning.domain.target.ways import WAYS
from caravan_planning.domain.target.work import PROGRAMME

# Column of a sum, column of the targets it is over.
AMOUNTS = {
    "today": "today_per_month",
    "like_for_like": "like_for_like_per_month",
    "right_sized": "right_sized_per_month",
    "managed": "managed_per_month",
    "planned": "price_per_month",
    **{name: f"{name}_per_month" for name in PROVIDERS},
}
_KINDS = {
    "application": ("application", "application_name"),
    "landing_zone": ("landing_zone", "landing_zone"),
    "treatment": ("treatment", "treatment"),
    "wave": ("wave_name", "wave_name"),
}
_MONTHS, _PARTS = 12, 10_000


def sum_costs(
    targets: pl.DataFrame, work: pl.DataFrame, units: pl.DataFrame, settings: Settings
) -> pl.DataFrame:
    """The total, then applications, landing zones, treatments and waves; by natural key within each kind.

    `targets`: application, application_name, landing_zone, treatment, wave_name and the columns of AMOUNTS. `work`:
    WORK, of applications, and of the programme, which the total alone has. `units`: application, treatment, wave_name.
    """
    rows = targets.join(_spread_work(targets, work), on="asset_key", how="left", maintain_order="left")
    known = units.join(work, on="application", how="left")
    total = _sum(rows.with_columns(key=pl.lit("total"), title=pl.lit("all")), "total")
    every = pl.concat([known.select("effort", "people"), _programme(work)])
    parts = [total.join(_sum_work(every.with_columns(key=pl.lit("total"))), on="key", how="left")]
    for kind, columns in _KINDS.items():
        found = _sum(_keyed(rows, *columns), kind)
        keyed = (
            known if columns[0] in known.columns else known.head(0).with_columns(pl.lit("").alias(columns[0]))
        )
        worked = _sum_work(keyed.with_columns(key=pl.col(columns[0]).fill_null("none")))
        parts.append(found.join(worked, on="key", how="left", maintain_order="left"))
    return _add_ownership(pl.concat(parts), settings)


def _keyed(rows: pl.DataFrame, key: str, title: str) -> pl.DataFrame:
    """What has no wave or no treatment is a row of its own."""
    return rows.with_columns(key=pl.col(key).fill_null("none"), title=pl.col(title).fill_null("none"))


def _programme(work: pl.DataFrame) -> pl.DataFrame:
    return work.filter(pl.col("application") == PROGRAMME).select("effort", "people")


def _sum_work(rows: pl.DataFrame) -> pl.DataFrame:
    """key, effort, people_cost, and of how many applications the effort is unknown."""
    return rows.group_by("key").agg(
        effort=_known("effort").round(4),
        effort_unknown=pl.col("effort").is_null().sum().cast(pl.Int64),
        people_cost=_known("people").round(2),
    )


def _spread_work(targets: pl.DataFrame, work: pl.DataFrame) -> pl.DataFrame:
    """asset_key, machine_people: what an application's people cost, in equal parts on its machines."""
    counts = targets.group_by("application").agg(machines=pl.len())
    each = work.join(counts, on="application", how="inner").select(
        "application", machine_people=pl.col("people") / pl.col("machines")
    )
    return (
        targets.select("asset_key", "application")
        .join(each, on="application", how="left")
        .drop("application")
    )


def _sum(rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    amounts = [
        expression
        for name, column in AMOUNTS.items()
        for expression in (
            _known(column).round(2).alias(name),
            pl.col(column).is_null().sum().cast(pl.Int64).alias(f"{name}_unknown"),
        )
    ]
    both = pl.col("today_per_month").is_not_null() & pl.col("price_per_month").is_not_null()
    saved = (pl.col("today_per_month") - pl.col("price_per_month")).filter(both)
    moves = ~pl.col("way").is_in(["retired", "stays"])
    common = is_common()
    moving_today = pl.col("today_per_month").filter(moves)
    found = rows.group_by("key", "title").agg(
        pl.len().cast(pl.Int64).alias("assets"),
        *amounts,
        _known("known_per_month").round(2).alias("planned_at_least"),
        common.sum().cast(pl.Int64).alias("common_assets"),
        *(
            _or_null(pl.col(f"{way}_per_month").filter(common)).round(2).alias(f"common_{way}")
            for way in WAYS
        ),
        both.sum().cast(pl.Int64).alias("compared_assets"),
        _or_null(saved).round(2).alias("saving"),
        pl.col("asset_key").sort().head(20).alias("source_entities"),
        _or_null(moving_today).alias("today_moving"),
        _or_null(pl.col("machine_people").filter(both)).alias("people_compared"),
        _or_null(moving_today.filter(both.filter(moves))).alias("today_compared"),
    )
    prefix = pl.lit("total") if kind == "total" else pl.format("{}:{}", pl.lit(kind), "key")
    return found.with_columns(natural_key=prefix, kind=pl.lit(kind)).sort("natural_key")


def is_common() -> pl.Expr:
    """Machines over which the three ways can be compared: they move, and each way has a price for them."""
    priced = pl.all_horizontal(pl.col(f"{way}_per_month").is_not_null() for way in WAYS)
    return pl.col("way").is_in(WAYS) & priced


def _known(column: str) -> pl.Expr:
    """The sum of what is known; null where nothing is."""
    return _or_null(pl.col(column))


def _or_null(values: pl.Expr) -> pl.Expr:
    """Summed in whole hundredths of a cent: the order of the rows can't change the last digit."""
    exact = (values * _PARTS).round(0).cast(pl.Int64).sum() / _PARTS
    return pl.when(values.count() > 0).then(exact)


def _add_ownership(found: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Migration cost, and the cost of the years. What is saved is over the machines whose cost is known both ways."""
    months = _MONTHS * settings.years
    parallel, parallel_compared = (
        pl.col(name) * settings.parallel_run_months for name in ("today_moving", "today_compared")
    )
    compared = pl.col("compared_assets") > 0
    return found.with_columns(
        currency=pl.lit(settings.currency),
        years=pl.lit(settings.years, pl.Int64),
        parallel_cost=parallel.round(2),
        migration_cost=pl.col("people_cost") + parallel.fill_null(0.0).round(2),
        saving_over_years=pl.when(compared).then((pl.col("saving") * months).round(2)),
        planned_over_years=(pl.col("planned") * months).round(2),
        today_over_years=(pl.col("today") * months).round(2),
        migration_compared=pl.col("people_compared") + parallel_compared.fill_null(0.0),
    ).with_columns(
        net_saving_over_years=(pl.col("saving_over_years") - pl.col("migration_compared")).round(2),
        payback_months=pl.when(pl.col("saving") > 0).then(
            (pl.col("migration_compared") / pl.col("saving")).round(1)
        ),
    )


def summarise_costs(costs: pl.DataFrame, targets: pl.DataFrame, settings: Settings) -> dict[str, object]:
    """The key `cost` of `caravan run --json`: amounts a month, null where nothing is known. `needs_more` machines are
    why right-sized may cost more than like for like. The sums of the ways lack different machines: only `side_by_side`
    compares them."""
    total = costs.filter(pl.col("kind") == "total").to_dicts()
    row = total[0] if total else {}
    names: Sequence[str] = ("today", "like_for_like", "right_sized", "managed", "planned")
    return {
        "currency": settings.currency,
        **{name: row.get(name) for name in names},
        "unknown_assets": row.get("right_sized_unknown", 0),
        "unknown": {name: row.get(f"{name}_unknown", 0) for name in names},
        "needs_more": targets.filter(pl.col("flags").list.contains(NEEDS_MORE)).height,
        "saving": row.get("saving"),
        "compared_assets": row.get("compared_assets", 0),
        "migration": row.get("migration_cost"),
        "years": settings.years,
        "planned_at_least": row.get("planned_at_least"),
        "net_saving": row.get("net_saving_over_years"),
        "payback_months": row.get("payback_months"),
        "side_by_side": compare_ways(targets),
    }


def compare_ways(targets: pl.DataFrame) -> dict[str, object]:
    """The three ways over the machines that move and have a price each way; `with_today` over those of them whose cost
    today is known as well, beside what is planned for them."""
    common = targets.filter(is_common())
    known = common.filter(pl.col("today_per_month").is_not_null() & pl.col("price_per_month").is_not_null())

    def amounts(rows: pl.DataFrame, **columns: str) -> dict[str, object]:
        sums = rows.select(_known(column).round(2).alias(name) for name, column in columns.items()).row(
            0, named=True
        )
        return {"machines": rows.height, **sums}

    ways = {way: f"{way}_per_month" for way in WAYS}
    return amounts(common, **ways) | {
        "with_today": amounts(known, today="today_per_month", **ways, planned="price_per_month")
    }
