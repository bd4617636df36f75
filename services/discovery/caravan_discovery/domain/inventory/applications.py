"""Applications out of what names them, and which assets belong to which."""

import polars as pl

from caravan_discovery.domain.inventory.entities import app_name_key
from caravan_discovery.domain.inventory.gaps import MOST_PLACES
from caravan_discovery.domain.parts import table_schema

MEMBERSHIPS = pl.Schema(
    {
        "natural_key": pl.String,
        "application_key": pl.String,
        "asset_key": pl.String,
        "kind": pl.String,
        "evidence": pl.String,
    }
)
UNRESOLVED = table_schema(
    {
        "what": pl.String,
        "value": pl.String,
        "source": pl.String,
        "places": pl.List(pl.String),
        "count": pl.Int64,
        "others": pl.List(pl.String),
    }
)


def read_named(machines: pl.LazyFrame) -> pl.DataFrame:
    """cell, name, source: the applications that machine rows name; a cell may name several by semicolon or bar.

    Each cell of a source once, in the order in which the rows name them. `machines`: application_name, sources.
    """
    cells = (
        machines.with_row_index("first")
        .filter(pl.col("application_name").is_not_null())
        .group_by(cell="application_name", source=pl.col("sources").list.first())
        .agg(pl.col("first").min())
        .collect(engine="streaming")
        .sort("first")
    )
    return (
        cells.select(
            "cell",
            name=pl.col("cell").str.split("|").list.eval(pl.element().str.split(";").explode()),
            source="source",
        )
        .explode("name")
        .with_columns(pl.col("name").str.strip_chars())
        .filter(pl.col("name").str.len_bytes() > 0)
    )


def form_applications(named: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """natural_key, name, sources of applications that only machines name. `known`: natural_key, name."""
    listed = known.select(key=app_name_key(pl.col("name"))).drop_nulls().unique()
    fresh = named.with_columns(key=app_name_key(pl.col("name"))).join(
        listed, on="key", how="anti", maintain_order="left"
    )
    return (
        fresh.group_by("key", maintain_order=True)
        .agg(name=pl.col("name").first(), sources=pl.col("source").unique(maintain_order=True))
        .select("name", "sources", natural_key=pl.format("application:{}", "key"))
        .sort("natural_key")
    )


def applications_of_cells(named: pl.DataFrame, applications: pl.DataFrame) -> pl.DataFrame:
    """cell, application_key: whom a cell names. `applications`: natural_key, name of all there are."""
    by_name = applications.select(application_key="natural_key", key=app_name_key(pl.col("name"))).unique(
        "key", keep="first"
    )
    return (
        named.select("cell", key=app_name_key(pl.col("name")))
        .join(by_name, on="key", how="inner", maintain_order="left")
        .select("cell", "application_key")
        .unique(maintain_order=True)
    )


def member_by_name(machines: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """Memberships of machines that name their application. `cells`: see applications_of_cells."""
    found = machines.join(
        cells, left_on="application_name", right_on="cell", how="inner", maintain_order="left"
    )
    return dress(
        found.select("application_key", asset_key="natural_key", evidence=pl.lit("named by the asset"))
    )


def member_by_sheet(relations: pl.DataFrame, keys: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Memberships told by a sheet of pairs, and the references that resolve to nothing.

    `relations` has source, place, rel_application and rel_server or rel_database; `keys` source, kind
    (application, machine, database), reference (the source's own key), asset_key.
    """
    pairs = []
    unresolved = []
    for word, kind in (("rel_server", "machine"), ("rel_database", "database")):
        if word not in relations.columns or "rel_application" not in relations.columns:
            continue
        rows = relations.filter(pl.col("rel_application").is_not_null() & pl.col(word).is_not_null()).select(
            "source", "place", application="rel_application", member=word
        )
        both = _resolve(_resolve(rows, "application", "application", keys), "member", kind, keys)
        unresolved += [
            _missing(both, "application", "application", "member"),
            _missing(both, "member", kind, "application"),
        ]
        pairs.append(
            both.drop_nulls(["application_key", "member_key"]).select(
                "application_key", asset_key="member_key", evidence=pl.format("{}", "place")
            )
        )
    found = (
        pl.concat(pairs)
        if pairs
        else pl.DataFrame(
            schema={"application_key": pl.String, "asset_key": pl.String, "evidence": pl.String}
        )
    )
    return dress(found), pl.concat([*unresolved, UNRESOLVED.to_frame()])


def _resolve(rows: pl.DataFrame, column: str, kind: str, keys: pl.DataFrame) -> pl.DataFrame:
    """Adds `<column>_key`, by the source's own key; never by a name that merely looks alike."""
    table = keys.filter(pl.col("kind") == kind).select(
        "source", pl.col("reference").alias("_ref"), pl.col("asset_key").alias(f"{column}_key")
    )
    table = table.unique(["source", "_ref"], keep="first", maintain_order=True)
    lookup = app_name_key(pl.col(column)) if kind == "application" else pl.col(column)
    table = table.with_columns(_ref=app_name_key(pl.col("_ref"))) if kind == "application" else table
    return (
        rows.with_columns(_ref=lookup)
        .join(table, on=["source", "_ref"], how="left", maintain_order="left")
        .drop("_ref")
    )


def _missing(rows: pl.DataFrame, column: str, kind: str, other: str) -> pl.DataFrame:
    """References without an asset; `others` are the assets they were to be related to."""
    return (
        rows.filter(pl.col(f"{column}_key").is_null())
        .group_by("source", column, maintain_order=True)
        .agg(
            places=pl.col("place").head(MOST_PLACES),
            count=pl.len().cast(pl.Int64),
            others=pl.col(f"{other}_key").drop_nulls().unique(maintain_order=True),
        )
        .select(
            what=pl.lit(kind), value=column, source="source", places="places", count="count", others="others"
        )
    )


def group_unassigned(targets: pl.DataFrame, memberships: pl.DataFrame) -> pl.DataFrame:
    """A group per pool or single server for targets without an application. `targets`: natural_key, name, pool."""
    alone = targets.join(
        memberships.select(natural_key="asset_key").unique(),
        on="natural_key",
        how="anti",
        maintain_order="left",
    )
    group = pl.format("unassigned:{}", pl.coalesce("pool", "natural_key"))
    return alone.select(
        natural_key=pl.format("{}#{}", group, "natural_key"),
        application_key=group,
        asset_key="natural_key",
        kind=pl.lit("unassigned"),
        evidence=pl.when(pl.col("pool").is_not_null())
        .then(pl.lit("server pool"))
        .otherwise(pl.lit("no application named")),
    )


def dress(pairs: pl.DataFrame) -> pl.DataFrame:
    """MEMBERSHIPS out of application_key, asset_key, evidence; a pair once."""
    return (
        pairs.unique(["application_key", "asset_key"], keep="first", maintain_order=True)
        .select(
            natural_key=pl.format("{}#{}", "application_key", "asset_key"),
            application_key="application_key",
            asset_key="asset_key",
            kind=pl.lit("application"),
            evidence="evidence",
        )
        .select(MEMBERSHIPS.names())
    )
