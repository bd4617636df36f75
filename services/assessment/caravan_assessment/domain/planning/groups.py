"""How large the units are that must move as one: tied ones, and circles of those that need each other."""

import polars as pl
import rustworkx as rx

from caravan_assessment.domain.portfolio.schema import HARD_ORDER, MUST_TOGETHER


def measure_largest(planned: pl.DataFrame, edges: pl.DataFrame) -> tuple[float, int]:
    """Most effort and most servers of any such group. `planned`: natural_key, effort, servers."""
    if planned.is_empty():
        return 0.0, 0
    place = {key: number for number, key in enumerate(planned["natural_key"])}
    graph: rx.PyDiGraph[int, None] = rx.PyDiGraph()
    graph.add_nodes_from(range(len(place)))
    binding = edges.filter(pl.col("kind").is_in([MUST_TOGETHER, HARD_ORDER]), ~pl.col("shared_service"))
    for source, target, kind in binding.select("source", "target", "kind").iter_rows():
        if source in place and target in place:
            graph.add_edge(place[source], place[target], None)
            if kind == MUST_TOGETHER:
                graph.add_edge(place[target], place[source], None)
    groups = rx.strongly_connected_components(graph)
    effort, servers = planned["effort"].to_list(), planned["servers"].to_list()
    return (
        max(sum(effort[member] for member in group) for group in groups),
        max(sum(servers[member] for member in group) for group in groups),
    )
