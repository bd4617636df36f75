"""What sizing may reckon with where no source tells a machine's processor cores. It stands beside the gap, flagged;
the asset itself stays without a value.
"""

import polars as pl

from caravan_discovery.domain.inventory.gaps import MISSING

CORES = "cpu_cores"
# Fewer machines of one memory size say nothing about their cores.
_FEWEST_ALIKE = 3
# The smallest size in the general families of AWS (m7i.large), Azure (D2s) and Google (n2-standard-2).
_SMALLEST = 2


def assume_cores(gaps: pl.DataFrame, assets: pl.LazyFrame) -> pl.DataFrame:
    """The gaps (GAPS), those about processor cores with assumed_cpu_cores, and why so in their message.

    By the machines to migrate whose cores are known: what most of the same kind and memory have, else their median;
    where the estate knows none, the smallest size that clouds offer. `assets`: natural_key, asset_type, is_target,
    cpu_cores, memory_gb.
    """
    about_cores = (pl.col("kind") == MISSING) & pl.col("attributes").list.contains(CORES)
    concerned = gaps.filter(about_cores)["subject"]
    if concerned.is_empty():
        return gaps
    machines = assets.filter("is_target").select("natural_key", "asset_type", "memory_gb", CORES)
    known = (
        machines.filter(pl.col(CORES) > 0)
        .group_by("asset_type", "memory_gb", CORES)
        .agg(machines=pl.len())
        .collect(engine="streaming")
    )
    unknown = machines.filter(pl.col("natural_key").is_in(concerned.implode())).drop(CORES).collect()
    everywhere = _lower_median(known)
    found = (
        gaps.join(unknown, left_on="subject", right_on="natural_key", how="left", maintain_order="left")
        .join(_of_most_alike(known), on=["asset_type", "memory_gb"], how="left", maintain_order="left")
        .join(_of_each_kind(known), on="asset_type", how="left", maintain_order="left")
        .with_columns(of_all=pl.lit(everywhere, pl.Int64), all_known=pl.lit(known["machines"].sum()))
    )
    cores = pl.coalesce("of_alike", "of_kind", "of_all", pl.lit(_SMALLEST, pl.Int64))
    message = pl.format("{} Processor cores assumed: {}, {}.", "message", cores, _reason())
    return found.with_columns(
        assumed_cpu_cores=pl.when(about_cores).then(cores),
        message=pl.when(about_cores).then(message).otherwise("message"),
    ).select(gaps.columns)


def _reason() -> pl.Expr:
    kind = pl.col("asset_type").str.replace("_", " ", literal=True)
    memory = pl.col("memory_gb").cast(pl.String).str.replace(r"\.0$", "")
    reasons = {
        "of_alike": pl.format("as {} of {} {}s with {} GiB have", "alike", "compared", kind, memory),
        "of_kind": pl.format("the median of the {}s that tell theirs ({})", kind, "kind_known"),
        "of_all": pl.format("the median of the machines that tell theirs ({})", "all_known"),
    }
    known = [pl.when(pl.col(name).is_not_null()).then(reason) for name, reason in reasons.items()]
    return pl.coalesce(*known, pl.lit("the smallest general size of a cloud"))


def _of_most_alike(known: pl.DataFrame) -> pl.DataFrame:
    """asset_type, memory_gb, of_alike (cores), alike (machines that have them), compared (all of that memory)."""
    found = (
        known.drop_nulls("memory_gb")
        .sort("machines", CORES, descending=[True, False])
        .group_by("asset_type", "memory_gb", maintain_order=True)
        .agg(
            of_alike=pl.col(CORES).first(),
            alike=pl.col("machines").first(),
            compared=pl.col("machines").sum(),
        )
    )
    return found.filter(pl.col("compared") >= _FEWEST_ALIKE, pl.col("alike") * 2 > pl.col("compared"))


def _of_each_kind(known: pl.DataFrame) -> pl.DataFrame:
    """asset_type, of_kind (cores), kind_known (machines it is the median of)."""
    return pl.DataFrame(
        [
            (kind, _lower_median(rows), rows["machines"].sum())
            for (kind,), rows in known.group_by("asset_type", maintain_order=True)
        ],
        schema={"asset_type": pl.String, "of_kind": pl.Int64, "kind_known": pl.Int64},
        orient="row",
    )


def _lower_median(known: pl.DataFrame) -> int | None:
    """Of the cores of all these machines; a number of cores that one of them has. Null: there are none."""
    ordered = known.sort(CORES)
    half = ordered.filter(ordered["machines"].cum_sum() * 2 >= ordered["machines"].sum())
    return int(half[CORES][0]) if half.height else None
