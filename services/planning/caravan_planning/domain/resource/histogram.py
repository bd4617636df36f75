"""People at work by team and week."""

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from caravan_planning.domain.resource.schema import RESOURCES
from caravan_planning.domain.timeline.calendar import WorkingCalendar, list_days_off
from caravan_planning.domain.timeline.teams import Team

_PLACES = 20


def spread_tasks(tasks: pl.DataFrame, calendar: WorkingCalendar) -> pl.DataFrame:
    """team, day (Date), people, application, natural_key: one row per task with a team and working day of it."""
    rows = tasks.filter(pl.col("team").is_not_null()).select(
        "team", "people", "application", "natural_key",
        at=pl.int_ranges("start_day", pl.col("start_day") + pl.col("duration_days")),
    ).explode("at")  # fmt: skip
    if rows.is_empty():
        return rows.select("team", "people", "application", "natural_key", day=pl.lit(None, pl.Date))
    last = int(rows["at"].max())  # type: ignore[arg-type]
    days = pl.DataFrame({"at": range(last + 1), "day": calendar.dates_of(range(last + 1)).tolist()})
    days = days.with_columns(pl.col("at").cast(rows["at"].dtype), pl.col("day").cast(pl.Date))
    return rows.join(days, on="at", how="left", maintain_order="left").drop("at")


def draw_histogram(work: pl.DataFrame, teams: Sequence[Team], calendar: WorkingCalendar) -> pl.DataFrame:
    """RESOURCES by team and week, from the first to the last week with work; `work` as `spread_tasks` makes it."""
    if work.is_empty() or not teams:
        return pl.DataFrame(schema=RESOURCES)
    present = _list_presence(work, teams, calendar)
    daily = work.group_by("team", "day").agg(busy=pl.col("people").sum())
    daily = present.join(daily, on=["team", "day"], how="left").with_columns(pl.col("busy").fill_null(0))
    weekly = daily.group_by("team", _monday("day")).agg(
        people=pl.col("people").max(),
        working_days=(pl.col("there") > 0).sum(),
        capacity_days=pl.col("there").sum().cast(pl.Float64),
        effort_days=pl.col("busy").sum().cast(pl.Float64),
        peak_people=pl.col("busy").max(),
        overloaded=(pl.col("busy") > pl.col("there")).any(),
    )
    by_week = work.group_by("team", _monday("day")).agg(
        applications=pl.col("application").n_unique(),
        source_entities=pl.col("natural_key").unique().sort().head(_PLACES),
    )
    told = pl.DataFrame(
        {
            "team": [team.name for team in teams],
            "skills": [list(team.skills) for team in teams],
            "day_rate": [team.day_rate for team in teams],
            "currency": [team.currency for team in teams],
            "assumed": [team.assumed for team in teams],
        },
        schema_overrides={"day_rate": pl.Float64, "currency": pl.String},
    )
    rows = (
        weekly.join(by_week, on=["team", "starts"], how="left")
        .join(told, on="team", how="left")
        .with_columns(
            pl.col("applications").fill_null(0),
            pl.col("source_entities").fill_null([]),
            week=pl.col("starts").dt.strftime("%G-W%V"),
            utilisation=pl.when(pl.col("capacity_days") > 0)
            .then(pl.col("effort_days") / pl.col("capacity_days"))
            .round(4),
            cost=(pl.col("effort_days") * pl.col("day_rate")).round(2),
        )
        .with_columns(natural_key=pl.format("{}@{}", "team", "week"))
    )
    return rows.select(pl.col(name).cast(dtype) for name, dtype in RESOURCES.items()).sort("team", "starts")


def _monday(day: str) -> pl.Expr:
    return pl.col(day).dt.truncate("1w").alias("starts")


def _list_presence(work: pl.DataFrame, teams: Sequence[Team], calendar: WorkingCalendar) -> pl.DataFrame:
    """team, day, people, there: for every working day of the weeks with work; `there` is 0 on a team's own day off."""
    first, last = work["day"].min(), work["day"].max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    monday, sunday = first - timedelta(first.weekday()), last + timedelta(6 - last.weekday())
    days = pl.DataFrame({"day": calendar.list_days(monday, sunday)}, schema={"day": pl.Date})
    size = pl.DataFrame({"team": [team.name for team in teams], "people": [team.people for team in teams]})
    off = [
        (team.name, day) for team in teams for day in list_days_off(team.country, team.away, monday, sunday)
    ]
    gone = pl.DataFrame(off, schema={"team": pl.String, "day": pl.Date}, orient="row").with_columns(gone=True)
    return (
        size.join(days, how="cross")
        .join(gone, on=["team", "day"], how="left")
        .with_columns(there=pl.when(pl.col("gone").is_null()).then("people").otherwise(0))
    )
