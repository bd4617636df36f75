"""Machines whose target the price list alone can't settle: two ways close in price, or a licence that binds."""

from collections.abc import Iterable

import polars as pl

CONTESTED = pl.Schema(
    {
        "natural_key": pl.String(),
        "margin": pl.Float64(),
        "kind": pl.String(),
        "recommended": pl.String(),
        "other": pl.String(),
        "recommended_month": pl.Float64(),
        "other_month": pl.Float64(),
        "recommended_machine": pl.String(),
        "other_machine": pl.String(),
        "name": pl.String(),
        "treatment": pl.String(),
        "criticality": pl.String(),
        "landing_zone": pl.String(),
        "cpu_basis": pl.String(),
        "cpu_peak": pl.Float64(),
        "memory_peak": pl.Float64(),
        "database": pl.String(),
        "system": pl.String(),
    }
)


def find_contested(wide: pl.DataFrame, licence_bound: Iterable[str], percent: float) -> pl.DataFrame:
    """CONTESTED, by natural key: each machine at most once, a licence before a database before a size.

    `wide`: as `lay_side_by_side`. `margin` is the difference of the prices as a share of the higher one, 0 where one is
    not known.
    """
    frame = wide.with_columns(
        database=pl.when(pl.col("kinds").list.len() == 1).then(pl.col("kinds").list.first()),
        cpu_peak=pl.coalesce("cpu_p95_percent", "cpu_max_percent"),
        memory_peak=pl.coalesce("memory_p95_percent", "memory_max_percent"),
    )
    open_way = pl.col("way").is_in(["right_sized", "managed"]) & pl.col("system").is_not_null()
    served = pl.col("managed_is_managed") & pl.col("database").is_not_null()
    frame = frame.filter(open_way)
    swapped = pl.when(pl.col("way") == "managed").then(pl.lit("right_sized")).otherwise(pl.lit("managed"))
    # The size it has is offered only where it covers what was seen to be used, with headroom.
    fits = (pl.col("need_vcpu") <= pl.col("allocated_vcpu")) & (
        pl.col("need_memory_gb") <= pl.col("allocated_memory_gb")
    )
    bound = pl.col("database").is_in(list(licence_bound)) & (pl.col("way") == "managed")
    found = [
        _describe(frame.filter(served & bound), "licence", swapped, None),
        _describe(frame.filter(served), "database", swapped, percent / 100),
        _describe(
            frame.filter(pl.col("way") == "right_sized", fits), "size", pl.lit("like_for_like"), percent / 100
        ),
    ]
    return pl.concat(found).unique("natural_key", keep="first", maintain_order=True).sort("natural_key")


def _describe(rows: pl.DataFrame, kind: str, other: pl.Expr, below: float | None) -> pl.DataFrame:
    rows = rows.with_columns(kind=pl.lit(kind), recommended="way", other=other)
    rows = rows.with_columns(
        recommended_month=_of("recommended", "month"),
        other_month=_of("other", "month"),
        recommended_machine=_of("recommended", "instance"),
        other_machine=_of("other", "instance"),
    )
    higher = pl.max_horizontal("recommended_month", "other_month")
    both = pl.col("recommended_month").is_not_null() & pl.col("other_month").is_not_null()
    margin = (
        pl.when(both)
        .then((pl.col("recommended_month") - pl.col("other_month")).abs() / higher)
        .otherwise(0.0)
    )
    rows = rows.with_columns(
        margin=margin.cast(pl.Float64), criticality="business_criticality", natural_key="asset_key"
    )
    if below is not None:
        differ = pl.col("recommended_machine").ne_missing(pl.col("other_machine"))
        rows = rows.filter(both & differ & (pl.col("margin") < below))
    return rows.select(pl.col(name).cast(dtype) for name, dtype in CONTESTED.items())


def _of(way: str, what: str) -> pl.Expr:
    return pl.coalesce(
        pl.when(pl.col(way) == name).then(pl.col(f"{name}_{what}"))
        for name in ("like_for_like", "right_sized", "managed")
    )
