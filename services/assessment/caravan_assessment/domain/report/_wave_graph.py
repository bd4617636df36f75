"""What depends on what, wave below wave: single applications where they fit, else a box for each wave."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

WIDTH, LABELS = 1000, 70
BOX_WIDTH, BOX_HEIGHT = 122, 26
_PITCH, _GAP = 46, 18
_MOST_IN_ROW, MOST_BOXES = 7, 84
_CHARACTERS = 18
_SWEEPS = 4


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    text: str
    title: str


@dataclass(frozen=True)
class Line:
    """`across`: it is cut, because its ends move in different waves."""

    path: str
    hard: bool
    across: bool
    title: str


@dataclass(frozen=True)
class Row:
    """A wave's band: its name, and from where to where it reaches."""

    text: str
    y: float
    height: float


@dataclass(frozen=True)
class WaveGraph:
    """`units` and `edges` that are shown; `cut` of them lie between waves."""

    rows: Sequence[Row] = ()
    boxes: Sequence[Box] = ()
    lines: Sequence[Line] = ()
    height: int = 0
    units: int = 0
    edges: int = 0
    cut: int = 0
    by_wave: bool = False


def draw_wave_graph(waves: pl.DataFrame, edges: pl.DataFrame) -> WaveGraph:
    """`waves`: natural_key, name, wave. `edges`: source, target (keys of units), kind, shared_service."""
    if not {"natural_key", "wave"} <= set(waves.columns):
        return WaveGraph()
    names = pl.col("name") if "name" in waves.columns else pl.col("natural_key")
    placed = waves.drop_nulls("wave").select("natural_key", "wave", name=names).sort("wave", "natural_key")
    if placed.is_empty():
        return WaveGraph()
    ties = _ties(placed, edges)
    by_wave = placed.height > MOST_BOXES
    shown, drawn = _by_wave(placed, ties) if by_wave else (placed, ties)
    return _draw(shown, drawn, placed.height, ties, by_wave=by_wave)


def _ties(placed: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """source, target, from, to (waves), hard, count: one row a pair of units that both have a wave."""
    if not {"source", "target", "kind"} <= set(edges.columns):
        edges = pl.DataFrame(schema={"source": pl.String, "target": pl.String, "kind": pl.String})
    if "shared_service" in edges.columns:
        edges = edges.filter(~pl.col("shared_service").fill_null(value=False))
    wave = placed.select("natural_key", "wave")
    return (
        edges.filter(pl.col("source") != pl.col("target"))
        .group_by("source", "target")
        .agg(hard=(pl.col("kind") != "soft").any(), count=pl.len())
        .join(wave.rename({"natural_key": "source", "wave": "from"}), on="source")
        .join(wave.rename({"natural_key": "target", "wave": "to"}), on="target")
        .sort("source", "target")
    )


def _by_wave(placed: pl.DataFrame, ties: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    key = pl.format("wave {}", "wave")
    shown = (
        placed.group_by("wave")
        .agg(units=pl.len())
        .sort("wave")
        .select("wave", natural_key=key, name=pl.format("{} units", "units"))
    )
    drawn = (
        ties.filter(pl.col("from") != pl.col("to"))
        .group_by("from", "to")
        .agg(hard=pl.col("hard").any(), count=pl.col("count").sum())
        .sort("from", "to")
        .with_columns(source=pl.format("wave {}", "from"), target=pl.format("wave {}", "to"))
    )
    return shown, drawn


def _draw(
    shown: pl.DataFrame, drawn: pl.DataFrame, units: int, ties: pl.DataFrame, *, by_wave: bool
) -> WaveGraph:
    names = dict(shown.select("natural_key", "name").iter_rows())
    order = _ordered(shown, drawn)
    rows: list[Row] = []
    places: dict[str, tuple[float, float]] = {}
    y = 0.0
    for wave, members in order.items():
        lines = -(-len(members) // _MOST_IN_ROW)
        rows.append(Row(f"wave {wave}", y, lines * _PITCH))
        places |= _place(members, y)
        y += lines * _PITCH + _GAP
    boxes = [Box(*places[key], _short(str(names[key])), str(names[key])) for key in sorted(places)]
    return WaveGraph(
        rows=rows,
        boxes=boxes,
        lines=list(_lines(drawn, places, names)),
        height=int(y),
        units=units,
        edges=int(ties["count"].sum()),
        cut=int(ties.filter(pl.col("from") != pl.col("to"))["count"].sum()),
        by_wave=by_wave,
    )


def _ordered(shown: pl.DataFrame, drawn: pl.DataFrame) -> dict[int, list[str]]:
    """Keys by wave, each near those it is tied to, so that few lines cross."""
    waves: dict[int, list[str]] = {}
    for key, wave in shown.select("natural_key", "wave").iter_rows():
        waves.setdefault(wave, []).append(key)
    tied: dict[str, list[str]] = {key: [] for members in waves.values() for key in members}
    for source, target in drawn.select("source", "target").iter_rows():
        tied[source].append(target)
        tied[target].append(source)
    at = {key: (n + 0.5) / len(members) for members in waves.values() for n, key in enumerate(members)}
    for _ in range(_SWEEPS):
        for members in waves.values():
            mean = {key: sum(at[each] for each in tied[key]) / max(1, len(tied[key])) for key in members}
            members.sort(key=lambda key: (round(mean[key], 6), key))
            at.update({key: (n + 0.5) / len(members) for n, key in enumerate(members)})
    return waves


def _place(members: Sequence[str], y: float) -> dict[str, tuple[float, float]]:
    places = {}
    lines = -(-len(members) // _MOST_IN_ROW)
    for line in range(lines):
        row = members[line::lines]
        pitch = (WIDTH - LABELS) / len(row)
        for number, key in enumerate(row):
            places[key] = (round(LABELS + pitch * (number + 0.5), 1), y + line * _PITCH + _PITCH / 2)
    return places


def _lines(
    drawn: pl.DataFrame, places: dict[str, tuple[float, float]], names: dict[str, object]
) -> Iterator[Line]:
    # Hard ones last, so that they lie on top.
    rows = drawn.sort("hard", "source", "target").select("source", "target", "from", "to", "hard", "count")
    for source, target, before, after, hard, count in rows.iter_rows():
        (x0, y0), (x1, y1) = places[source], places[target]
        middle = (y0 + y1) / 2 + (0 if y0 != y1 else 20)
        edges = f" ({count:,} edges)" if count > 1 else ""
        yield Line(
            path=f"M{x0:g} {y0:g}Q{(x0 + x1) / 2:g} {middle:g} {x1:g} {y1:g}",
            hard=hard,
            across=before != after,
            title=f"{names[source]} needs {names[target]}{edges}",
        )


def _short(text: str) -> str:
    return text if len(text) <= _CHARACTERS else f"{text[: _CHARACTERS - 1].rstrip()}…"
