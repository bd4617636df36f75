"""Assets whose loss takes a part of the estate apart: cut points of the graph of what depends on what."""

from itertools import chain

import polars as pl
import rustworkx as rx

from caravan_discovery.domain.dependencies.between import BETWEEN

HOSTED = "database on server"
# Whoever hangs on one other only is no cut point itself: taken off by column operations, round by round, so that of
# a million memberships next to nothing is left for the graph. What a few rounds leave the graph settles as well.
_ROUNDS = 8


def find_cut_points(edges: pl.DataFrame) -> pl.DataFrame:
    """asset_key, cut_off: how many assets its loss cuts off from the largest part of what it held together.

    `edges`: source_key, target_key, origin, shared_service; taken without direction, those of shared services left
    out. A database on one server stands and falls with it: it is lost, not cut off. An edge between applications
    that only repeats what their machines were seen to say holds nothing together. Sorted by asset_key.
    """
    counted = edges.filter(~pl.col("shared_service"), pl.col("origin") != BETWEEN)
    hosts = _hosts(counted)
    pairs = _pairs(counted, hosts)
    own = hosts.group_by(at="server").agg(own=1 + pl.len().cast(pl.Int64))
    leaves = _leaves(pairs)
    hanging = _hanging(leaves, _loads(leaves["leaf"], own))
    pairs = _without(pairs, leaves)
    # Numbers instead of names from here on: a graph takes nothing else.
    names = pl.concat([pairs["left"], pairs["right"], hanging["at"]]).unique().sort()
    number = pl.DataFrame({"name": names}).with_row_index("at")
    for side in ("left", "right"):
        named = pairs.select(name=side).join(number, on="name", how="left", maintain_order="left")
        pairs = pairs.with_columns(named["at"].alias(side))
    load = _hung(_loads(names, own), hanging).sort("at").drop("at").with_row_index("at")
    found = _weigh_cuts(pairs, load)
    return found.select(asset_key=names.gather(found["at"]), cut_off="cut_off").sort("asset_key")


def _loads(names: pl.Series, own: pl.DataFrame) -> pl.DataFrame:
    """at, own (assets it stands for), weight (with all that hangs on it), largest and number of pieces that hang."""
    loads = (
        pl.DataFrame({"at": names}).join(own, on="at", how="left").with_columns(pl.col("own").fill_null(1))
    )
    nothing = pl.lit(0, pl.Int64)
    return loads.select("at", "own", weight="own", largest=nothing, pieces=nothing)


def _pairs(edges: pl.DataFrame, hosts: pl.DataFrame) -> pl.DataFrame:
    """left < right: each two that an edge ties, once, servers in place of the databases on them."""
    ends = edges.select("source_key", "target_key")
    if hosts.height:
        ends = ends.select(pl.all().replace(hosts["database"], hosts["server"]))
    ends = ends.filter(pl.col("source_key") != pl.col("target_key"))
    return ends.select(left=pl.min_horizontal(pl.all()), right=pl.max_horizontal(pl.all())).unique()


def _hosts(edges: pl.DataFrame) -> pl.DataFrame:
    """database, server: of databases that run on one server; a cluster is not lost with one of its machines."""
    hosted = edges.filter(pl.col("origin") == HOSTED).select(database="source_key", server="target_key")
    alone = hosted.unique().filter(pl.len().over("database") == 1)
    # A server that is itself said to run somewhere would make a chain.
    return alone.filter(~pl.col("server").is_in(alone["database"].implode())).sort("database")


def _weigh_cuts(pairs: pl.DataFrame, load: pl.DataFrame) -> pl.DataFrame:
    """at, cut_off of every cut point. `pairs`: left, right; `load`: see _loads."""
    taken: list[pl.DataFrame] = []
    for _ in range(_ROUNDS):
        leaves = _leaves(pairs)
        if leaves.is_empty():
            break
        taken.append(leaves.join(load, left_on="leaf", right_on="at").rename({"leaf": "at"}))
        gone = leaves["leaf"].implode()
        load = _hung(load.filter(~pl.col("at").is_in(gone)), _hanging(leaves, load))
        pairs = _without(pairs, leaves)
    sides, totals = _find_sides(pairs, load)
    return pl.concat([_core_cuts(load, sides, totals), _hanging_cuts(load, taken, totals)])


def _hanging(leaves: pl.DataFrame, load: pl.DataFrame) -> pl.DataFrame:
    """at, more, biggest, count: what comes to hang on those that the leaves hang on."""
    weights = leaves.join(load.select("at", "weight"), left_on="leaf", right_on="at")
    count = pl.len().cast(pl.Int64)
    return weights.group_by(at="on").agg(
        more=pl.col("weight").sum(), biggest=pl.col("weight").max(), count=count
    )


def _hung(load: pl.DataFrame, hanging: pl.DataFrame) -> pl.DataFrame:
    """The loads with what hangs on them."""
    return load.join(hanging, on="at", how="left").select(
        "at",
        "own",
        pl.col("weight") + pl.col("more").fill_null(0),
        pl.max_horizontal("largest", "biggest").alias("largest"),
        pl.col("pieces") + pl.col("count").fill_null(0),
    )


def _leaves(pairs: pl.DataFrame) -> pl.DataFrame:
    """leaf, on: nodes with a single neighbour. Of two that have only each other, one."""
    both = pl.concat([pairs.select(leaf="left", on="right"), pairs.select(leaf="right", on="left")])
    nodes = both.group_by("leaf").agg(pl.col("on").first(), degree=pl.len())
    several = nodes.filter(pl.col("degree") > 1)["leaf"].implode()
    alone = nodes.filter(pl.col("degree") == 1)
    return alone.filter(pl.col("on").is_in(several) | (pl.col("leaf") > pl.col("on"))).select("leaf", "on")


