"""Columns of a table before and after mapping, and how doubt is cast on a mapping."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from caravan_discovery.domain.mapping.values import DOUBTED, ValueProfile

THRESHOLD = 0.80
# As likely as not: what is offered beside keeping a column custom.
_EVEN = 0.5


@dataclass(frozen=True)
class Column:
    """`maximum` is the largest number over all rows (shares only); `values` the sample, row by row."""

    index: int
    name: str
    profile: ValueProfile
    maximum: float | None = None
    values: pl.Series | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Candidate:
    attribute: str
    score: float
    method: str
    evidence: str
    unit: str | None = None


@dataclass(frozen=True)
class ColumnMapping:
    """What a column means. `candidates`, best first, are what a judge chooses among when it is contested.

    `matched` are the words by which the header was known.
    """

    index: int
    column: str
    attribute: str | None
    unit: str
    factor: float | None
    combine: str | None
    confidence: float
    method: str
    evidence: str
    candidates: tuple[Candidate, ...] = field(default=())
    matched: str = ""

    @property
    def contested(self) -> bool:
        """Below the threshold, yet with something that speaks for an attribute."""
        return self.confidence < THRESHOLD and bool(self.candidates)

    @property
    def detected(self) -> bool:
        """By the rules' own reading: nobody said so."""
        return self.method in ("synonym", "fuzzy", "profile")


def doubted(mapping: ColumnMapping, why: str, at_most: float = DOUBTED) -> ColumnMapping:
    """The mapping with its confidence under the threshold, and the reason; only what was detected is doubted."""
    if not mapping.detected or mapping.attribute is None or mapping.confidence <= at_most:
        return mapping
    return replace(
        mapping,
        confidence=at_most,
        evidence=f"{mapping.evidence}, but {why}",
        candidates=tuple(
            replace(each, score=min(each.score, at_most)) if each.attribute == mapping.attribute else each
            for each in mapping.candidates
        ),
    )


def withdrawn(mapping: ColumnMapping, why: str) -> ColumnMapping:
    """The attribute is still offered to a judge, but no longer recommended."""
    return replace(
        mapping,
        attribute=None,
        combine=None,
        factor=None,
        unit="text",
        confidence=_EVEN,
        method="none",
        evidence=f"kept as custom; perhaps {mapping.attribute}: {mapping.evidence}, but {why}",
        candidates=tuple(replace(each, score=min(each.score, _EVEN)) for each in mapping.candidates),
    )


def kept_custom(mapping: ColumnMapping, why: str) -> ColumnMapping:
    """The mapping without its attribute: another column of the table says it better."""
    return replace(
        mapping,
        attribute=None,
        combine=None,
        factor=None,
        unit="text",
        confidence=DOUBTED,
        method="none",
        evidence=why,
    )


def agree(one: Column, other: Column) -> bool:
    """Whether two columns say the same in nearly every row, or never both say anything."""
    if one.values is None or other.values is None:
        return False
    pairs = pl.DataFrame({"one": _comparable(one.values), "other": _comparable(other.values)}).drop_nulls()
    if pairs.is_empty():
        return min(one.profile.known, other.profile.known) > 0
    return float(pairs.select((pl.col("one") == pl.col("other")).mean()).item()) >= _NEARLY_ALL


def numbers(column: Column) -> pl.Series | None:
    """The sample as numbers; null where none."""
    if column.values is None:
        return None
    return column.values.str.strip_chars().str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)


_NEARLY_ALL = 0.9


def _comparable(values: pl.Series) -> pl.Series:
    return values.cast(pl.String).str.strip_chars().str.to_lowercase().replace("", None)


def by_index(columns: Sequence[Column]) -> dict[int, Column]:
    return {column.index: column for column in columns}
