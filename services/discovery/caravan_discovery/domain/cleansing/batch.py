"""The state of cleaning one batch of one sheet: cells as text, columns done, the journal."""

from dataclasses import dataclass, field

import polars as pl

from caravan_discovery.domain.cleansing.columns import Caches
from caravan_discovery.domain.cleansing.journal import Journal
from caravan_discovery.domain.cleansing.plan import ColumnPlan, SheetPlan


@dataclass
class Batch:
    """Work in progress: cleaned cells by attribute, and the journal of what was done to them."""

    plan: SheetPlan
    text: pl.DataFrame
    caches: Caches
    journal: Journal
    done: dict[str, pl.Series] = field(default_factory=dict)

    def cell(self, column: ColumnPlan) -> pl.Series:
        """The trimmed cells of a column, unknown as null."""
        return self.text[f"c{column.index}"]


def as_json(batch: Batch, columns: list[ColumnPlan]) -> pl.Series:
    """The filled cells as one JSON object per row; null where none is filled."""
    pieces = [
        pl.when(pl.col(f"c{c.index}").is_not_null()).then(
            pl.struct(pl.col(f"c{c.index}").alias(c.header))
            .struct.json_encode()
            .str.slice(1)
            .str.strip_suffix("}")
        )
        for c in columns
    ]
    joined = pl.concat_str(pieces, separator=",", ignore_nulls=True)
    return batch.text.select(
        json=pl.when(joined.str.len_bytes() > 0).then(pl.concat_str(pl.lit("{"), joined, pl.lit("}")))
    )["json"]
