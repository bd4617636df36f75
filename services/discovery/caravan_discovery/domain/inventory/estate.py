"""Finishes the estate once all assets stand: applications, memberships, pools, gaps, scope. Narrow columns only."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl

from caravan_discovery.domain.cleansing.plan import RELATION
from caravan_discovery.domain.inventory import applications as apps
from caravan_discovery.domain.inventory import gaps
from caravan_discovery.domain.inventory.assumptions import assume_cores
from caravan_discovery.domain.inventory.building import ASSETS as BUILT
from caravan_discovery.domain.inventory.building import REFERENCES, Built
from caravan_discovery.domain.inventory.classify import NEEDED, NEEDED_OF_APPLICATIONS, NEEDED_OF_DATABASES
from caravan_discovery.domain.inventory.named_members import (
    PAIRED,
    members_by_name,
    name_machines,
    read_said,
)
from caravan_discovery.domain.inventory.pools import ALIKE, find_pools
from caravan_discovery.domain.inventory.scope import apply_scope
from caravan_discovery.domain.parts import Parts, conform, table_schema
from caravan_discovery.domain.places import PLACE
from caravan_discovery.domain.sorting import sort_parts

ASSETS = table_schema({**BUILT, "pool": pl.String})
APPLICATIONS = table_schema(
    {
        "natural_key": pl.String,
        "name": pl.String,
        "kind": pl.String,
        "members": pl.Int64,
        "sources": pl.List(pl.String),
        "business_criticality": pl.String,
        "business_owner": pl.String,
    }
)
NAMES = ("natural_key", "name", "hostname", "fqdn", "ip_addresses", "asset_type")
_NARROW = (
    "natural_key",
    "name",
    "asset_type",
    "is_target",
    "not_target_reason",
    "sources",
    "application_name",
)
_WANTED = tuple(dict.fromkeys((*NEEDED, *NEEDED_OF_APPLICATIONS, *NEEDED_OF_DATABASES)))


_NARROW_FROM = tuple(dict.fromkeys((*_NARROW, *_WANTED, *ALIKE)))
_MEMBERS_FROM = ("natural_key", "name", "asset_type", "is_target", "application_name")
_APPLICATION = "application"


@dataclass(frozen=True)
class Estate:
    """What the phase returns, and the narrow table its counts come from.

    Tables with a row per asset lie on disk: none is held while others are written.
    """

    assets: pl.LazyFrame
    directory: pl.LazyFrame
    applications: pl.DataFrame
    memberships: pl.LazyFrame
    gaps: pl.DataFrame
    narrow: Parts
    scope: pl.DataFrame | None
    out_of_scope: int
    unassigned_groups: int
    pools: int


def complete_estate(
    configuration: Mapping[str, Any],
    clean: pl.LazyFrame,
    columns: list[str],
    tables: Built,
    extra_gaps: list[pl.DataFrame],
    scratch: Path,
) -> Estate:
    """Everything that needs all assets at once."""
    built = tables.assets.scan()
    listed = _list_owned(built)
    named = apps.read_named(_narrow(built).filter(~pl.col("asset_type").is_in([_APPLICATION])))
    said, keyed = _said_by_name(clean, columns, tables)
    paired = said.filter(pl.col("how") == PAIRED).select(
        cell=pl.lit(None, pl.String), name="application", source="source"
    )
    formed = apps.form_applications(pl.concat([named, paired]), listed)
    every = pl.concat([listed.select("natural_key", "name"), formed.select("natural_key", "name")])
    by_sheet, unresolved, references = _members_by_sheet(clean, columns, tables, keyed)
    by_name, nameless = members_by_name(said, name_machines(built, said), every)
    by_sheet = pl.concat([by_sheet, apps.dress(by_name)])
    formed_assets = _as_assets(formed)
    narrow = Parts(scratch, "narrow", _narrow(built).collect_schema())
    for part in chain(tables.assets.batches(_NARROW_FROM), [formed_assets]):
        narrow.add(_narrow(part.lazy()).collect())
    pools = find_pools(narrow)
    rows = Parts(scratch, "memberships", apps.MEMBERSHIPS)
    cells = apps.applications_of_cells(named, every)
    for part in narrow.batches(_MEMBERS_FROM):
        rows.add(_members_of(part, cells, by_sheet, pools))
    memberships = rows.scan()
    keys, lost = apply_scope(configuration.get("scope"), narrow.scan(), memberships)
    total = narrow.rows
    if keys is not None:
        narrow = narrow.only(pl.col("natural_key").is_in(keys["natural_key"].implode()), "narrow-in-scope")
        rows = rows.only(pl.col("asset_key").is_in(keys["natural_key"].implode()), "memberships-in-scope")
        memberships = rows.scan()
        pools = pools.join(keys, on="natural_key", how="semi", maintain_order="left")
        unresolved = unresolved.filter(
            pl.col("others").list.eval(pl.element().is_in(keys["natural_key"].implode())).list.any()
        )
        extra_gaps, nameless = [], nameless.clear()
    dangling = gaps.report_unresolved(unresolved, references)
    missing = assume_cores(gaps.find_missing_attributes(narrow), built)
    found = pl.concat([missing, dangling, nameless, *extra_gaps, lost])
    counts = _count_members(memberships)
    return Estate(
        assets=_join_all(tables.assets.stream(), formed_assets, pools, keys),
        directory=_list_names(tables.assets.stream(), formed_assets, keys),
        applications=_list_applications(narrow.scan(), listed, memberships, counts),
        memberships=sort_parts(rows, "natural_key", scratch, "memberships-sorted").stream(),
        gaps=found.unique("natural_key", keep="first").sort("natural_key"),
        narrow=narrow,
        scope=keys,
        out_of_scope=total - narrow.rows,
        unassigned_groups=counts.filter(pl.col("kind") == "unassigned").height,
        pools=pools["pool"].n_unique(),
    )


def _narrow(assets: pl.LazyFrame) -> pl.LazyFrame:
    """What is asked of all assets at once: of what they need whether it is there, of what pools compare a number."""
    return assets.select(
        *_NARROW,
        *(pl.when(pl.col(name).is_not_null()).then(True).alias(name) for name in _WANTED),
        likeness=pl.struct(ALIKE).hash(),
    )


def _members_of(
    assets: pl.DataFrame, cells: pl.DataFrame, by_sheet: pl.DataFrame, pools: pl.DataFrame
) -> pl.DataFrame:
    """Memberships of a part of the narrow table, and a group of its own for each target that has none."""
    members = apps.member_by_name(assets.filter(~pl.col("asset_type").is_in([_APPLICATION])), cells)
    if by_sheet.height:
        mine = by_sheet.join(
            assets, left_on="asset_key", right_on="natural_key", how="semi", maintain_order="left"
        )
        members = pl.concat([members, mine]).unique("natural_key", keep="first", maintain_order=True)
    targets = (
        assets.filter("is_target")
        .select("natural_key", "name")
        .join(pools, on="natural_key", how="left", maintain_order="left")
    )
    return pl.concat([members, apps.group_unassigned(targets, members)])


def _count_members(memberships: pl.LazyFrame) -> pl.DataFrame:
    """application_key, members, kind."""
    counted = memberships.group_by("application_key").agg(
        members=pl.len().cast(pl.Int64), kind=pl.col("kind").first()
    )
    return counted.collect(engine="streaming")


def _list_owned(built: pl.LazyFrame) -> pl.DataFrame:
    """natural_key, name, sources, business_criticality, business_owner of the listed applications."""
    listed = built.filter(pl.col("asset_type") == _APPLICATION)
    wanted = ("natural_key", "name", "sources", "business_criticality", "business_owner")
    return listed.select(wanted).collect(engine="streaming")


def _said_by_name(clean: pl.LazyFrame, columns: list[str], tables: Built) -> tuple[pl.DataFrame, pl.Series]:
    """What lists of applications and pairs of sources without own keys say; and the sources that have keys."""
    said = read_said(clean, columns)
    if said.is_empty():
        return said, pl.Series("source", dtype=pl.String)
    machines = tables.references.scan().filter(pl.col("kind") == "machine")
    keyed = machines.select("source").unique().collect().to_series()
    by_name = (pl.col("how") != PAIRED) | ~pl.col("source").is_in(keyed.implode())
    return said.filter(by_name), keyed


def _members_by_sheet(
    clean: pl.LazyFrame, columns: list[str], tables: Built, keyed: pl.Series
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Memberships out of sheets of pairs, references there that name no asset, and the keys of those sources.

    `keyed`: the sources that list machines themselves, and mean those.
    """
    words = [name for name in ("rel_application", "rel_server", "rel_database") if name in columns]
    if len(words) < 2 or "rel_application" not in words:
        return apps.MEMBERSHIPS.to_frame(), apps.UNRESOLVED.to_frame(), REFERENCES.to_frame()
    relations = clean.filter(pl.col("role") == RELATION).select("source", *words, place=PLACE).collect()
    if "rel_server" in words:
        relations = relations.filter(pl.col("rel_server").is_null() | pl.col("source").is_in(keyed.implode()))
    keys = (
        tables.references.scan()
        .filter(pl.col("source").is_in(relations["source"].unique().implode()))
        .collect()
    )
    found, unresolved = apps.member_by_sheet(relations, keys)
    return found, unresolved, keys


