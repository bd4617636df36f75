"""The cheapest offer that is large enough. Needs are compared by the sizes on sale, so that many cost what few do."""

import polars as pl

FOUND = (
    "instance",
    "service",
    "vcpu",
    "memory_gb",
    "price_hour",
    "storage_gb_month",
    "price_date",
    "price_source",
    "price_region",
    "weak",
    "burstable",
)


def match_offers(needs: pl.DataFrame, offers: pl.DataFrame) -> pl.DataFrame:
    """FOUND for each row of `needs`, in its order; null where nothing is offered or large enough.

    `needs`: kind, vcpu, memory_gb, may_burst. `offers`: kind and FOUND, at most one region for each kind. Of
    equal prices the larger machine wins, then the name.
    """
    if needs.is_empty() or offers.is_empty():
        return _nothing(needs.height, offers)
    vcpus, memories = _levels(offers, "vcpu"), _levels(offers, "memory_gb")
    wanted = needs.select(
        "kind",
        "may_burst",
        vcpu_level=_level(needs["vcpu"], vcpus),
        memory_level=_level(needs["memory_gb"], memories),
    )
    asked = wanted.drop_nulls().unique().sort("kind", "may_burst", "vcpu_level", "memory_level")
    best = _find_best(asked, offers)
    keys = ["kind", "may_burst", "vcpu_level", "memory_level"]
    return wanted.join(best, on=keys, how="left", maintain_order="left").select(FOUND)


def _find_best(asked: pl.DataFrame, offers: pl.DataFrame) -> pl.DataFrame:
    ranked = offers.select("kind", *FOUND).sort(
        ["price_hour", "vcpu", "memory_gb", "instance"], descending=[False, True, True, False]
    )
    fitting = asked.lazy().join(ranked.lazy(), on="kind", how="inner", maintain_order="left_right")
    large = (pl.col("vcpu") >= pl.col("vcpu_level")) & (pl.col("memory_gb") >= pl.col("memory_level"))
    allowed = ~pl.col("burstable") | pl.col("may_burst")
    keys = ["kind", "may_burst", "vcpu_level", "memory_level"]
    return fitting.filter(large & allowed).unique(keys, keep="first", maintain_order=True).collect()


def _levels(offers: pl.DataFrame, column: str) -> pl.Series:
    return offers[column].unique().sort()


def _level(needed: pl.Series, levels: pl.Series) -> pl.Series:
    """The smallest size on sale that covers each need; null where the need is unknown or nothing is large enough."""
    frame = pl.DataFrame({"need": needed.cast(pl.Float64)}).with_row_index("row")
    sold = pl.DataFrame({"level": levels.cast(pl.Float64)})
    found = (
        frame.drop_nulls().sort("need").join_asof(sold, left_on="need", right_on="level", strategy="forward")
    )
    return frame.join(found.select("row", "level"), on="row", how="left", maintain_order="left")["level"]


def _nothing(rows: int, offers: pl.DataFrame) -> pl.DataFrame:
    return pl.DataFrame({name: pl.Series([None] * rows, dtype=offers.schema[name]) for name in FOUND})
