"""Cut points: who takes the estate apart when lost, held against trying it out node by node."""

import random

import polars as pl
import pytest
import rustworkx as rx

from caravan_discovery.domain.dependencies.cut_points import find_cut_points

Edge = tuple[str, str]


def edges(*pairs: Edge, origin: str = "observed flow", shared: bool = False) -> pl.DataFrame:
    return pl.DataFrame(
        [(left, right, origin, shared) for left, right in pairs],
        schema={
            "source_key": pl.String,
            "target_key": pl.String,
            "origin": pl.String,
            "shared_service": pl.Boolean,
        },
        orient="row",
    )


def found(table: pl.DataFrame) -> dict[str, int]:
    return dict(find_cut_points(table).iter_rows())


def tried(pairs: list[Edge]) -> dict[str, int]:
    """Each node taken out in turn: how many of its part can no longer be reached from the largest rest."""
    names = sorted({name for pair in pairs for name in pair})
    number = {name: at for at, name in enumerate(names)}
    graph = rx.PyGraph(multigraph=False)
    graph.add_nodes_from(names)
    graph.add_edges_from_no_data([(number[a], number[b]) for a, b in pairs if a != b])
    result = {}
    for name in names:
        part = rx.node_connected_component(graph, number[name]) - {number[name]}
        rest = graph.subgraph(sorted(part))
        pieces = sorted(len(piece) for piece in rx.connected_components(rest))
        if len(pieces) > 1:
            result[name] = sum(pieces[:-1])
    return result


@pytest.mark.parametrize("seed", range(60))
def test_what_is_found_is_what_trying_it_out_shows(seed: int) -> None:
    chance = random.Random(seed)
    nodes = [f"n{at:03d}" for at in range(chance.choice([4, 12, 40, 90]))]
    share = chance.choice([0.5, 0.9, 1.2, 2.0])
    pairs = [tuple(chance.sample(nodes, 2)) for _ in range(int(len(nodes) * share))]
    told = [(a, b) for a, b in pairs]

    assert found(edges(*told)) == tried(told)


def test_a_chain_longer_than_the_rounds_that_take_off_leaves_is_settled_by_the_graph() -> None:
    chain = [(f"n{at:03d}", f"n{at + 1:03d}") for at in range(60)]

    assert found(edges(*chain)) == tried(chain)
    assert found(edges(*chain))["n030"] == 30


def test_shared_infrastructure_holds_nothing_together() -> None:
    table = pl.concat([edges(("a", "b")), edges(("b", "dns"), ("c", "dns"), shared=True)])

    assert found(table) == {}


def test_two_that_stand_in_for_each_other_are_no_cut_points() -> None:
    assert found(edges(("web", "app1"), ("web", "app2"), ("app1", "db"), ("app2", "db"))) == {}


def test_a_database_falls_with_its_server_and_is_not_cut_off_from_it() -> None:
    hosted = edges(("ledger", "db-01"), origin="database on server")
    assert found(pl.concat([hosted, edges(("app", "db-01"), ("web", "app"))])) == {"app": 1}

    # What only the database talks to is cut off by the loss of the server.
    assert found(pl.concat([hosted, edges(("app", "db-01"), ("ledger", "report"))])) == {"db-01": 1}


def test_a_database_on_a_cluster_is_not_lost_with_one_of_its_machines() -> None:
    cluster = edges(("ledger", "db-01"), ("ledger", "db-02"), origin="database on server")

    assert found(pl.concat([cluster, edges(("app", "db-01"), ("app", "db-02"))])) == {}


def test_what_applications_seem_to_say_through_their_machines_is_no_second_way() -> None:
    members = edges(("Shop", "web"), ("Ledger", "db"), origin="application on asset")
    flows = edges(("web", "broker"), ("broker", "db"))
    told_twice = edges(("Shop", "Ledger"), origin="flow between their machines")

    assert found(pl.concat([members, flows, told_twice]))["broker"] == 2


def test_no_edges_no_cut_points() -> None:
    assert found(edges()) == {}
