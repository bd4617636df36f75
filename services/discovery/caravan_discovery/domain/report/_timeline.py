"""The report's second picture: when the support of what the estate runs ends, year by year."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

WIDTH, HEIGHT = 1000, 150
# Years before this are one bar, so that a product of the nineties does not squeeze the others.
FIRST_YEAR = 2014
_LAST_YEARS = 12
# From the axis upwards; the words are those of the legend.
TONES = {"unsupported": "past", "ending_12_months": "near", "supported": "far"}


@dataclass(frozen=True)
class Piece:
    """A part of a bar: what has this status."""

    tone: str
    status: str
    count: int
    y: float
    height: float


@dataclass(frozen=True)
class Bar:
    """A year. `label` says "2014 or before" for the first and "2039 or later" for the last, shortened."""

    label: str
    count: int
    x: float
    width: float
    top: float
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Timeline:
    bars: Sequence[Bar] = ()
    today: float = 0.0

    @property
    def words(self) -> str:
        """The same for who can't see it."""
        return "; ".join(f"{bar.label}: {bar.count}" for bar in self.bars)


def draw_timeline(debt: pl.DataFrame, as_of: date) -> Timeline:
    """Bars: how many findings about products (not assets: one may run two) end in each year."""
    if not {"eol_date", "status"} <= set(debt.columns):
        return Timeline()
    last_shown = as_of.year + _LAST_YEARS
    counts = (
        debt.drop_nulls("eol_date")
        .filter(pl.col("status").is_in(list(TONES)))
        .group_by("status", year=pl.col("eol_date").dt.year().clip(FIRST_YEAR, last_shown))
        .agg(count=pl.len())
    )
    if counts.is_empty():
        return Timeline()
    years: dict[int, dict[str, int]] = {}
    for status, year, count in counts.iter_rows():
        years.setdefault(year, {})[status] = count
    first, last = min(years), max(*years, as_of.year)
    pitch = WIDTH / (last - first + 1)
    tallest = max(sum(each.values()) for each in years.values())
    bars = [
        _bar(year, years[year], (year - first) * pitch, pitch, HEIGHT / tallest, last_shown)
        for year in sorted(years)
    ]
    days = 366 if as_of.year % 4 == 0 else 365
    elapsed = (as_of.timetuple().tm_yday - 1) / days
    return Timeline(bars, round((as_of.year - first + elapsed) * pitch, 1))


def _bar(
    year: int, statuses: dict[str, int], x: float, pitch: float, per_item: float, last_shown: int
) -> Bar:
    pieces, top = [], float(HEIGHT)
    for status, tone in TONES.items():
        count = statuses.get(status, 0)
        if count:
            height = max(per_item * count, 1.5)
            top -= height
            pieces.append(Piece(tone, status, count, round(top, 1), round(height, 1)))
    label = {FIRST_YEAR: f"≤ {year}", last_shown: f"≥ {year}"}.get(year, str(year))
    width = min(pitch - 6, 70)
    return Bar(
        label=label,
        count=sum(statuses.values()),
        x=round(x + (pitch - width) / 2, 1),
        width=round(width, 1),
        top=round(top, 1),
        pieces=tuple(pieces),
    )
