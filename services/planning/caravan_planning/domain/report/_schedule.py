"""The schedule by wave: from its first task to its last, where applications are switched over, and what is critical."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from caravan_common.reporting import DayScale

ROW = 24
_NEEDED = {"wave", "starts", "ends", "cutover", "critical"}


@dataclass(frozen=True)
class Piece:
    """From `x`, `width` wide."""

    x: float
    width: float


@dataclass(frozen=True)
class Bar:
    """A wave's tasks. `cutovers` and `critical` are days of its own with such tasks, joined where they touch."""

    label: str
    y: float
    whole: Piece
    cutovers: Sequence[Piece]
    critical: Sequence[Piece]
    title: str


@dataclass(frozen=True)
class Schedule:
    bars: Sequence[Bar] = ()
    ticks: Sequence[tuple[float, str]] = ()
    height: int = 0


def _piece(scale: DayScale, starts: date, ends: date) -> Piece:
    after = ends + timedelta(days=1)
    return Piece(scale.x(starts), round(max(scale.x(after) - scale.x(starts), 1.0), 1))


def draw_schedule(tasks: pl.DataFrame) -> Schedule:
    """`tasks`: wave (null: none), starts, ends, cutover, critical; application where known."""
    if not set(tasks.columns) >= _NEEDED:
        return Schedule()
    dated = tasks.drop_nulls(["starts", "ends"])
    if dated.is_empty():
        return Schedule()
    first, last = dated["starts"].min(), dated["ends"].max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    scale = DayScale(first, last + timedelta(days=1))
    groups = dated.sort("wave", nulls_last=True).group_by("wave", maintain_order=True)
    bars = [_bar(wave, rows, number, scale) for number, ((wave,), rows) in enumerate(groups)]
    return Schedule(bars, list(scale.ticks()), len(bars) * ROW + 8)


def _bar(wave: object, rows: pl.DataFrame, number: int, scale: DayScale) -> Bar:
    starts, ends = rows["starts"].min(), rows["ends"].max()
    assert isinstance(starts, date)
    assert isinstance(ends, date)
    label = "no wave" if wave is None else f"wave {wave}"
    return Bar(
        label=label,
        y=float(number * ROW),
        whole=_piece(scale, starts, ends),
        cutovers=_pieces(rows.filter("cutover"), scale),
        critical=_pieces(rows.filter("critical"), scale),
        title=f"{label}: {rows.height:,} tasks from {starts} to {ends}",
    )


def _pieces(rows: pl.DataFrame, scale: DayScale) -> list[Piece]:
    """Spans that touch or overlap are one."""
    joined: list[list[date]] = []
    for starts, ends in rows.select("starts", "ends").sort("starts", "ends").iter_rows():
        if joined and starts <= joined[-1][1] + timedelta(days=1):
            joined[-1][1] = max(joined[-1][1], ends)
        else:
            joined.append([starts, ends])
    return [_piece(scale, starts, ends) for starts, ends in joined]