def _as_assets(formed: pl.DataFrame) -> pl.DataFrame:
    """Applications that only their machines name."""
    frame = formed.with_columns(
        entity_type=pl.lit("asset"),
        asset_type=pl.lit("application"),
        is_target=pl.lit(False),
        application_name="name",
        completeness_score=pl.lit(0.0),
        source_entities=pl.lit([], pl.List(pl.String)),
    )
    return conform(frame, BUILT)


def _join_all(
    built: pl.LazyFrame, formed: pl.DataFrame, pools: pl.DataFrame, keys: pl.DataFrame | None
) -> pl.LazyFrame:
    """Formed applications by key, then assets by key, each with its pool: in order, `application:` comes first."""
    rows = pl.concat([formed.lazy(), built])
    if keys is not None:
        rows = rows.join(keys.lazy(), on="natural_key", how="semi", maintain_order="left")
    return rows.join(pools.lazy(), on="natural_key", how="left", maintain_order="left")


def _list_names(built: pl.LazyFrame, formed: pl.DataFrame, keys: pl.DataFrame | None) -> pl.LazyFrame:
    """What every asset is called, also outside the scope: whoever is talked to is known there."""
    rows = pl.concat([formed.lazy(), built]).select(*NAMES, "external_ids")
    inside = pl.lit(True) if keys is None else pl.col("natural_key").is_in(keys["natural_key"].implode())
    return rows.with_columns(in_scope=inside)


