"""Server pools: many alike machines under numbered names are one thing to plan for."""

import polars as pl

from caravan_discovery.domain.inventory.identifiers import short_name
from caravan_discovery.domain.parts import Parts

SMALLEST = 3
# Names that number every machine of an estate tell no pool.
_GENERIC = (
    "server",
    "srv",
    "vm",
    "host",
    "machine",
    "computer",
    "win",
    "windows",
    "linux",
    "lnx",
    "node",
    "pc",
    "asset",
    "",
)
_NUMBERED = r"^(.*?[^\d])(\d{1,9})$"
# What machines of a pool have in common.
ALIKE = ("operating_system", "os_version", "cpu_cores", "memory_gb", "environment", "application_name")

_MEMBERS = {
    "natural_key": pl.String,
    "source": pl.String,
    "stem": pl.String,
    "group": pl.UInt64,
    "first": pl.Int64,
    "last": pl.Int64,
    "size": pl.UInt32,
}


def find_pools(machines: Parts) -> pl.DataFrame:
    """natural_key, pool for targets in a pool: a numbered name, the same system, size, environment and application.

    `machines`: natural_key, name, sources, is_target and likeness, one number for all of ALIKE. At least three of
    them, and at least half of the numbers between the first and the last are there.
    """
    short = short_name(pl.col("name"))
    source, stem = pl.col("sources").list.first(), short.str.extract(_NUMBERED, 1)
    number = short.str.extract(_NUMBERED, 2).cast(pl.Int64, strict=False)
    numbered = number.is_not_null() & ~stem.str.strip_chars_end("-_. ").is_in(list(_GENERIC))
    # Groups by one number instead of three texts: of most numbered names no pool comes.
    group = pl.when(numbered & pl.col("is_target")).then(
        pl.struct(source.alias("source"), stem.alias("stem"), "likeness").hash()
    )
    # Part by part: the texts of a million names are not needed at once.
    marks = [part.select(number=number, group=group).drop_nulls("group") for part in machines.batches()]
    marked = pl.concat([*marks, pl.DataFrame(schema={"number": pl.Int64, "group": pl.UInt64})])
    del marks
    sizes = marked.group_by("group", maintain_order=True).agg(
        first=pl.col("number").min(), last=pl.col("number").max(), size=pl.len()
    )
    dense = pl.col("size") * 2 >= pl.col("last") - pl.col("first") + 1
    sizes = sizes.filter((pl.col("size") >= SMALLEST) & dense)
    del marked
    pooled = [
        part.select("natural_key", source=source, stem=stem, group=group).join(
            sizes, on="group", how="inner", maintain_order="left"
        )
        for part in machines.batches()
        if sizes.height
    ]
    members = pl.concat([*pooled, pl.DataFrame(schema=_MEMBERS)])
    found = members.group_by("group", maintain_order=True).agg(
        pl.col("source", "stem", "first", "last").first(), members=pl.col("natural_key")
    )
    name = pl.format("{}[{}-{}]", pl.col("stem").str.strip_chars_end(" "), "first", "last")
    found = found.with_columns(pool=name).sort("source", "pool", pl.col("members").list.first())
    # Two pools of one name and range differ in size or system: number them.
    nth = pl.int_range(pl.len()).over("source", "pool")
    found = found.with_columns(
        pool=pl.format(
            "pool:{}:{}{}",
            "source",
            "pool",
            pl.when(nth > 0).then(pl.format("#{}", nth + 1)).otherwise(pl.lit("")),
        )
    )
    return (
        found.select("pool", natural_key="members")
        .explode("natural_key")
        .select("natural_key", "pool")
        .sort("natural_key")
    )
