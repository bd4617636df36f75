"""Groups of assets that depend on each other in a circle. A cycle is normal and becomes one group."""

import polars as pl
import rustworkx as rx

from caravan_discovery.domain.parts import table_schema

GROUPS = table_schema(
    {
        "natural_key": pl.String,
        "kind": pl.String,
        "members": pl.List(pl.String),
        "size": pl.Int64,
        "edges": pl.Int64,
        "reason": pl.String,
    }
)


# Origins of edges that somebody stated. What was only observed makes no group: with all of it, most is one lump.
STATED = ("application dependency", "depends on")
REASONS = {
    "cycle": "depend on each other in a circle of hard edges: they move together",
    "loose_cycle": "depend on each other in a circle that can be cut at a soft edge",
}


def find_groups(edges: pl.DataFrame) -> pl.DataFrame:
    """Circles of at least two assets. `edges`: source_key, target_key, kind, origin, shared_service.

    Hard edges and stated ones count, none of a shared service. `kind` is cycle where the hard edges alone hold all
    its members together, else loose_cycle. Two edges in opposite directions are a circle of two.
    """
    counted = edges.filter(
        (pl.col("kind") != "soft") | pl.col("origin").is_in(STATED), ~pl.col("shared_service")
    )
    circles = _find_circles(counted)
    if circles.is_empty():
        return GROUPS.to_frame()
    hard = _whole(_find_circles(counted.filter(pl.col("kind") != "soft"))).select("whole", hard=pl.lit(True))
    pairs = counted.select("source_key", "target_key").unique()
    inside = (
        pairs.join(circles, left_on="source_key", right_on="member")
        .join(circles, left_on="target_key", right_on="member", suffix="_to")
        .filter(pl.col("circle") == pl.col("circle_to"))
        .group_by("circle")
        .agg(edges=pl.len().cast(pl.Int64))
    )
    kind = pl.when(pl.col("hard")).then(pl.lit("cycle"))
    return (
        _whole(circles)
        .join(inside, on="circle", how="left")
        .join(hard, on="whole", how="left")
        .with_columns(
            natural_key=pl.format("group:{}", pl.col("members").list.first()),
            kind=kind.otherwise(pl.lit("loose_cycle")),
            size=pl.col("members").list.len().cast(pl.Int64),
        )
        .with_columns(reason=pl.col("kind").replace_strict(REASONS, return_dtype=pl.String))
        .sort(pl.col("members").list.first())
        .select(pl.col(name).cast(dtype) for name, dtype in GROUPS.items())
    )


def _whole(circles: pl.DataFrame) -> pl.DataFrame:
    """circle, members (sorted), whole (the members as one text, to compare by)."""
    grouped = circles.group_by("circle").agg(members=pl.col("member").sort())
    return grouped.with_columns(whole=pl.col("members").list.join("\x1f"))


def _find_circles(edges: pl.DataFrame) -> pl.DataFrame:
    """circle (number), member: strongly connected components of two or more."""
    ends = edges.select("source_key", "target_key").unique()
    names = pl.concat([ends["source_key"], ends["target_key"]]).unique().sort()
    number = pl.DataFrame({"name": names}).with_row_index("number")
    pairs = ends.join(number, left_on="source_key", right_on="name").join(
        number, left_on="target_key", right_on="name", suffix="_to"
    )
    graph = rx.PyDiGraph()
    graph.add_nodes_from(range(len(names)))
    graph.add_edges_from_no_data(list(pairs.select("number", "number_to").iter_rows()))
    parts = [list(part) for part in rx.strongly_connected_components(graph) if len(part) > 1]
    table = pl.DataFrame({"node": parts}, schema={"node": pl.List(pl.Int64)}).with_row_index("circle")
    nodes = table.explode("node")
    return nodes.select("circle", member=names.gather(nodes["node"]))
