"""Waves on the calendar: a bar a wave, as full as it is loaded, with closed times and milestones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

WIDTH, LABELS = 1000, 90
ROW = 22
_NEEDED = {"wave", "starts", "ends"}
_MOST_TICKS = 14


@dataclass(frozen=True)
class Bar:
    """`filled` is the part of the width that the load takes of the capacity; None where either is unknown."""

    label: str
    x: float
    y: float
    width: float
    filled: float | None
    closed: bool
    title: str


@dataclass(frozen=True)
class Mark:
    """A milestone: where it stands, and its name."""

    x: float
    title: str


@dataclass(frozen=True)
class Gantt:
    bars: Sequence[Bar] = ()
    ticks: Sequence[tuple[float, str]] = ()
    marks: Sequence[Mark] = ()
    height: int = 0


class _Scale:
    """Days to pixels, both ends included."""

    def __init__(self, first: date, last: date) -> None:
        self.first, self.last = first, last
        self._per_day = (WIDTH - LABELS) / max((last - first).days, 1)

    def x(self, day: date) -> float:
        inside = min(max(day, self.first), self.last)
        return round(LABELS + (inside - self.first).days * self._per_day, 1)


def draw_gantt(calendar: pl.DataFrame, roadmap: pl.DataFrame) -> Gantt:
    """`calendar`: wave, starts, ends; blackout, effort and capacity_effort (person-days) where known.

    `roadmap`: kind, name, starts; of it the milestones.
    """
    if not set(calendar.columns) >= _NEEDED:
        return Gantt()
    rows = calendar.drop_nulls(["starts", "ends"]).sort("wave").to_dicts()
    if not rows:
        return Gantt()
    scale = _Scale(min(row["starts"] for row in rows), max(row["ends"] for row in rows) + timedelta(days=1))
    bars = [_bar(row, number, scale) for number, row in enumerate(rows)]
    return Gantt(bars, list(_ticks(scale)), list(_marks(roadmap, scale)), len(bars) * ROW + 8)


def _bar(row: dict[str, object], number: int, scale: _Scale) -> Bar:
    starts, ends = row["starts"], row["ends"]
    assert isinstance(starts, date)
    assert isinstance(ends, date)
    x, end = scale.x(starts), scale.x(ends + timedelta(days=1))
    closed = bool(row.get("blackout"))
    effort, capacity = row.get("effort"), row.get("capacity_effort")
    known = isinstance(effort, int | float) and isinstance(capacity, int | float) and capacity > 0
    filled = round((end - x) * min(effort / capacity, 1.0), 1) if known else None  # type: ignore[operator]
    load = f", {effort:,.0f} of {capacity:,.0f} person-days" if known else ""
    title = f"wave {row['wave']}: {starts} to {ends}{', closed' if closed else load}"
    return Bar(f"wave {row['wave']}", x, float(number * ROW), round(end - x, 1), filled, closed, title)


def _ticks(scale: _Scale) -> Iterator[tuple[float, str]]:
    """First days of months, so few that their names do not touch."""
    months = (scale.last.year - scale.first.year) * 12 + scale.last.month - scale.first.month
    step = -(-max(months, 1) // _MOST_TICKS)
    for number in range(1, months + 1, step):
        month = scale.first.month - 1 + number
        day = date(scale.first.year + month // 12, month % 12 + 1, 1)
        yield scale.x(day), day.strftime("%Y-%m")


def _marks(roadmap: pl.DataFrame, scale: _Scale) -> Iterator[Mark]:
    if not {"kind", "name", "starts"} <= set(roadmap.columns):
        return
    milestones = roadmap.filter(pl.col("kind") == "milestone").drop_nulls("starts").sort("starts", "name")
    for name, starts in milestones.select("name", "starts").iter_rows():
        yield Mark(scale.x(starts), f"{name}: {starts}")
