"""What depends on what, wave below wave: single units where they fit, else waves with arcs between them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

import polars as pl

from caravan_common.reporting import in_numbers

WIDTH, LABELS = 1000, 70
BOX_WIDTH, BOX_HEIGHT = 122, 26
_PITCH, _GAP = 46, 18
_MOST_IN_ROW, MOST_BOXES = 7, 240
_CHARACTERS = 17
_SWEEPS = 4
# Of a picture by wave: where its boxes stand, how far an arc over one wave reaches out, and how thick a line may be.
_BOX_X, _REACH, _THICKEST = 140.0, 60.0, 9.0
# As many treatments as can be told apart by their tone, the most frequent first.
MOST_TONES = 5


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    text: str
    title: str
    tone: int | None = None


@dataclass(frozen=True)
class Line:
    """`across`: it is cut, because its ends move in different waves. `width` only where it stands for many."""

    path: str
    hard: bool
    across: bool
    title: str
    width: float | None = None


@dataclass(frozen=True)
class Row:
    """A wave's band: its name, and from where to where it reaches."""

    text: str
    y: float
    height: float


@dataclass(frozen=True)
class WaveGraph:
    """`units` and `edges` that are shown; `cut` of them lie between waves. `treatments` in the order of their tones."""

    rows: Sequence[Row] = ()
    boxes: Sequence[Box] = ()
    lines: Sequence[Line] = ()
    height: int = 0
    units: int = 0
    edges: int = 0
    cut: int = 0
    by_wave: bool = False
    treatments: Sequence[str] = ()

    @property
    def legend(self) -> list[tuple[str, str]]:
        """Tone and treatment."""
        return [(f"team-{tone}", name.replace("_", " ")) for tone, name in enumerate(self.treatments, 1)]


def draw_wave_graph(waves: pl.DataFrame, edges: pl.DataFrame) -> WaveGraph:
    """`waves`: natural_key, name, wave, treatment. `edges`: source, target (keys of units), kind, shared_service."""
    if not {"natural_key", "wave"} <= set(waves.columns):
        return WaveGraph()
    names = pl.col("name") if "name" in waves.columns else pl.col("natural_key")
    treatment = pl.col("treatment") if "treatment" in waves.columns else pl.lit(None, pl.String)
    placed = (
        waves.drop_nulls("wave")
        .select("natural_key", "wave", name=names, treatment=treatment)
        .sort("wave", "natural_key")
    )
    if placed.is_empty():
        return WaveGraph()
    ties = _ties(placed, edges)
    drawn = _draw_waves(placed, ties) if placed.height > MOST_BOXES else _draw_units(placed, ties)
    return replace(
        drawn,
        units=placed.height,
        edges=int(ties["count"].sum()),
        cut=int(ties.filter(pl.col("from") != pl.col("to"))["count"].sum()),
    )


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


def _draw_waves(placed: pl.DataFrame, ties: pl.DataFrame) -> WaveGraph:
    """A box a wave; an arc for all that is needed of another, the thicker the more it is."""
    counted = placed.group_by("wave").agg(units=pl.len()).sort("wave")
    rows, boxes = [], []
    at: dict[int, float] = {}
    for number, (wave, units) in enumerate(counted.iter_rows()):
        y = float(number * (_PITCH + _GAP // 3))
        at[wave] = y + _PITCH / 2
        rows.append(Row(f"wave {wave}", y, _PITCH))
        boxes.append(
            Box(_BOX_X, at[wave], in_numbers(units, "unit"), f"wave {wave}: {in_numbers(units, 'unit')}")
        )
    height = int(len(at) * (_PITCH + _GAP // 3))
    return WaveGraph(rows=rows, boxes=boxes, lines=list(_arcs(ties, at)), height=height, by_wave=True)


def _arcs(ties: pl.DataFrame, at: dict[int, float]) -> Iterator[Line]:
    """`at`: the height of each wave's box. An arc reaches out by the number of waves it passes."""
    between = (
        ties.filter(pl.col("from") != pl.col("to"))
        .group_by("from", "to")
        .agg(hard=pl.col("hard").any(), count=pl.col("count").sum())
        .sort("hard", "from", "to")
    )
    most = max(between["count"].to_list(), default=1)
    place = {wave: number for number, wave in enumerate(at)}
    start = _BOX_X + BOX_WIDTH / 2
    farther = (WIDTH - start - 2 * _REACH) / max(1, len(at) - 1)
    for source, target, hard, count in between.iter_rows():
        reach = start + _REACH + farther * (abs(place[source] - place[target]) - 1)
        y0, y1 = at[source], at[target]
        yield Line(
            path=f"M{start:g} {y0:g}C{reach:g} {y0:g} {reach:g} {y1:g} {start:g} {y1:g}",
            hard=hard,
            across=True,
            title=f"wave {source} needs wave {target} {in_numbers(count, 'time')}",
            width=round(1 + (_THICKEST - 1) * count / most, 1),
        )


def _draw_units(placed: pl.DataFrame, ties: pl.DataFrame) -> WaveGraph:
    """A box a unit, in the band of its wave, with a mark in the tone of its treatment."""
    names = dict(placed.select("natural_key", "name").iter_rows())
    treatments = _by_frequency(placed)
    tones = {name: tone for tone, name in enumerate(treatments[:MOST_TONES], 1)}
    treated = dict(placed.select("natural_key", "treatment").iter_rows())
    rows: list[Row] = []
    places: dict[str, tuple[float, float]] = {}
    y = 0.0
    for wave, members in _ordered(placed, ties).items():
        lines = -(-len(members) // _MOST_IN_ROW)
        rows.append(Row(f"wave {wave}", y, lines * _PITCH))
        places |= _place(members, y)
        y += lines * _PITCH + _GAP
    boxes = [
        Box(*places[key], _short(str(names[key])), _title(names[key], treated[key]), tones.get(treated[key]))
        for key in sorted(places)
    ]
    return WaveGraph(
        rows=rows,
        boxes=boxes,
        lines=list(_lines(ties, places, names)),
        height=int(y),
        treatments=treatments[:MOST_TONES],
    )


def _by_frequency(placed: pl.DataFrame) -> list[str]:
    counted = placed.drop_nulls("treatment").group_by("treatment").agg(count=pl.len())
    return counted.sort(["count", "treatment"], descending=[True, False])["treatment"].to_list()


def _title(name: object, treatment: str | None) -> str:
    return f"{name}: {treatment.replace('_', ' ')}" if treatment else str(name)


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
            # What nothing is tied to stays where it is: it would push the others to one side.
            mean = {key: fmean([at[each] for each in tied[key]] or [at[key]]) for key in members}
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
