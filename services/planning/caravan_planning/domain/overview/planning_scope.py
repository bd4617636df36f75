"""What is planned for each application: its treatment, its wave, and whether it needs tasks and targets."""

import polars as pl

# Treatments for which nothing is moved and nothing is built.
STAYING = ("retain",)
# Treatments whose machines end: they need tasks, and no target.
ENDING = ("retire", "replace")
# Variants of what serves the others until they have left.
ENDING_LAST = ("landing_zone", "with_platform")
PLANNING_SCOPE = pl.Schema(
    {
        "natural_key": pl.String(),
        "name": pl.String(),
        "kind": pl.String(),
        "treatment": pl.String(),
        "variant": pl.String(),
        "confidence": pl.Float64(),
        "contested": pl.Boolean(),
        "decided_by": pl.String(),
        "wave": pl.Int64(),
        "wave_name": pl.String(),
        "starts": pl.Date(),
        "ends": pl.Date(),
        "effort": pl.Float64(),
        "care": pl.Float64(),
        "team": pl.String(),
        "targets": pl.Int64(),
        "databases": pl.Int64(),
        "others": pl.Int64(),
        "needs_tasks": pl.Boolean(),
        "needs_targets": pl.Boolean(),
        "planned": pl.String(),
        "readiness": pl.Float64(),
        "blockers": pl.List(pl.String()),
        "unknowns": pl.List(pl.String()),
        "source_entities": pl.List(pl.String()),
    }
)


def list_scope(units: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """PLANNING_SCOPE, by application. `units`: as the phases read them. `members`: application, asset_key, role."""
    roles = members.group_by("application").agg(
        *(
            (pl.col("role") == role).sum().cast(pl.Int64).alias(name)
            for name, role in (("targets", "target"), ("databases", "database"), ("others", "other"))
        ),
        source_entities=pl.col("asset_key").sort().head(20),
    )
    known = pl.col("treatment").is_not_null()
    rows = units.join(roles, on="application", how="left").with_columns(
        pl.col("targets", "databases", "others").fill_null(0),
        pl.col("source_entities").fill_null([]),
    )
    rows = rows.with_columns(
        natural_key=pl.col("application"),
        name=pl.col("application_name"),
        needs_tasks=known & ~pl.col("treatment").is_in(STAYING),
        needs_targets=known & ~pl.col("treatment").is_in([*STAYING, *ENDING]),
    )
    rows = rows.with_columns(planned=_say_plan())
    return rows.select(pl.col(name).cast(dtype) for name, dtype in PLANNING_SCOPE.items()).sort("natural_key")


def _say_plan() -> pl.Expr:
    machines = pl.format(
        "{} {}",
        "targets",
        pl.when(pl.col("targets") == 1).then(pl.lit("machine")).otherwise(pl.lit("machines")),
    )
    when = (
        pl.when(pl.col("wave_name").is_not_null())
        .then(pl.format(" in {}", "wave_name"))
        .otherwise(pl.lit(", in no wave"))
    )
    return (
        pl.when(pl.col("treatment").is_null())
        .then(pl.format("{}: no treatment is known", machines))
        .when(pl.col("treatment").is_in(STAYING))
        .then(pl.format("{}: retain, stays where it is", machines))
        .otherwise(pl.format("{}: {}{}", machines, "treatment", when))
    )
