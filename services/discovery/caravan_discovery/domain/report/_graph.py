"""The report's first picture: what depends on what, in rows from those that need to those that are needed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl
import rustworkx as rx

from caravan_discovery.domain.report._clusters import Clusters, Tie, cluster

_EDGE_COLUMNS = {"source_name", "target_name", "source_key", "target_key", "kind", "weight", "shared_service"}
WIDTH = 1000
BOX_WIDTH, BOX_HEIGHT = 134, 26
_ROW_PITCH, _MOST_IN_ROW = 74, 7
_SWEEPS = 8
_CHARACTERS = 20


@dataclass(frozen=True)
class Box:
    """An application (or asset), or several of them; `circle` if it depends on itself over others."""

    x: float
    y: float
    text: str
    title: str
    circle: bool


@dataclass(frozen=True)
class Line:
    """A tie as a path with its head; `back` goes against the order of the rows, which closes a circle."""

    path: str
    head: str
    hard: bool
    back: bool
    title: str


@dataclass(frozen=True)
class Graph:
    """Everything drawn, and what its caption needs to say. `edges` counts the edges between `ends`."""

    boxes: Sequence[Box] = ()
    lines: Sequence[Line] = ()
    height: int = 0
    ends: int = 0
    edges: int = 0
    inside: int = 0
    applications: bool = False
    aggregated: bool = False


def draw_graph(edges: pl.DataFrame, assets: pl.DataFrame) -> Graph:
    """Applications and what lies between them where there is any; else all assets. Shared services are left out."""
    if not set(edges.columns) >= _EDGE_COLUMNS:
        return Graph()
    mine = edges.filter(~pl.col("shared_service"))
    between = _between_applications(mine, assets)
    shown = mine if between.is_empty() else between
    ties = _ties(shown)
    if not ties:
        return Graph()
    clusters = cluster(ties)
    return _draw(clusters, shown, applications=not between.is_empty())


def _between_applications(edges: pl.DataFrame, assets: pl.DataFrame) -> pl.DataFrame:
    if not {"natural_key", "asset_type"} <= set(assets.columns):
        return edges.clear()
    keys = assets.filter(pl.col("asset_type") == "application")["natural_key"].implode()
    return edges.filter(pl.col("source_key").is_in(keys), pl.col("target_key").is_in(keys))


def _ties(edges: pl.DataFrame) -> list[Tie]:
    """One tie per pair of names; the count is that of the rows of the export."""
    named = edges.select(
        "kind",
        "weight",
        source=pl.coalesce("source_name", "source_key"),
        target=pl.coalesce("target_name", "target_key"),
    ).filter(pl.col("source") != pl.col("target"))
    pairs = named.group_by("source", "target").agg(
        weight=pl.col("weight").sum(), count=pl.len(), hard=(pl.col("kind") != "soft").any()
    )
    return [Tie(*row) for row in pairs.sort("source", "target").iter_rows()]


def _draw(clusters: Clusters, edges: pl.DataFrame, *, applications: bool) -> Graph:
    pairs = [(tie.source, tie.target) for tie in clusters.ties]
    layers = _layers(sorted(clusters.leads), pairs)
    rows = _rows(layers, pairs)
    places = {name: place for row in _coordinates(rows) for name, place in row}
    circles = {name for part in _circles(list(clusters.leads), pairs) for name in part}
    labels = {name: _label(clusters, name) for name in clusters.leads}
    boxes = [
        Box(*places[name], _short(clusters, name), labels[name], circle=name in circles)
        for name in sorted(places)
    ]
    ends = sum(clusters.sizes.values())
    drawn = edges.height - edges.filter(pl.col("source_name") == pl.col("target_name")).height
    return Graph(
        boxes=boxes,
        lines=[_line(tie, places, labels) for tie in sorted(clusters.ties, key=lambda t: t.hard)],
        height=len(rows) * _ROW_PITCH - 30,
        ends=ends,
        edges=drawn,
        inside=clusters.inside,
        applications=applications,
        aggregated=clusters.aggregated,
    )


def _circles(names: Sequence[str], pairs: Sequence[tuple[str, str]]) -> list[list[str]]:
    graph, number = rx.PyDiGraph(), {name: at for at, name in enumerate(names)}
    graph.add_nodes_from(list(names))
    graph.add_edges_from_no_data([(number[source], number[target]) for source, target in pairs])
    parts = rx.strongly_connected_components(graph)
    return [[names[node] for node in part] for part in parts if len(part) > 1]


def _layers(names: Sequence[str], pairs: Sequence[tuple[str, str]]) -> dict[str, int]:
    """0 for what nobody needs, else one below the lowest that needs it; ties that close a circle don't count."""
    needs: dict[str, list[str]] = {name: [] for name in names}
    for source, target in pairs:
        needs[source].append(target)
    needed = {target for _, target in pairs}
    # Those nobody needs first, so that a circle is entered where the estate enters it.
    order = sorted(names, key=lambda name: (name in needed, -len(needs[name]), name))
    finished: list[str] = []
    state: dict[str, int] = {}
    forward: list[tuple[str, str]] = []
    for start in order:
        if start in state:
            continue
        state[start] = 1
        stack = [(start, iter(sorted(needs[start])))]
        while stack:
            name, targets = stack[-1]
            target = next(targets, "")
            if not target:
                state[name] = 2
                finished.append(name)
                stack.pop()
            elif state.get(target) != 1:
                forward.append((name, target))
                if target not in state:
                    state[target] = 1
                    stack.append((target, iter(sorted(needs[target]))))
    below: dict[str, list[str]] = {}
    for source, target in forward:
        below.setdefault(source, []).append(target)
    layers = dict.fromkeys(names, 0)
    for name in reversed(finished):
        for target in below.get(name, ()):
            layers[target] = max(layers[target], layers[name] + 1)
    return layers


