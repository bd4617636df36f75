"""Machines that a list of applications, or a table of pairs, names without keys of their own: found in the estate."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from caravan_discovery.domain.cleansing.plan import APPLICATION, RELATION, RUNS_WORDS
from caravan_discovery.domain.inventory.entities import app_name_key
from caravan_discovery.domain.inventory.gaps import GAPS, MOST_PLACES, describe_places
from caravan_discovery.domain.mapping.members import SEPARATORS, short_name
from caravan_discovery.domain.parts import table_schema
from caravan_discovery.domain.places import PLACE

LISTED, PAIRED, RELATED = "listed", "paired", "related"
SAID = table_schema(
    {
        "source": pl.String,
        "place": pl.String,
        "application": pl.String,
        "member": pl.String,
        "how": pl.String,
    }
)
_MACHINES = ("server", "virtual_machine", "hypervisor_host", "database", "container")
_NAMES = ("name", "hostname", "fqdn")


def read_said(clean: pl.LazyFrame, columns: list[str]) -> pl.DataFrame:
    """SAID: the machines that a row says an application runs on, as the cell has them.

    `how` it does: in the application's own row (listed), in a table of pairs (paired), or as a relation of a CMDB
    (related), whose ends need not be an application and a machine.
    """
    if not {"rel_server", "rel_kind"} & set(columns):
        return SAID.to_frame()

    def column(name: str) -> pl.Expr:
        return pl.col(name) if name in columns else pl.lit(None, pl.String)

    listed = pl.col("role") == APPLICATION
    related = (pl.col("role") == RELATION) & column("rel_kind").str.contains(RUNS_WORDS).fill_null(False)
    how = pl.when(listed).then(pl.lit(LISTED)).when(related).then(pl.lit(RELATED)).otherwise(pl.lit(PAIRED))
    names = {LISTED: "application_name", RELATED: "rel_source", PAIRED: "rel_application"}
    rows = (
        clean.filter(pl.col("role").is_in([APPLICATION, RELATION]))
        .select(
            "source",
            "role",
            place=PLACE,
            **{name: column(name) for name in (*names.values(), "rel_server", "rel_target", "rel_kind")},
        )
        .with_columns(how=how)
        .select(
            "source",
            "place",
            application=pl.coalesce(
                pl.when(pl.col("how") == word).then(pl.col(name)) for word, name in names.items()
            ),
            member=pl.when(pl.col("how") == RELATED).then("rel_target").otherwise("rel_server"),
            how="how",
        )
        .drop_nulls(["application", "member"])
    )
    return rows.collect(engine="streaming")


def name_machines(assets: pl.LazyFrame, said: pl.DataFrame) -> pl.DataFrame:
    """lookup, asset_key, sources: machines of the estate that bear a name of `said`; one name may be several's."""
    parts = said["member"].str.replace_all(SEPARATORS, "|").str.split("|").explode()
    asked = pl.DataFrame({"name": pl.concat([said["member"], parts])}).select(short_name(pl.col("name")))
    wanted = asked.to_series().drop_nulls().unique().implode()
    machines = assets.filter(pl.col("asset_type").is_in(_MACHINES))
    found = [
        machines.select(asset_key="natural_key", lookup=short_name(pl.col(name)), sources="sources").filter(
            pl.col("lookup").is_in(wanted)
        )
        for name in _NAMES
    ]
    named = pl.concat(found).collect(engine="streaming")
    return named.unique(["lookup", "asset_key"]).sort("lookup", "asset_key")


def members_by_name(
    said: pl.DataFrame, machines: pl.DataFrame, applications: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """application_key, asset_key, evidence of names that mean one machine; and the gaps (GAPS) of the others.

    A name means the machine of its own source, else the only one of the estate that bears it. `machines`: see
    `name_machines`. `applications`: natural_key, name.
    """
    by_name = applications.select(application_key="natural_key", key=app_name_key(pl.col("name"))).unique(
        "key", keep="first", maintain_order=True
    )
    rows = (
        _cut_lists(said, machines)
        .with_columns(lookup=short_name(pl.col("member")), key=app_name_key(pl.col("application")))
        .join(by_name, on="key", how="left", maintain_order="left")
    )
    bearers = rows.select("source", "lookup").unique().join(machines, on="lookup")
    own = bearers.filter(pl.col("sources").list.contains(pl.col("source")))
    meant = pl.concat([_single(own), _single(bearers)]).unique(
        ["source", "lookup"], keep="first", maintain_order=True
    )
    rows = rows.join(meant, on=["source", "lookup"], how="left", maintain_order="left")
    found = rows.drop_nulls(["asset_key", "application_key"])
    # An end of a relation that nobody knows is reported with the relations.
    lost = rows.filter(pl.col("asset_key").is_null() & (pl.col("how") != RELATED))
    return found.select("application_key", "asset_key", evidence="place"), _report(lost, machines)


def _cut_lists(said: pl.DataFrame, machines: pl.DataFrame) -> pl.DataFrame:
    """Each member on a row of its own; a cell that is one machine's name is left whole."""
    whole = short_name(pl.col("member")).is_in(machines["lookup"].unique().implode())
    parts = pl.col("member").str.replace_all(SEPARATORS, "|").str.split("|")
    cut = said.with_columns(member=pl.when(whole).then(pl.concat_list("member")).otherwise(parts))
    cut = cut.explode("member").with_columns(pl.col("member").str.strip_chars())
    return cut.filter(pl.col("member").str.len_bytes() > 0)


def _single(bearers: pl.DataFrame) -> pl.DataFrame:
    """source, lookup, asset_key where one machine only bears the name."""
    counted = bearers.group_by("source", "lookup", maintain_order=True).agg(
        asset_key=pl.col("asset_key").first(), bearers=pl.len()
    )
    return counted.filter(pl.col("bearers") == 1).select("source", "lookup", "asset_key")


def _report(lost: pl.DataFrame, machines: pl.DataFrame) -> pl.DataFrame:
    """A gap per source and name: no machine bears it, or several do; those are what may be meant."""
    bearers = machines.group_by("lookup").agg(bearers=pl.col("asset_key").sort())
    grouped = (
        lost.group_by("source", "member", "lookup", maintain_order=True)
        .agg(places=pl.col("place").head(MOST_PLACES), count=pl.len().cast(pl.Int64))
        .join(bearers, on="lookup", how="left", maintain_order="left")
    )
    return pl.DataFrame(
        [
            {
                "natural_key": f"unresolved:{row['source']}:machine:{row['member']}",
                "kind": "unresolved_reference",
                "subject": row["member"],
                "attributes": [],
                "message": _sentence(row),
                "severity": "medium",
                "count": row["count"],
                "suggestions": row["bearers"] or [],
                "places": row["places"],
            }
            for row in grouped.iter_rows(named=True)
        ],
        schema=GAPS,
    )


def _sentence(row: Mapping[str, Any]) -> str:
    where = f"{row['member']}, named in {describe_places(row['places'], row['count'])} as what an application runs on,"
    if row["bearers"]:
        return (
            f"{where} may be any of {len(row['bearers'])} machines: name it there so that only one is meant."
        )
    return f"{where} is no machine of the estate: deliver a file that lists it."