def _list_applications(
    narrow: pl.LazyFrame, owned: pl.DataFrame, memberships: pl.LazyFrame, counts: pl.DataFrame
) -> pl.DataFrame:
    """natural_key, name, sources, members: listed and formed applications, then the unassigned groups.

    `owned`: see _list_owned. `counts`: application_key, members, kind.
    """
    listed = (
        narrow.filter(pl.col("asset_type") == _APPLICATION)
        .select("natural_key", "name", "sources")
        .collect()
        .join(owned.drop("name", "sources"), on="natural_key", how="left", maintain_order="left")
        .join(counts.drop("kind"), left_on="natural_key", right_on="application_key", how="left")
        .with_columns(pl.col("members").fill_null(0), kind=pl.lit("application"))
    )
    alone = memberships.filter(pl.col("kind") == "unassigned").select("application_key", "asset_key")
    servers = (
        narrow.select("natural_key", "name")
        .join(alone, left_on="natural_key", right_on="asset_key", how="inner")
        .group_by("application_key")
        .agg(server=pl.col("name").min())
        .collect(engine="streaming")
    )
    pool = pl.col("application_key").str.extract(r"^unassigned:pool:[^:]*:\d+:(.*)$")
    groups = (
        counts.filter(pl.col("kind") == "unassigned")
        .join(servers, on="application_key", how="left")
        .select(
            natural_key="application_key",
            name=pl.coalesce(pool, "server"),
            members="members",
            kind="kind",
        )
    )
    return pl.concat([conform(listed, APPLICATIONS), conform(groups, APPLICATIONS)]).sort("natural_key")
