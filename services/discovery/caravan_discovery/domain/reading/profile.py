"""What is known of a column over all its accepted rows, in memory that does not grow with them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from caravan_discovery.domain.secrets import mask_values

SAMPLES = 5
_SAMPLE_LENGTH = 80
# Distinct values are counted exactly up to this many, beyond it estimated (about 1.5 % off).
_SKETCH = 4_096
_SHARE_HEADER = re.compile(r"%|pct|percent|prozent|usage|utili|auslastung", re.IGNORECASE)


@dataclass
class ColumnProfile:
    """`smallest` are the k smallest hashes seen: a k-minimum-values sketch of the distinct values."""

    header: str
    filled: int = 0
    maximum: float | None = None
    samples: list[str] = field(default_factory=list)
    smallest: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.UInt64))

    @property
    def distinct(self) -> int:
        if self.smallest.len() < _SKETCH:
            return int(self.smallest.len())
        return round((_SKETCH - 1) / (int(self.smallest[-1]) / 2**64))

    def masked_samples(self) -> list[str]:
        """Up to five different values in row order, without secrets."""
        return [sample[:_SAMPLE_LENGTH] for sample in mask_values(self.header, self.samples)]


class TableProfile:
    """Profiles of all columns of a table."""

    def __init__(self, headers: Sequence[str]) -> None:
        self.columns = [ColumnProfile(header) for header in headers]

    def add(self, accepted: pl.DataFrame) -> None:
        """Takes in a batch of accepted rows with columns c0…"""
        if accepted.is_empty():
            return
        names = [f"c{position}" for position in range(len(self.columns))]
        cells = accepted.select(names)
        counts = cells.select(pl.all().count()).row(0)
        hashes = cells.select(pl.all().hash())
        for profile, name, count in zip(self.columns, names, counts, strict=True):
            if not count:
                continue
            profile.filled += count
            series = cells.get_column(name)
            self._sketch(profile, hashes.get_column(name).filter(series.is_not_null()))
            if len(profile.samples) < SAMPLES:
                self._sample(profile, series)
            if _SHARE_HEADER.search(profile.header):
                self._measure(profile, series)

    @staticmethod
    def _sketch(profile: ColumnProfile, hashes: pl.Series) -> None:
        if profile.smallest.len() == _SKETCH:
            hashes = hashes.filter(hashes < profile.smallest[-1])
            if hashes.is_empty():
                return
        profile.smallest = pl.concat([profile.smallest, hashes]).unique().sort().head(_SKETCH)

    @staticmethod
    def _sample(profile: ColumnProfile, series: pl.Series) -> None:
        for value in series.drop_nulls().head(1_000).unique(maintain_order=True).head(2 * SAMPLES).to_list():
            if value not in profile.samples and len(profile.samples) < SAMPLES:
                profile.samples.append(value)

    @staticmethod
    def _measure(profile: ColumnProfile, series: pl.Series) -> None:
        numbers = (
            series.str.strip_chars(" %").str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
        )
        largest = numbers.max()
        if isinstance(largest, float):
            profile.maximum = max(largest, profile.maximum if profile.maximum is not None else largest)