def _rows(layers: Mapping[str, int], pairs: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Names by row of the picture, ordered so that few lines cross: each near those it is tied to."""
    columns: list[list[str]] = [[] for _ in range(max(layers.values()) + 1)]
    for name in sorted(layers):
        columns[layers[name]].append(name)
    tied: dict[str, list[str]] = {name: [] for name in layers}
    for source, target in pairs:
        tied[source].append(target)
        tied[target].append(source)
    at = {name: (position + 0.5) / len(layer) for layer in columns for position, name in enumerate(layer)}
    for _ in range(_SWEEPS):
        for layer in columns:
            mean = {name: sum(at[each] for each in tied[name]) / max(1, len(tied[name])) for name in layer}
            layer.sort(key=lambda name: (round(mean[name], 6), name))
            at.update({name: (position + 0.5) / len(layer) for position, name in enumerate(layer)})
    rows: list[list[str]] = []
    for layer in columns:
        count = -(-len(layer) // _MOST_IN_ROW)
        # Dealt out in turn, so that each row keeps the order over the whole width.
        rows += [layer[start::count] for start in range(count)]
    return rows


def _coordinates(rows: Sequence[Sequence[str]]) -> list[list[tuple[str, tuple[float, float]]]]:
    placed = []
    for number, row in enumerate(rows):
        pitch = WIDTH / max(len(row), 1)
        # Every second row a little aside, so that lines find a way between the boxes above.
        shift = 0 if len(row) == _MOST_IN_ROW else (12 if number % 2 else -12)
        placed.append(
            [
                (name, (round(pitch * (at + 0.5) + shift, 1), number * _ROW_PITCH + 20.0))
                for at, name in enumerate(row)
            ]
        )
    return placed


def _line(tie: Tie, places: Mapping[str, tuple[float, float]], labels: Mapping[str, str]) -> Line:
    (x0, y0), (x1, y1) = places[tie.source], places[tie.target]
    back = y1 <= y0
    half = BOX_HEIGHT / 2
    start, end = (y0 - half, y1 + half) if back else (y0 + half, y1 - half)
    bend = (end - start) / 2
    # Heads need no marker: every line arrives upright.
    tip = 6 if back else -6
    count = f" ({tie.count:,} edges)" if tie.count > 1 else ""
    return Line(
        path=f"M{x0:g} {start:g}C{x0:g} {start + bend:g} {x1:g} {end - bend:g} {x1:g} {end:g}",
        head=f"M{x1:g} {end:g}l-3.5 {tip}h7z",
        hard=tie.hard,
        back=back,
        title=f"{labels[tie.source]} needs {labels[tie.target]}{count}",
    )


def _label(clusters: Clusters, name: str) -> str:
    lead, size = clusters.leads[name], clusters.sizes[name]
    if name == clusters.rest:
        return f"{size:,} in small groups"
    return lead if size == 1 else f"{lead} and {size - 1:,} more"


def _short(clusters: Clusters, name: str) -> str:
    """What fits into the box: cut in the name, never in the number behind it."""
    label, size = _label(clusters, name), clusters.sizes[name]
    if len(label) <= _CHARACTERS or name == clusters.rest:
        return label
    tail = f" +{size - 1:,}" if size > 1 else ""
    lead, room = clusters.leads[name], _CHARACTERS - len(tail)
    return (lead if len(lead) <= room else f"{lead[: room - 1].rstrip()}…") + tail
