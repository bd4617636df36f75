"""What several phases read alike: which machines of which applications are in scope, and what is known of them."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from caravan_common.phases import PhaseContext
from caravan_planning.domain.scoping import limit_members
from caravan_planning.domain.target.estate import read_assets

Columns = Mapping[str, pl.DataType | type[pl.DataType]]


@dataclass(frozen=True)
class InScope:
    """`members`: application, asset_key, role. `named`: keys that the scope names, None without a scope.

    `unknown`: entries of the scope that name nothing.
    """

    members: pl.DataFrame
    named: pl.Series | None
    unknown: list[str]


def read_members(context: PhaseContext) -> InScope:
    """What the flow is about: everything, or what its scope names."""
    members = context.inputs["members"].scan().select("application", "asset_key", "role").collect()
    scope = context.configuration.get("scope")
    if not scope:
        return InScope(members, None, [])
    portfolio = context.inputs["portfolio"].scan().select("natural_key", "name")
    assets = context.inputs["assets"].scan().select("natural_key", "name")
    return InScope(*limit_members(scope, members, pl.concat([portfolio, assets]).collect()))


def scan_assets(context: PhaseContext) -> pl.LazyFrame:
    """The asset columns that decide a target."""
    return read_assets(context.inputs["assets"].scan())


def read_columns(context: PhaseContext, name: str, columns: Columns) -> pl.DataFrame:
    """These columns of an input; what it lacks is null, and an optional input that is missing has no rows."""
    if name not in context.inputs:
        return pl.DataFrame(schema=columns)
    frame = context.inputs[name].scan()
    known = frame.collect_schema().names()
    return frame.select(
        (pl.col(column) if column in known else pl.lit(None)).cast(dtype).alias(column)
        for column, dtype in columns.items()
    ).collect()


def read_units(context: PhaseContext, scope: InScope) -> pl.DataFrame:
    """One row per application in scope, by key: what portfolio, treatments and waves say of it.

    `application_targets` counts all its machines, in scope or not. An application may have none at all.
    """
    portfolio = read_columns(context, "portfolio", _PORTFOLIO).rename(
        {
            "natural_key": "application",
            "name": "application_name",
            "business_criticality": "criticality",
            "environment": "application_environment",
            "current_monthly_cost": "application_cost",
        }
    )
    treatments = read_columns(context, "treatments", _TREATED).rename({"natural_key": "application"})
    waves = read_columns(context, "waves", _WAVES).rename({"natural_key": "application"})
    every = context.inputs["members"].scan().filter(pl.col("role") == "target")
    counts = every.group_by("application").agg(application_targets=pl.len().cast(pl.Int64)).collect()
    keys = scope.members["application"]
    if scope.named is None:
        keys = pl.concat([keys, portfolio["application"]])
    else:
        named = portfolio.filter(pl.col("application").is_in(scope.named.implode()))["application"]
        keys = pl.concat([keys, named])
    return (
        keys.unique()
        .to_frame("application")
        .join(portfolio, on="application", how="left")
        .join(treatments, on="application", how="left")
        .join(waves, on="application", how="left")
        .join(counts, on="application", how="left")
        .with_columns(pl.col("application_targets").fill_null(0))
        .sort("application")
    )


_PORTFOLIO: Columns = {
    "natural_key": pl.String,
    "name": pl.String,
    "kind": pl.String,
    "business_criticality": pl.String,
    "environment": pl.String,
    "current_monthly_cost": pl.Float64,
    "readiness": pl.Float64,
    "blockers": pl.List(pl.String),
    "unknowns": pl.List(pl.String),
}
_TREATED: Columns = {
    "natural_key": pl.String,
    "treatment": pl.String,
    "variant": pl.String,
    "confidence": pl.Float64,
    "contested": pl.Boolean,
    "decided_by": pl.String,
    "assumed": pl.List(pl.String),
}
_WAVES: Columns = {
    "natural_key": pl.String,
    "wave": pl.Int64,
    "wave_name": pl.String,
    "starts": pl.Date,
    "ends": pl.Date,
    "effort": pl.Float64,
    "care": pl.Float64,
    "team": pl.String,
    "not_before": pl.Date,
}
