"""The machines to find a target for, with what decides it: one row each. Joins only; nothing is judged here."""

from collections.abc import Sequence

import polars as pl

# What a machine's own row tells; columns that an inventory lacks are null.
ASSET_COLUMNS = {
    "natural_key": pl.String,
    "name": pl.String,
    "asset_type": pl.String,
    "is_target": pl.Boolean,
    "blocked_reason": pl.String,
    "environment": pl.String,
    "business_criticality": pl.String,
    "operating_system": pl.String,
    "os_family": pl.String,
    "cpu_architecture": pl.String,
    "database_type": pl.String,
    "cpu_cores": pl.Float64,
    "memory_gb": pl.Float64,
    "storage_gb": pl.Float64,
    "storage_used_gb": pl.Float64,
    "cpu_p95_percent": pl.Float64,
    "cpu_max_percent": pl.Float64,
    "cpu_avg_percent": pl.Float64,
    "memory_p95_percent": pl.Float64,
    "memory_max_percent": pl.Float64,
    "memory_avg_percent": pl.Float64,
    "disk_iops": pl.Float64,
    "current_monthly_cost": pl.Float64,
    "annual_cost": pl.Float64,
}
HOSTS = pl.Schema({"asset_key": pl.String(), "product": pl.String()})
_MONTHS = 12


def read_assets(assets: pl.LazyFrame) -> pl.LazyFrame:
    """The asset columns that decide a target; what the dataset lacks is null."""
    known = assets.collect_schema().names()
    return assets.select(
        (pl.col(name) if name in known else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in ASSET_COLUMNS.items()
    )


def list_hosted(assets: pl.LazyFrame, dependencies: pl.LazyFrame | None) -> pl.DataFrame:
    """asset_key, product: which database products run on a machine, by the edges from databases to their servers."""
    if dependencies is None:
        return HOSTS.to_frame()
    databases = assets.filter(pl.col("asset_type") == "database").select("natural_key", "database_type")
    return (
        dependencies.filter(pl.col("origin") == "database on server")
        .join(databases, left_on="source_key", right_on="natural_key", how="inner")
        .select(asset_key="target_key", product="database_type")
        .drop_nulls()
        .unique()
        .sort("asset_key", "product")
        .collect()
    )


def build_estate(
    assets: pl.LazyFrame,
    scope: pl.DataFrame,
    hosted: pl.DataFrame,
    engines: Sequence[tuple[str, Sequence[str]]],
) -> pl.DataFrame:
    """One row per machine of `scope`, by natural key: its columns, `kinds` of databases on it, `today_per_month`.

    `scope`: asset_key and the columns of its application: application, application_name, criticality,
    application_environment, application_cost, application_targets, treatment, variant, wave, wave_name.
    """
    products = pl.concat(
        [
            hosted.lazy(),
            assets.select(asset_key="natural_key", product="database_type").drop_nulls(),
        ]
    )
    kinds = (
        products.with_columns(kind=_read_kind(pl.col("product"), engines))
        .drop_nulls()
        .group_by("asset_key")
        .agg(kinds=pl.col("kind").unique().sort())
    )
    return (
        scope.lazy()
        .join(assets.rename({"natural_key": "asset_key"}), on="asset_key", how="inner")
        .join(kinds, on="asset_key", how="left")
        .with_columns(
            business_criticality=pl.coalesce("business_criticality", "criticality"),
            environment=pl.coalesce("environment", "application_environment"),
        )
        .with_columns(_read_today())
        .with_columns(_share_out())
        .sort("asset_key")
        .collect()
    )


def _read_kind(product: pl.Expr, engines: Sequence[tuple[str, Sequence[str]]]) -> pl.Expr:
    lower = product.str.to_lowercase()
    found = [
        pl.when(pl.any_horizontal(lower.str.contains(word, literal=True) for word in words)).then(
            pl.lit(kind)
        )
        for kind, words in engines
    ]
    return pl.coalesce(found)


def _read_today() -> pl.Expr:
    """What a machine costs a month as its source says; nothing is known where it says 0 or less."""
    stated = pl.coalesce("current_monthly_cost", pl.col("annual_cost") / _MONTHS)
    return pl.when(stated > 0).then(stated).alias("own_cost")


def _share_out() -> list[pl.Expr]:
    """Where an application's cost is known and that of none of its machines, each bears an equal part of it."""
    none_known = pl.col("own_cost").is_null().all().over("application")
    shared = pl.when(none_known & (pl.col("application_cost") > 0)).then(
        pl.col("application_cost") / pl.col("application_targets")
    )
    today = pl.coalesce("own_cost", shared)
    return [
        today.alias("today_per_month"),
        (pl.col("own_cost").is_null() & shared.is_not_null()).alias("today_shared"),
    ]
