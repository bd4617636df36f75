"""Treatments by how many applications and groups have them."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

_LEFT, _RIGHT, _PITCH = 120.0, 880.0, 24


@dataclass(frozen=True)
class Bar:
    """A treatment; its bar begins at the picture's `left`."""

    treatment: str
    units: int
    y: int
    width: float
    title: str


@dataclass(frozen=True)
class Distribution:
    """`left` is where all bars begin; the most frequent treatment's reaches to the right."""

    bars: Sequence[Bar] = ()
    left: float = _LEFT

    @property
    def height(self) -> int:
        return _PITCH * len(self.bars)


def draw_distribution(treatments: pl.DataFrame) -> Distribution:
    """`treatments`: a row a unit with its treatment. The most frequent comes first, equals by name."""
    if "treatment" not in treatments.columns or treatments.is_empty():
        return Distribution()
    counted = (
        treatments.group_by("treatment")
        .agg(units=pl.len())
        .sort(["units", "treatment"], descending=[True, False])
    )
    most = int(counted["units"][0])
    return Distribution(
        [
            Bar(
                treatment=name,
                units=units,
                y=_PITCH * place,
                width=round((_RIGHT - _LEFT) * units / most, 1),
                title=f"{name}: {units:,} of {treatments.height:,}",
            )
            for place, (name, units) in enumerate(counted.iter_rows())
        ]
    )
