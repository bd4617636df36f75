"""What the migration of each application takes in person-days and money: by its tasks, else by its wave's effort."""

import polars as pl

from caravan_planning.domain.target.settings import Settings

WORK = pl.Schema({"application": pl.String(), "effort": pl.Float64(), "people": pl.Float64()})
# The tasks that all applications need first are of no application: the timeline's word for them.
PROGRAMME = "programme"
_LIST_CURRENCY = "USD"


def price_efforts(units: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """WORK out of the effort that the waves were planned with, at the day rate of the settings."""
    people = pl.col("effort") * settings.day_rate
    return units.select("application", pl.col("effort").cast(pl.Float64), people=people).cast(dict(WORK))  # type: ignore[arg-type]


def price_tasks(tasks: pl.DataFrame, resources: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """WORK out of tasks (application, team, effort_days) at the rates of their teams (team, day_rate, currency).

    A team whose rate is unknown, or in a currency that nobody gave a rate for, leaves the money of its tasks unknown:
    an application's sum is over the others, and null where there are none.
    """
    rates = resources.select("team", rate=_in_currency(settings)).unique(
        "team", keep="first", maintain_order=True
    )
    priced = tasks.join(rates, on="team", how="left", maintain_order="left")
    money = pl.col("effort_days") * pl.col("rate")
    summed = priced.group_by("application").agg(
        effort=pl.col("effort_days").sum().round(4),
        people=pl.when(money.count() > 0).then(money.sum()).round(2),
    )
    return summed.sort("application").cast(dict(WORK))  # type: ignore[arg-type]


def _in_currency(settings: Settings) -> pl.Expr:
    rate = pl.col("day_rate").cast(pl.Float64)
    same = pl.when(pl.col("currency") == settings.currency).then(rate)
    listed = pl.when(pl.col("currency") == _LIST_CURRENCY).then(rate * settings.exchange_rate)
    return pl.coalesce(same, listed)
