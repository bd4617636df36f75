"""Puts every asset into exactly one unit: an application, or a group of targets that belong to none."""

import polars as pl

from caravan_assessment.domain.portfolio.schema import (
    APPLICATION,
    DATABASE,
    MEMBERS,
    OTHER,
    TARGET,
    UNASSIGNED,
    conform,
)

# An asset of several applications is counted with the most critical of them.
_RANKS = {"mission-critical": 0, "high": 1, "medium": 2, "low": 3}


def form_members(
    assets: pl.DataFrame, applications: pl.DataFrame, memberships: pl.DataFrame, dependencies: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """MEMBERS, and the memberships that were not counted: application, asset_key, owner (the unit it is counted with).

    `assets`: natural_key, asset_type, is_target; `applications`: natural_key, business_criticality; `memberships`:
    application_key, asset_key, kind; `dependencies`: source_key, target_key, kind.
    """
    ranked = _rank(memberships, applications)
    owned = ranked.unique("asset_key", keep="first", maintain_order=True)
    owned = pl.concat([owned, _own_databases(assets, owned, dependencies)])
    alone = assets.filter("is_target").join(owned, left_on="natural_key", right_on="asset_key", how="anti")
    groups = alone.select(
        application=pl.format(UNASSIGNED + ":{}", "natural_key"), asset_key=pl.col("natural_key")
    )
    members = pl.concat([owned, groups]).join(
        assets.select(asset_key="natural_key", role=_role()), on="asset_key", how="inner"
    )
    others = ranked.join(owned.rename({"application": "owner"}), on="asset_key").filter(
        pl.col("application") != pl.col("owner")
    )
    return conform(members, MEMBERS).sort("application", "role", "asset_key"), others


def _rank(memberships: pl.DataFrame, applications: pl.DataFrame) -> pl.DataFrame:
    """application, asset_key: applications before groups, the most critical first, then by key."""
    rank = pl.col("business_criticality").replace_strict(_RANKS, default=9, return_dtype=pl.Int8)
    known = applications.select(application_key="natural_key", rank=rank)
    return (
        memberships.join(known, on="application_key", how="inner")
        .sort(pl.col("kind") != APPLICATION, "rank", "application_key", "asset_key")
        .select(application="application_key", asset_key="asset_key")
        .unique(maintain_order=True)
    )


def _own_databases(assets: pl.DataFrame, owned: pl.DataFrame, dependencies: pl.DataFrame) -> pl.DataFrame:
    """A database that no application names is counted with its server."""
    databases = assets.filter(pl.col("asset_type") == DATABASE).select(asset_key="natural_key")
    free = databases.join(owned, on="asset_key", how="anti")
    ties = dependencies.filter(pl.col("kind") == "must_together")
    both = pl.concat(
        [
            ties.select(asset_key="source_key", server="target_key"),
            ties.select(asset_key="target_key", server="source_key"),
        ]
    )
    return (
        both.join(free, on="asset_key", how="semi")
        .join(owned.rename({"asset_key": "server"}), on="server")
        .sort("asset_key", "application")
        .unique("asset_key", keep="first", maintain_order=True)
        .select("application", "asset_key")
    )


def _role() -> pl.Expr:
    return (
        pl.when("is_target")
        .then(pl.lit(TARGET))
        .when(pl.col("asset_type") == DATABASE)
        .then(pl.lit(DATABASE))
        .otherwise(pl.lit(OTHER))
    )


def list_units(applications: pl.DataFrame, members: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """natural_key, name, kind of every unit, by key. `names`: natural_key, name of assets."""
    known = applications.select("natural_key", "name", "kind")
    groups = members.join(known, left_on="application", right_on="natural_key", how="anti")
    formed = (
        groups.join(names, left_on="asset_key", right_on="natural_key", how="left")
        .group_by("application")
        .agg(name=pl.col("name").min())
        .select(natural_key="application", name="name", kind=pl.lit(UNASSIGNED))
    )
    every = pl.concat([known, formed])
    holds = members.filter(pl.col("role") == TARGET).select("application")
    # A group is nothing without its targets; an application stays one without machines.
    stands = (pl.col("kind") == APPLICATION) | pl.col("natural_key").is_in(holds["application"].implode())
    return every.filter(stands).sort("natural_key")
