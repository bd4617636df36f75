"""The tables that the phase writes: columns, order of rows."""

import polars as pl

from caravan_planning.domain.target.settings import PROVIDERS, Settings
from caravan_planning.domain.target.ways import WAYS

TARGETS = pl.Schema(
    {
        "natural_key": pl.String(),
        "name": pl.String(),
        "asset_key": pl.String(),
        "application": pl.String(),
        "application_name": pl.String(),
        "treatment": pl.String(),
        "variant": pl.String(),
        "wave": pl.Int64(),
        "wave_name": pl.String(),
        "environment": pl.String(),
        "landing_zone": pl.String(),
        "way": pl.String(),
        "provider": pl.String(),
        "region": pl.String(),
        "service": pl.String(),
        "instance": pl.String(),
        "target_type": pl.String(),
        "vcpu": pl.Float64(),
        "memory_gb": pl.Float64(),
        "storage_gb": pl.Float64(),
        "system": pl.String(),
        "databases": pl.List(pl.String()),
        "allocated_vcpu": pl.Float64(),
        "allocated_memory_gb": pl.Float64(),
        "allocated_storage_gb": pl.Float64(),
        "need_vcpu": pl.Float64(),
        "need_memory_gb": pl.Float64(),
        "need_storage_gb": pl.Float64(),
        "cpu_observed_percent": pl.Float64(),
        "memory_observed_percent": pl.Float64(),
        "headroom": pl.Float64(),
        "cpu_basis": pl.String(),
        "memory_basis": pl.String(),
        "currency": pl.String(),
        "price_per_month": pl.Float64(),
        "compute_per_month": pl.Float64(),
        "storage_per_month": pl.Float64(),
        "known_per_month": pl.Float64(),
        "unpriced": pl.List(pl.String()),
        "today_per_month": pl.Float64(),
        **{f"{way}_per_month": pl.Float64() for way in WAYS},
        **{f"{way}_instance": pl.String() for way in WAYS},
        **{f"{name}_per_month": pl.Float64() for name in PROVIDERS},
        **{f"{name}_instance": pl.String() for name in PROVIDERS},
        "price_date": pl.String(),
        "price_source": pl.String(),
        "price_region": pl.String(),
        "decided_by": pl.String(),
        "flags": pl.List(pl.String()),
        "reasons": pl.List(pl.String()),
        "source_entities": pl.List(pl.String()),
    }
)
COSTS = pl.Schema(
    {
        "natural_key": pl.String(),
        "kind": pl.String(),
        "name": pl.String(),
        "assets": pl.Int64(),
        "currency": pl.String(),
        "years": pl.Int64(),
        **{
            column: dtype
            for name in ("today", "like_for_like", "right_sized", "managed", "planned", *PROVIDERS)
            for column, dtype in ((name, pl.Float64()), (f"{name}_unknown", pl.Int64()))
        },
        "planned_at_least": pl.Float64(),
        "common_assets": pl.Int64(),
        **{f"common_{way}": pl.Float64() for way in WAYS},
        "compared_assets": pl.Int64(),
        "saving": pl.Float64(),
        "effort": pl.Float64(),
        "effort_unknown": pl.Int64(),
        "people_cost": pl.Float64(),
        "parallel_cost": pl.Float64(),
        "migration_cost": pl.Float64(),
        "today_over_years": pl.Float64(),
        "planned_over_years": pl.Float64(),
        "saving_over_years": pl.Float64(),
        "net_saving_over_years": pl.Float64(),
        "payback_months": pl.Float64(),
        "source_entities": pl.List(pl.String()),
    }
)
ASSET_TARGETS = pl.Schema(
    {
        "natural_key": pl.String(),
        "target_type": pl.String(),
        "target_region": pl.String(),
        "target_account": pl.String(),
        "target_monthly_cost": pl.Float64(),
    }
)
_UNSIZED, _UNFIT = "machine of unknown size", "machine that no instance fits"
_STAYING = {
    "landing_zone": "service of the landing zone",
    "retired": "retired",
    "stays": "stays where it is",
    "saas": "software as a service",
}


def shape_targets(wide: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """TARGETS, by natural key. What does not move has no provider, region or landing zone."""
    moves = pl.col("way").is_in(WAYS)
    named = pl.when(pl.col("is_managed") & pl.col("instance").is_not_null()).then(
        pl.format("{} {}", "service", "instance")
    )
    shaped = wide.with_columns(
        natural_key=pl.col("asset_key"),
        target_type=pl.coalesce(
            named,
            "instance",
            pl.when("is_managed").then("service"),
            pl.col("way").replace_strict(_STAYING, default=None, return_dtype=pl.String),
            # It moves all the same: nobody is to take it for forgotten.
            pl.when(pl.any_horizontal(pl.col("allocated_vcpu", "allocated_memory_gb").is_null()))
            .then(pl.lit(_UNSIZED))
            .otherwise(pl.lit(_UNFIT)),
        ),
        memory_gb="target_memory_gb",
        storage_gb="target_storage_gb",
        databases="kinds",
        currency=pl.lit(settings.currency),
        headroom=pl.lit(settings.headroom),
        compute_per_month="compute",
        storage_per_month="storage",
        decided_by=pl.col("decided_by").fill_null("rule"),
        unpriced=pl.when(moves).then("unpriced").fill_null([]),
        source_entities=pl.concat_list("asset_key", "application"),
        **{f"{way}_per_month": pl.col(f"{way}_month") for way in WAYS},
        **{name: pl.when(moves).then(name) for name in ("provider", "region", "landing_zone")},
    )
    return shaped.select(pl.col(name).cast(dtype) for name, dtype in TARGETS.items()).sort("natural_key")


def shape_costs(summed: pl.DataFrame) -> pl.DataFrame:
    """COSTS: the total, then the parts by kind and key."""
    named = summed.with_columns(name="title")
    return named.select(pl.col(name).cast(dtype) for name, dtype in COSTS.items()).sort("natural_key")


def fold_targets(targets: pl.DataFrame) -> pl.DataFrame:
    """ASSET_TARGETS: what the asset table shows."""
    return targets.select(
        "natural_key",
        "target_type",
        target_region="region",
        target_account="landing_zone",
        target_monthly_cost="price_per_month",
    ).cast(dict(ASSET_TARGETS))  # type: ignore[arg-type]
