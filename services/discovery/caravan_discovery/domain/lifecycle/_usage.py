"""Idle and zombie machines, read from average use. Thresholds from published migration guidance (docs/product)."""

import polars as pl

ZOMBIE_BELOW = 5.0
IDLE_BELOW = 20.0


def find_usage_debt(assets: pl.DataFrame) -> pl.Series:
    """'zombie' (CPU, and memory where known, under 5 % on average), 'idle' (CPU 5–20 %), else null, per asset.

    Unknown use is unknown: no figure, no verdict. The source names no period, so 'idle' is a candidate only.
    """
    cpu, memory = pl.col("cpu_avg_percent"), pl.col("memory_avg_percent")
    zombie = (cpu < ZOMBIE_BELOW) & memory.lt(ZOMBIE_BELOW).fill_null(True)
    verdict = pl.when(zombie).then(pl.lit("zombie")).when(cpu < IDLE_BELOW).then(pl.lit("idle"))
    return assets.select(verdict.otherwise(None).alias("usage")).to_series()
