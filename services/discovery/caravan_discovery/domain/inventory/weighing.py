"""What speaks for and against two records of different sources being one machine."""

import polars as pl

from caravan_discovery.domain.inventory.identifiers import IDENTIFIERS
from caravan_discovery.domain.parts import table_schema

PAIRS = table_schema(
    {
        "left": pl.String,
        "right": pl.String,
        "kinds": pl.List(pl.String),
        "against": pl.List(pl.String),
        "sure": pl.Boolean,
    }
)
_HARDWARE = ("bios_uuid", "hardware_uuid", "serial_number")
# Hardware that differs weighs as much as two identifiers that agree: a name outlives the machine that bore it.
_WEIGHTS = {"hardware": 2, "mac": 1, "name": 1, "address": 1}


def weigh_pairs(pairs: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """PAIRS, one row per pair, the surest first. `pairs`: left, right, kind, value; `facts`: see read_facts.

    `kinds` are the identifiers that agree, strongest first. `against` is what both know and differ in: hardware
    (uuid, else serial number), mac, name (short and full), and the address where the name differs too. One that
    agrees outweighs one that differs: a pair is `sure` unless more speaks against it than for it.
    """
    rank = pl.col("kind").replace_strict(
        list(IDENTIFIERS), list(range(len(IDENTIFIERS))), return_dtype=pl.Int8
    )
    agreed = (
        pairs.with_columns(rank=rank)
        .sort("left", "right", "rank")
        .group_by("left", "right", maintain_order=True)
        .agg(
            kinds=pl.col("kind").unique(maintain_order=True),
            rank=pl.col("rank").first(),
            value=pl.col("value").first(),
        )
    )
    for side in ("left", "right"):
        renamed = facts.rename({name: f"{side}:{name}" for name in facts.columns if name != "entity"})
        agreed = agreed.join(renamed, left_on=side, right_on="entity", how="left", maintain_order="left")
    # The two ways in which one uuid is told are one witness.
    witnesses = pl.col("kinds").list.eval(pl.element().replace("hardware_uuid", "bios_uuid")).list.n_unique()
    judged = agreed.with_columns(_against(), witnesses=witnesses).with_columns(
        weight=pl.col("against")
        .list.eval(pl.element().replace_strict(_WEIGHTS, return_dtype=pl.Int64))
        .list.sum()
    )
    # Names of applications are all that they have.
    sure = (pl.col("weight") <= pl.col("witnesses")) | pl.col("kinds").list.contains("application_name")
    return (
        judged.with_columns(sure=sure, surplus=pl.col("witnesses") - pl.col("weight"))
        .sort("surplus", "rank", "value", "left", "right", descending=[True, False, False, False, False])
        .select(PAIRS.names())
        .cast(PAIRS)
    )


def _against() -> pl.Expr:
    same_hardware = pl.any_horizontal(pl.col("kinds").list.contains(kind) for kind in _HARDWARE)
    uuids, serials = _differ("uuids"), _differ("serials")
    comparable = pl.col("left:uuids").list.len() * pl.col("right:uuids").list.len() > 0
    hardware = pl.when(comparable.fill_null(False)).then(uuids).otherwise(serials) & ~same_hardware
    # The same short name in another domain is more often a name told wrongly than another machine.
    name = _differ("names")
    differing = {
        "hardware": hardware,
        "mac": _differ("macs"),
        "name": name,
        "address": name & _differ("addresses"),
    }
    found = [pl.when(differs).then(pl.lit(what)) for what, differs in differing.items()]
    return pl.concat_list(found).list.drop_nulls().alias("against")


def _differ(fact: str) -> pl.Expr:
    """Both know it, and have nothing in common."""
    left, right = pl.col(f"left:{fact}"), pl.col(f"right:{fact}")
    known = (left.list.len() > 0) & (right.list.len() > 0)
    return (known & (left.list.set_intersection(right).list.len() == 0)).fill_null(False)
