"""Columns of the roadmap."""

import polars as pl

ROADMAP = pl.Schema(
    {
        "natural_key": pl.String(),
        "kind": pl.String(),
        "name": pl.String(),
        "wave": pl.Int64(),
        "starts": pl.Date(),
        "ends": pl.Date(),
        "detail": pl.String(),
        "critical": pl.Boolean(),
        "confidence": pl.Float64(),
        "severity": pl.String(),
        "units": pl.Int64(),
        "targets": pl.Int64(),
        "load": pl.Float64(),
        "applications": pl.List(pl.String()),
        "source_entities": pl.List(pl.String()),
    }
)
"""By start, kind (wave, milestone, risk, freeze), natural_key. A Gantt chart is its rows from starts to ends."""

WAVE, MILESTONE, RISK, FREEZE = "wave", "milestone", "risk", "freeze"
