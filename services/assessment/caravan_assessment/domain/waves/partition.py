"""Cuts a weighted graph into balanced parts of little cut. To be filled in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Graph:
    """Node weights, and per node its (neighbour, weight) pairs, both ways."""

    weights: tuple[int, ...]
    neighbours: tuple[tuple[tuple[int, int], ...], ...]


@dataclass(frozen=True, slots=True)
class Partition:
    parts: tuple[int, ...]
    cut: int
    heaviest: int


def read_metis(text: str) -> Graph:
    raise NotImplementedError


def partition_graph(graph: Graph, parts: int, imbalance: float = 0.03) -> Partition:
    raise NotImplementedError
