"""What a part of the report is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl


@dataclass(frozen=True)
class ReportModel:
    """`summaries` by the keys of `caravan run --json`; `frames` by export name, each optional."""

    as_of: date
    summaries: Mapping[str, Any] = field(default_factory=dict)
    frames: Mapping[str, pl.DataFrame] = field(default_factory=dict)

    def frame(self, name: str) -> pl.DataFrame:
        """The frame, or one without columns."""
        return self.frames.get(name, pl.DataFrame())

    def counts(self, name: str) -> dict[str, Any]:
        """A summary that consists of several figures, or nothing."""
        return dict(self.summaries.get(name) or {})
