"""What is wrong with the people a plan counts on, each in a sentence."""

import polars as pl

from caravan_planning.domain.resource.schema import RESOURCE_GAPS

_PLACES = 20


def find_gaps(tasks: pl.DataFrame, work: pl.DataFrame, resources: pl.DataFrame) -> pl.DataFrame:
    """RESOURCE_GAPS by natural_key. `tasks` and `resources` as their schemas, `work` by task and day."""
    found = [
        _find_overload(resources),
        _find_missing_skills(tasks),
        _find_late_waves(tasks),
        _find_by_team(
            resources,
            pl.col("day_rate").is_null(),
            "unknown_rate",
            "{} has no day_rate: what its work costs is unknown.",
        ),
        _find_by_team(
            resources,
            pl.col("assumed"),
            "assumed_team",
            "{} is assumed, because no teams are configured; name yours in `teams`.",
        ),
        _find_idle_teams(resources, work),
    ]
    rows = pl.concat([_complete(rows) for rows in found])
    return rows.sort("natural_key")


def _complete(rows: pl.DataFrame) -> pl.DataFrame:
    """RESOURCE_GAPS: columns that a kind doesn't have are null, its key is made of what it has."""
    known = rows.columns
    rows = rows.with_columns(
        pl.lit(None, dtype).alias(name) for name, dtype in RESOURCE_GAPS.items() if name not in known
    )
    subject = pl.coalesce("team", "skill", pl.format("wave-{}", pl.col("wave").cast(pl.String).str.zfill(3)))
    key = pl.concat_str([pl.format("{}:{}", "kind", subject), "week"], separator="@", ignore_nulls=True)
    rows = rows.with_columns(natural_key=key, source_entities=pl.col("source_entities").fill_null([]))
    return rows.select(pl.col(name).cast(dtype) for name, dtype in RESOURCE_GAPS.items())


def _find_overload(resources: pl.DataFrame) -> pl.DataFrame:
    missing = (pl.col("effort_days") - pl.col("capacity_days")).clip(lower_bound=0.0)
    return resources.filter("overloaded").select(
        "team", "week", "source_entities",
        kind=pl.lit("overload"),
        missing_days=missing,
        message=pl.format(
            "{} has {} person-days of work in {} and {} to give, with up to {} people at once of {}; "
            "add people or move a wave.",
            "team", "effort_days", "week", "capacity_days", "peak_people", "people",
        ),
    )  # fmt: skip


def _find_missing_skills(tasks: pl.DataFrame) -> pl.DataFrame:
    lacking = (
        tasks.filter(pl.col("team").is_null())
        .group_by("skill")
        .agg(
            missing_days=pl.col("effort_days").sum(),
            count=pl.len(),
            source_entities=pl.col("natural_key").sort().head(_PLACES),
        )
    )
    return lacking.select(
        "skill", "missing_days", "source_entities",
        kind=pl.lit("missing_skill"),
        message=pl.format(
            "No team has the skill {}, which {} tasks with {} person-days need; give it to a team.",
            "skill", "count", "missing_days",
        ),
    )  # fmt: skip


def _find_late_waves(tasks: pl.DataFrame) -> pl.DataFrame:
    """One a wave."""
    late = (
        tasks.filter(pl.col("late_days") > 0)
        .group_by("wave")
        .agg(
            count=pl.len(),
            days=pl.col("late_days").max(),
            source_entities=pl.col("natural_key").sort().head(_PLACES),
        )
    )
    return late.select(
        "source_entities",
        kind=pl.lit("late_wave"),
        wave=pl.col("wave"),
        message=pl.format(
            "{} cutovers of wave {} end after its window, by up to {} working days; add people, lengthen it, or move "
            "applications.", "count", "wave", "days",
        ),
    )  # fmt: skip


def _find_by_team(resources: pl.DataFrame, when: pl.Expr, kind: str, words: str) -> pl.DataFrame:
    teams = resources.filter(when).select("team").unique().sort("team")
    return teams.select(
        "team",
        kind=pl.lit(kind),
        message=pl.format(words, "team"),
        source_entities=pl.lit([], pl.List(pl.String)),
    )


def _find_idle_teams(resources: pl.DataFrame, work: pl.DataFrame) -> pl.DataFrame:
    idle = resources.select("team").unique().filter(~pl.col("team").is_in(work["team"].unique().implode()))
    return idle.sort("team").select(
        "team",
        kind=pl.lit("idle_team"),
        message=pl.format("{} has no work in this plan: no task needs its skills.", "team"),
        source_entities=pl.lit([], pl.List(pl.String)),
    )
