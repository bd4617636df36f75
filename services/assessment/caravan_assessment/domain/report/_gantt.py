"""Waves on the calendar: a bar a wave, as full as it is loaded, with closed times and milestones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from caravan_common.reporting import DayScale

ROW = 22
_NEEDED = {"wave", "starts", "ends"}


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


def draw_gantt(calendar: pl.DataFrame, roadmap: pl.DataFrame) -> Gantt:
    """`calendar`: wave, starts, ends; blackout, effort and capacity_effort (person-days) where known.

    `roadmap`: kind, name, starts; of it the milestones.
    """
    if not set(calendar.columns) >= _NEEDED:
        return Gantt()
    rows = calendar.drop_nulls(["starts", "ends"]).sort("wave").to_dicts()
    if not rows:
        return Gantt()
    scale = DayScale(min(row["starts"] for row in rows), max(row["ends"] for row in rows) + timedelta(days=1))
    bars = [_bar(row, number, scale) for number, row in enumerate(rows)]
    return Gantt(bars, list(scale.ticks()), list(_marks(roadmap, scale)), len(bars) * ROW + 8)


def _bar(row: dict[str, object], number: int, scale: DayScale) -> Bar:
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


def _marks(roadmap: pl.DataFrame, scale: DayScale) -> Iterator[Mark]:
    if not {"kind", "name", "starts"} <= set(roadmap.columns):
        return
    milestones = roadmap.filter(pl.col("kind") == "milestone").drop_nulls("starts").sort("starts", "name")
    for name, starts in milestones.select("name", "starts").iter_rows():
        yield Mark(scale.x(starts), f"{name}: {starts}")
