"""Categories that name two kinds of asset at once ("Storage-Server"): which kinds, and where they stand."""

import polars as pl

from caravan_discovery.domain.cleansing.plan import MACHINE
from caravan_discovery.domain.inventory.classify import TYPE_WORDS
from caravan_discovery.domain.parts import table_schema

# Kinds that exclude each other. Virtual or physical, host or guest is told by more than the category.
_RIVALS = ("load_balancer", "container", "network", "storage", "database", "application", "server")
_FACTS = {
    "vendor": pl.String,
    "hardware_model": pl.String,
    "operating_system": pl.String,
    "cpu_cores": pl.Int64,
    "name": pl.String,
}
CONTESTED = table_schema(
    {
        "natural_key": pl.String,
        "said": pl.String,
        "vendor": pl.String,
        "hardware_model": pl.String,
        "kinds": pl.List(pl.String),
        "margin": pl.Float64,
        "rows": pl.Int64,
        "with_system": pl.Int64,
        "with_cores": pl.Int64,
        "names": pl.List(pl.String),
    }
)
# Distinct categories that are looked at: a column with more is no category.
_MOST_WORDS = 2_000


def find_contested_kinds(clean: pl.LazyFrame, columns: list[str]) -> pl.DataFrame:
    """CONTESTED: a row per category, vendor and model whose category fits several kinds, the rules' choice first."""
    if "asset_type" not in columns:
        return CONTESTED.to_frame()
    machines = clean.filter(pl.col("role") == MACHINE, pl.col("asset_type").is_not_null())
    said = machines.select(said=pl.col("asset_type").unique()).collect(engine="streaming")["said"]
    rivals = {text: kinds for text in said.sort().head(_MOST_WORDS) if len(kinds := _kinds_of(text)) > 1}
    if not rivals:
        return CONTESTED.to_frame()
    facts = [
        pl.col(name) if name in columns else pl.lit(None, dtype).alias(name) for name, dtype in _FACTS.items()
    ]
    found = (
        machines.filter(pl.col("asset_type").is_in(list(rivals)))
        .select(*facts, said="asset_type")
        .group_by("said", "vendor", "hardware_model")
        .agg(
            rows=pl.len().cast(pl.Int64),
            with_system=pl.col("operating_system").is_not_null().sum().cast(pl.Int64),
            with_cores=(pl.col("cpu_cores") > 0).sum().cast(pl.Int64),
            names=pl.col("name").drop_nulls().unique().sort().head(5),
        )
        .collect()
    )
    several = pl.Series("kinds", [rivals[text] for text in found["said"]], dtype=pl.List(pl.String))
    return (
        found.with_columns(several, margin=pl.lit(0.15), natural_key=_key())
        .select(CONTESTED.names())
        .sort("natural_key")
    )


def _kinds_of(said: str) -> list[str]:
    text = pl.Series([said.lower()])
    return [name for name in _RIVALS if text.str.contains(TYPE_WORDS[name]).item()]


def _key() -> pl.Expr:
    parts = ("said", "vendor", "hardware_model")
    return pl.concat_str(
        pl.lit("kind:"), *(pl.col(name).fill_null("") + "|" for name in parts)
    ).str.strip_suffix("|")
