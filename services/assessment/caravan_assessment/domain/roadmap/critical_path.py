"""The chain of waves that order edges tie to each other and that takes longest: what delays it delays the end."""

from collections import defaultdict
from collections.abc import Mapping

import polars as pl

from caravan_assessment.domain.portfolio.schema import HARD_ORDER


def link_waves(placed: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """first, then (waves), count, example: order edges between units of different waves, by waves.

    `edges`: as orient_edges makes them: the target's wave comes first.
    """
    there = placed.drop_nulls("wave").select(key="natural_key", wave="wave", name="name")
    order = edges.filter(pl.col("kind") == HARD_ORDER, ~pl.col("shared_service"))
    tied = (
        order.join(there.rename({"key": "target", "wave": "first", "name": "needed"}), on="target")
        .join(there.rename({"key": "source", "wave": "then", "name": "needs"}), on="source")
        .filter(pl.col("first") < pl.col("then"))
        .sort("first", "then", "needed", "needs")
    )
    return (
        tied.group_by("first", "then", maintain_order=True)
        .agg(
            count=pl.len().cast(pl.Int64),
            example=pl.format("{} before {}", "needed", "needs").first(),
        )
        .sort("then", "first")
    )


def find_critical(days: Mapping[int, int], links: pl.DataFrame) -> list[int]:
    """Waves of the chain of most days, in order; of equal ones that which ends last. `days`: of each used wave."""
    before: dict[int, list[int]] = defaultdict(list)
    for first, then in links.select("first", "then").iter_rows():
        before[then].append(first)
    longest: dict[int, int] = {}
    came_from: dict[int, int | None] = {}
    for wave in sorted(days):
        came_from[wave] = max(before[wave], key=lambda each: (longest[each], each), default=None)
        origin = came_from[wave]
        longest[wave] = days[wave] + (longest[origin] if origin is not None else 0)
    at: int | None = max(longest, key=lambda wave: (longest[wave], wave), default=None)
    path: list[int] = []
    while at is not None:
        path.append(at)
        at = came_from[at]
    return path[::-1]
