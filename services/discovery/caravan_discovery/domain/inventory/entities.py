"""Which rows are about which asset, by the source's own key alone. One narrow pass over all rows."""

import polars as pl

from caravan_discovery.domain.cleansing.plan import APPLICATION, DATABASE, HOST, MACHINE, PART
from caravan_discovery.domain.places import PLACE

MAKERS = (MACHINE, HOST, APPLICATION, DATABASE)


def app_name_key(name: pl.Expr) -> pl.Expr:
    """How names of applications are compared: without case and repeated blanks."""
    return name.str.strip_chars().str.replace_all(r"\s+", " ").str.to_lowercase()


def index_entities(clean: pl.LazyFrame) -> pl.DataFrame:
    """at (row index), role, source, entity (natural key of the asset) for rows of assets and their parts.

    `entity` of a machine is `<format>:<key>`, of others `<format>:<role>:<key>`; where two sources of a
    format use the same key for different assets, the later source's carry `@<source>`. A row without a
    key is an asset of its own, named by its place.
    """
    key = pl.coalesce("source_key", PLACE)
    bare = pl.when(pl.col("role") == APPLICATION).then(app_name_key(key)).otherwise(key)
    machine = pl.col("role").is_in([MACHINE, PART])
    entity = (
        pl.when(machine)
        .then(pl.format("{}:{}", "format", bare))
        .otherwise(pl.format("{}:{}:{}", "format", "role", bare))
    )
    frame = (
        clean.with_row_index("at")
        .filter(pl.col("role").is_in([*MAKERS, PART]))
        .filter((pl.col("role") != PART) | pl.col("source_key").is_not_null())
        .select("at", pl.col("role", "source").cast(pl.Categorical), entity=entity)
        .collect(engine="streaming")
        .sort("at")
    )
    return _set_apart(_fold_case(frame))


def _fold_case(frame: pl.DataFrame) -> pl.DataFrame:
    """Keys of a source that differ in case alone are one, as the first row spells it: people write names by hand."""
    spelled = frame.filter(pl.col("entity").str.contains(r"\p{Lu}")).select("source", "entity").unique()
    if spelled.is_empty():
        return frame
    folded = frame.select("at", "source", "entity", bare=pl.col("entity").str.to_lowercase()).filter(
        pl.col("bare").is_in(
            spelled.select(pl.col("entity").str.to_lowercase().unique()).to_series().implode()
        )
    )
    twins = (
        folded.group_by("source", "bare")
        .agg(pl.col("entity").unique(), one=pl.col("entity").sort_by("at").first())
        .filter(pl.col("entity").list.len() > 1)
        .explode("entity")
        .select("source", "entity", "one")
    )
    if twins.is_empty():
        return frame
    joined = frame.join(twins, on=["source", "entity"], how="left", maintain_order="left")
    return joined.with_columns(entity=pl.coalesce("one", "entity")).drop("one")


def _set_apart(frame: pl.DataFrame) -> pl.DataFrame:
    """Equal keys of different sources are different assets until an identifier says otherwise."""
    if frame["source"].n_unique() < 2:
        return frame
    per_source = frame.select("entity", "source").unique(maintain_order=True)
    first = per_source.group_by("entity", maintain_order=True).agg(owner=pl.col("source").first())
    return (
        frame.join(first, on="entity", how="left", maintain_order="left")
        .with_columns(
            entity=pl.when(pl.col("source") == pl.col("owner"))
            .then("entity")
            .otherwise(pl.format("{}@{}", "entity", pl.col("source").cast(pl.String)))
        )
        .drop("owner")
    )


def split_parts(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The index without parts that no machine row of their source has, and those dangling parts."""
    parts = frame.filter(pl.col("role") == PART)
    if parts.is_empty():
        return frame, parts
    machines = frame.filter(pl.col("role") == MACHINE).select("entity").unique()
    dangling = parts.join(machines, on="entity", how="anti")
    return frame.join(dangling.select("at"), on="at", how="anti", maintain_order="left"), dangling
