"""What stands in a cell of the page beside text: a figure with its name, and a share as a bar."""

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Figure:
    """A number under a name that is unique in the page, so that whoever doubts it can look it up and compare.

    What is shown is rounded to whole numbers; `value` stands in the page as it is.
    """

    name: str
    value: float

    def __html__(self) -> str:
        return f'<data data-figure="{escape(self.name)}" value="{self.value}">{self}</data>'

    def __str__(self) -> str:
        return f"{self.value:,}" if isinstance(self.value, int) else f"{self.value:,.0f}"


@dataclass(frozen=True)
class Share:
    """A part of a whole, in percent and as a bar that needs no colour to be read."""

    part: int
    whole: int

    @property
    def percent(self) -> int:
        """Rounded, but neither 0 nor 100 unless it is all or nothing."""
        exact = 100 * self.part / self.whole if self.whole else 0.0
        return round(exact) if exact in (0, 100) else min(max(round(exact), 1), 99)

    def __html__(self) -> str:
        return (
            '<span class="fixed"><svg class="share" viewBox="0 0 100 8" aria-hidden="true">'
            '<rect class="whole" width="100" height="8"/>'
            f'<rect class="part" width="{self.percent}" height="8"/></svg> {self.percent} %</span>'
        )


Cell = str | Figure | Share


def in_numbers(count: int, one: str, many: str | None = None) -> str:
    """`1 row`, `1,200 rows`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