def _without(pairs: pl.DataFrame, leaves: pl.DataFrame) -> pl.DataFrame:
    """Pairs of which no end is a leaf."""
    rest = pairs.join(leaves, left_on=["left", "right"], right_on=["leaf", "on"], how="anti")
    return rest.join(leaves, left_on=["left", "right"], right_on=["on", "leaf"], how="anti")


def _hanging_cuts(load: pl.DataFrame, taken: list[pl.DataFrame], totals: pl.DataFrame) -> pl.DataFrame:
    """Of what was taken off those on which something hangs: it parts that from all the rest."""
    roots = load.select("at", root="at")
    for leaves in reversed(taken):
        further = leaves.select("at", "on").join(roots, left_on="on", right_on="at").select("at", "root")
        roots = pl.concat([roots, further])
    between = [leaves.drop("on").filter(pl.col("pieces") > 0) for leaves in taken]
    rows = pl.concat([load.clear(), *between]).join(roots, on="at")
    rows = rows.join(totals, left_on="root", right_on="at")
    rest = pl.max_horizontal("largest", pl.col("total") - pl.col("weight"))
    return rows.select("at", cut_off=pl.col("total") - pl.col("own") - rest)


def _core_cuts(load: pl.DataFrame, sides: pl.DataFrame, totals: pl.DataFrame) -> pl.DataFrame:
    """Of the rest those that hold at least two pieces together, be they blocks or what hangs on them."""
    blocks = sides.group_by("at").agg(blocks=pl.len().cast(pl.Int64), side=pl.col("side").max())
    rows = load.join(blocks, on="at", how="left").join(totals, on="at")
    held = pl.col("pieces") + pl.col("blocks").fill_null(0)
    rest = pl.max_horizontal("largest", "side")
    return rows.filter(held > 1).select("at", cut_off=pl.col("total") - pl.col("own") - rest)


def _find_sides(pairs: pl.DataFrame, load: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(at, side) per node and block it lies in, the assets on that side of it; (at, total) of its whole part."""
    nodes = load.with_row_index("node")
    ends = [
        pairs.join(nodes, left_on=side, right_on="at", maintain_order="left")["node"]
        for side in ("left", "right")
    ]
    graph = rx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(nodes.height))
    graph.add_edges_from_no_data(list(zip(*ends, strict=True)))
    parts = [sorted(part) for part in rx.connected_components(graph)]
    of_parts = pl.DataFrame(
        {
            "node": list(chain.from_iterable(parts)),
            "part": [number for number, part in enumerate(parts) for _ in part],
        },
        schema={"node": pl.UInt32, "part": pl.UInt32},
    )
    whole = of_parts.join(nodes.select("node", "at", "weight"), on="node")
    totals = whole.select("at", total=pl.col("weight").sum().over("part"))
    lies_in = _blocks(graph).join(nodes.select("node", "at", "weight"), on="node")
    several = pl.len().over("node") > 1
    inner = lies_in.filter(~several).join(totals, on="at")
    sides = [inner.select("at", side=pl.col("total") - pl.col("weight")), _sides_of_joints(lies_in)]
    return pl.concat(sides), totals


def _blocks(graph: "rx.PyGraph[int, None]") -> pl.DataFrame:
    """node, block: blocks are parts that hold together whichever one node is lost."""
    of_edges = rx.biconnected_components(graph)
    blocks = pl.Series("block", list(of_edges.values()), pl.UInt32)
    ends = [
        pl.DataFrame({"node": pl.Series([edge[side] for edge in of_edges], dtype=pl.UInt32), "block": blocks})
        for side in (0, 1)
    ]
    return pl.concat(ends).unique().sort("node", "block")


def _sides_of_joints(lies_in: pl.DataFrame) -> pl.DataFrame:
    """at, side of nodes in several blocks, which with these make trees: sums from the leaves of each to its root.

    `lies_in`: at, node, block, weight.
    """
    several = pl.len().over("node") > 1
    joints = lies_in.filter(several)
    within = lies_in.filter(~several).group_by("block").agg(pl.col("weight").sum())
    weights: dict[int, int] = dict(within.iter_rows())
    own: dict[int, int] = dict(joints.select("at", "weight").unique().iter_rows())
    blocks_of: dict[int, list[int]] = {}
    joints_of: dict[int, list[int]] = {}
    for at, block in joints.select("at", "block").iter_rows():
        blocks_of.setdefault(at, []).append(block)
        joints_of.setdefault(block, []).append(at)
    found: list[tuple[int, int]] = []
    seen: set[int] = set()
    for root in joints_of:
        if root in seen:
            continue
        # (block, the joint it was come to by), each before those behind it.
        steps: list[tuple[int, int | None]] = [(root, None)]
        for block, before in steps:
            seen.add(block)
            steps += [
                (each, joint)
                for joint in joints_of[block]
                if joint != before
                for each in blocks_of[joint]
                if each != block
            ]
        behind: dict[int, int] = {}  # block → its own weight and all behind it
        beyond: dict[int, int] = {}  # joint → the sum of the blocks behind it
        for block, before in reversed(steps):
            further = [joint for joint in joints_of[block] if joint != before]
            behind[block] = weights.get(block, 0) + sum(own[joint] + beyond[joint] for joint in further)
            if before is not None:
                beyond[before] = beyond.get(before, 0) + behind[block]
                found.append((before, behind[block]))
        found += [(joint, behind[root] - own[joint] - beyond[joint]) for joint in beyond]
    return pl.DataFrame(found, schema={"at": pl.UInt32, "side": pl.Int64}, orient="row")
