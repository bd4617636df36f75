"""Days across a picture: where one stands, and first days of months to read it by."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

WIDTH, LABELS = 1000, 90
_MOST_TICKS = 14


@dataclass(frozen=True)
class DayScale:
    """From `first` to `last`, right of the labels; what lies outside stands at the edge."""

    first: date
    last: date

    def x(self, day: date) -> float:
        inside = min(max(day, self.first), self.last)
        per_day = (WIDTH - LABELS) / max((self.last - self.first).days, 1)
        return round(LABELS + (inside - self.first).days * per_day, 1)

    def ticks(self) -> Iterator[tuple[float, str]]:
        """So few that their names do not touch."""
        months = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month
        for number in range(1, months + 1, -(-max(months, 1) // _MOST_TICKS)):
            month = self.first.month - 1 + number
            day = date(self.first.year + month // 12, month % 12 + 1, 1)
            yield self.x(day), day.strftime("%Y-%m")
