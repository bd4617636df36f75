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

_SOURCE = pl.col("sources").list.first()
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
    # Groups by one number instead of three texts: of most numbered names no pool comes.
    group = pl.struct("source", "stem", "likeness").hash()
    # Part by part: the texts of a million names are not needed at once.
    marks = [
        _numbered_names(part).select("row", "number", group=group)
        for part in machines.batches(("name", "sources", "is_target", "likeness"))
    ]
    nothing = pl.DataFrame(schema={"row": pl.UInt32, "number": pl.Int64, "group": pl.UInt64})
    marked = pl.concat([*marks, nothing])
    sizes = marked.group_by("group", maintain_order=True).agg(
        first=pl.col("number").min(), last=pl.col("number").max(), size=pl.len()
    )
    dense = pl.col("size") * 2 >= pl.col("last") - pl.col("first") + 1
    sizes = sizes.filter((pl.col("size") >= SMALLEST) & dense)
    del marked
    groups = sizes["group"].implode()
    named = machines.batches(("natural_key", "name", "sources"))
    pooled = [
        _members_of(part, mine.filter(pl.col("group").is_in(groups))).join(
            sizes, on="group", how="inner", maintain_order="left"
        )
        for part, mine in zip(named, marks, strict=True)
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


def _numbered_names(machines: pl.DataFrame) -> pl.DataFrame:
    """row, source, stem, number, likeness of targets with a numbered name that is not every machine's."""
    target = machines.with_row_index("row").filter("is_target")
    named = target.select("row", "likeness", source=_SOURCE, short=short_name(pl.col("name"))).drop_nulls(
        "short"
    )
    parts = named.select(
        "row",
        "likeness",
        "source",
        stem=pl.col("short").str.extract(_NUMBERED, 1),
        number=pl.col("short").str.extract(_NUMBERED, 2).cast(pl.Int64, strict=False),
    ).drop_nulls("number")
    return parts.filter(~pl.col("stem").str.strip_chars_end("-_. ").is_in(list(_GENERIC)))


def _members_of(machines: pl.DataFrame, mine: pl.DataFrame) -> pl.DataFrame:
    """natural_key, source, stem, group of the rows of `mine` (row, group)."""
    stem = short_name(pl.col("name")).str.extract(_NUMBERED, 1)
    return machines[mine["row"]].select("natural_key", source=_SOURCE, stem=stem, group=mine["group"])
