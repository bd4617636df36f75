"""What is known about each unit against what each treatment needs; blind spots and blockers in words."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl
import yaml


@cache
def load_needs() -> dict[str, Any]:
    """needs (treatment → what), words (what → in words), portfolio (what readiness is the share of)."""
    text = files("caravan_assessment.domain.portfolio").joinpath("data/needs.yaml").read_text("utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def read_observed_days(configuration: Mapping[str, Any]) -> int | None:
    """configuration["flows"]["observed_days"]: over how long the flows in the files were observed; None unknown.

    No file says it of itself. Raises ValueError.
    """
    given = configuration.get("flows") or {}
    days = given.get("observed_days") if isinstance(given, Mapping) else given
    if days is None:
        return None
    if isinstance(days, bool) or not isinstance(days, int) or days < 1:
        raise ValueError(f"flows.observed_days is {days!r}; give the number of days that were observed.")
    return days


def _known(observed_days: int | None) -> dict[str, pl.Expr]:
    """Whether each of the things that are needed is known. A unit without targets knows nothing of machines."""
    has = pl.col("targets") > 0
    return {
        "operating_system": has & (pl.col("os_known") == pl.col("targets")),
        "size": has & (pl.col("size_known") == pl.col("targets")),
        "dependencies": pl.col("dependencies_known"),
        "support": has & (pl.col("support_known") > 0),
        "application_type": pl.col("application_type").is_not_null(),
        "technologies": pl.col("technologies").list.len() > 0,
        "business_criticality": pl.col("business_criticality").is_not_null(),
        "user_count": pl.col("user_count").is_not_null(),
        "data_classification": pl.col("data_classification").is_not_null() | pl.col("pii").fill_null(False),
        "use": has & (pl.col("use_known") == pl.col("targets")),
        "cost": pl.col("current_monthly_cost").is_not_null(),
        "owner_team": pl.col("team").is_not_null(),
        "inbound": pl.col("inbound").is_not_null()
        & ((pl.col("inbound") > 0) | pl.lit((observed_days or 0) >= load_needs()["inbound_days"])),
    }


def add_readiness(facts: pl.DataFrame, observed_days: int | None = None) -> pl.DataFrame:
    """Adds readiness, ready_for, unknowns, blockers.

    `facts` has besides the portfolio's columns os_known, size_known, unread (List), unread_freezes (List).
    """
    needs, known = load_needs(), _known(observed_days)
    asked = needs["portfolio"]
    share = pl.sum_horizontal(known[name].fill_null(False).cast(pl.Int64) for name in asked) / len(asked)
    ready = [
        pl.when(pl.all_horizontal(known[name].fill_null(False) for name in wanted)).then(pl.lit(treatment))
        for treatment, wanted in needs["needs"].items()
    ]
    unknown = [
        pl.when(~known[name].fill_null(False)).then(pl.lit(needs["words"][name], pl.String))
        for name in needs["words"]
    ]
    unread = pl.concat_list(_unread("unread", "date"), _unread("unread_freezes", "freeze window"))
    return facts.with_columns(
        readiness=share.round(3),
        ready_for=pl.concat_list(ready).list.drop_nulls(),
        unknowns=pl.concat_list(pl.concat_list(unknown).list.drop_nulls(), unread),
        blockers=pl.concat_list(_blockers()).list.drop_nulls(),
    )


def _unread(column: str, word: str) -> pl.Expr:
    told = pl.element().str.replace_all(r"^", f"{word} that can't be read: ", literal=False)
    return pl.col(column).fill_null([]).list.eval(told)


def _blockers() -> list[pl.Expr]:
    some = pl.col("blocked_targets") > 0
    return [
        pl.when(some).then(
            pl.format(
                "{} of {} targets cannot go to a cloud as they are: {}",
                "blocked_targets",
                "targets",
                pl.col("blocked_reasons").list.join(", "),
            )
        ),
        pl.when(pl.col("targets") == 0).then(
            pl.lit("no server is known that it runs on: name its servers, or confirm that it has none")
        ),
    ]


def list_readiness(portfolio: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """READINESS: one row per unit and treatment, by both. `facts`: see add_readiness."""
    needs, known = load_needs(), _known(None)
    rows = []
    for treatment, wanted in sorted(needs["needs"].items()):
        missing = [
            pl.when(~known[name].fill_null(False)).then(pl.lit(needs["words"][name], pl.String))
            for name in wanted
        ]
        rows.append(
            facts.select(
                application="natural_key",
                treatment=pl.lit(treatment),
                needed=pl.lit(len(wanted), pl.Int64),
                missing=pl.concat_list(missing).list.drop_nulls(),
            )
        )
    every = pl.concat(rows).with_columns(known=pl.col("needed") - pl.col("missing").list.len().cast(pl.Int64))
    ready = every.join(portfolio.select(application="natural_key"), on="application", how="semi")
    return ready.select(READINESS.names()).sort("application", "treatment")


READINESS = pl.Schema(
    {
        "application": pl.String(),
        "treatment": pl.String(),
        "needed": pl.Int64(),
        "known": pl.Int64(),
        "missing": pl.List(pl.String()),
    }
)
