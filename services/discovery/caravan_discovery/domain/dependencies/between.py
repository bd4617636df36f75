"""Flows between machines bind the applications that run on them, documented or not."""

import polars as pl

from caravan_discovery.domain.dependencies.edges import MOST_PLACES, MOST_PROCESSES
from caravan_discovery.domain.dependencies.shared import is_service_port

# A machine of many applications does not tell which of them talks.
MOST_APPLICATIONS = 3
FLOW, BETWEEN = "observed flow", "flow between their machines"
OBSERVED = (FLOW, BETWEEN)


def between_applications(edges: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Application edges out of flows between their machines, of the shape of `edges`.

    `members`: source_key (application), target_key (machine).
    """
    # That two applications ask the same directory, or are watched by the same monitor, binds them to nothing.
    flows = edges.filter(pl.col("origin") == FLOW, ~is_service_port(pl.col("port")))
    if flows.is_empty():
        return edges.clear()
    few = members.filter(pl.len().over("target_key") <= MOST_APPLICATIONS)
    owner = few.select(machine="target_key", application="source_key")
    pairs = flows.join(
        owner, left_on="source_key", right_on="machine", how="inner", maintain_order="left"
    ).join(owner, left_on="target_key", right_on="machine", how="inner", suffix="_to", maintain_order="left")
    # Inside an application that has both machines a flow needs no other explanation.
    inside = pairs.filter(pl.col("application") == pl.col("application_to")).select(
        "source_key", "target_key"
    )
    pairs = pairs.join(inside.unique(), on=["source_key", "target_key"], how="anti", maintain_order="left")
    merged = pairs.group_by("application", "application_to", maintain_order=True).agg(
        evidence=pl.col("evidence").explode().unique(maintain_order=True).head(MOST_PLACES),
        observations=pl.col("observations").sum(),
        confidence=(pl.col("confidence").max() * 0.8).round(3),
        weight=pl.col("weight").sum(),
        processes=pl.col("processes").explode().drop_nulls().unique(maintain_order=True).head(MOST_PROCESSES),
        # One port is what they talk about; of several none stands for the edge.
        port=pl.when(pl.col("port").n_unique() == 1).then(pl.col("port").first()),
    )
    rows = merged.with_columns(
        source_key="application",
        target_key="application_to",
        kind=pl.lit("soft"),
        origin=pl.lit(BETWEEN),
        protocol=pl.lit(None, pl.String),
    )
    return rows.select(edges.columns).sort("source_key", "target_key")


def mark_documented(edges: pl.DataFrame) -> pl.DataFrame:
    """Adds `documented`: somebody stated the dependency, or stated one between the same two, either way round.

    What was only observed is undocumented; it binds all the same.
    """
    observed = pl.col("origin").is_in(OBSERVED)
    told = edges.filter(~observed).select("source_key", "target_key")
    turned = told.select(source_key="target_key", target_key="source_key")
    said = pl.concat([told, turned]).unique().with_columns(documented=pl.lit(True))
    return edges.join(said, on=["source_key", "target_key"], how="left", maintain_order="left").with_columns(
        pl.col("documented").fill_null(False)
    )
