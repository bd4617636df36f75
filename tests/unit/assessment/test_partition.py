"""Graphs are cut into parts of the balance asked for, the same way every time."""

import pytest

from caravan_assessment.domain.waves import partition_graph, read_metis
from caravan_assessment.domain.waves.partition import GraphIsNotUsable

# Two triangles of heavy edges, joined by a light one.
TWO_TRIANGLES = """% a comment
6 7 011
1 2 9 3 9
1 1 9 3 9
1 1 9 2 9 4 1
1 3 1 5 9 6 9
1 4 9 6 9
1 4 9 5 9
"""


def test_the_light_edge_is_cut() -> None:
    partition = partition_graph(read_metis(TWO_TRIANGLES), parts=2)
    assert (partition.cut, partition.heaviest, partition.balanced) == (1, 3, True)
    assert len(set(partition.parts[:3])) == len(set(partition.parts[3:])) == 1


def test_the_balance_is_held_even_where_it_cuts_more() -> None:
    partition = partition_graph(read_metis(TWO_TRIANGLES), parts=3)
    assert (partition.heaviest, partition.balanced) == (2, True)
    assert partition == partition_graph(read_metis(TWO_TRIANGLES), parts=3)


def test_a_node_heavier_than_a_part_is_said_to_break_the_balance() -> None:
    heavy = TWO_TRIANGLES.replace("\n1 2 9 3 9", "\n50 2 9 3 9")
    assert not partition_graph(read_metis(heavy), parts=2).balanced


def test_a_graph_without_weights_is_read() -> None:
    graph = read_metis("3 2\n2\n1 3\n2\n")
    assert graph.weights == (1, 1, 1)
    assert graph.neighbours == (((1, 1),), ((0, 1), (2, 1)), ((1, 1),))


@pytest.mark.parametrize("text", ["", "3 2\n2\n", "3 5\n2\n1 3\n2\n", "1 0 011 2\n1 1\n"])
def test_what_is_no_graph_is_refused(text: str) -> None:
    with pytest.raises(GraphIsNotUsable):
        read_metis(text)
