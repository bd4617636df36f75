"""Dates that bind a plan: freeze windows, "not before", dated exits, out of what the sources say."""

from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl
import yaml

_DATE = r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}\.\d{1,2}\.\d{4}|\d{1,2}/\d{1,2}/\d{4}"
_MOST_CHARACTERS = 60


@cache
def _headers() -> dict[str, Any]:
    text = files("caravan_assessment.domain.portfolio").joinpath("data/headers.yaml").read_text("utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def find_dates(attributes: pl.DataFrame) -> pl.DataFrame:
    """natural_key, not_before (the latest said), exit_by (the earliest), unread (List: dates nobody can read).

    `attributes`: natural_key, custom_attributes (JSON object by header); several rows may have one key.
    """
    read = attributes.filter(pl.col("custom_attributes").is_not_null())
    for name in ("not_before", "exit_by"):
        pattern = rf'(?i)"(?:{"|".join(_headers()[name])})"\s*:\s*"([^"]+)"'
        text = pl.col("custom_attributes").str.extract(pattern, 1)
        read = read.with_columns(
            text.alias(f"{name}_text"), _parse(text.str.extract(f"({_DATE})")).alias(name)
        )
    unread = [
        pl.when(pl.col(f"{name}_text").is_not_null() & pl.col(name).is_null()).then(
            pl.format("{}: {}", pl.lit(name), pl.col(f"{name}_text").str.slice(0, _MOST_CHARACTERS))
        )
        for name in ("not_before", "exit_by")
    ]
    return (
        read.with_columns(unread=pl.concat_list(unread).list.drop_nulls())
        .group_by("natural_key")
        .agg(
            pl.col("not_before").max(),
            pl.col("exit_by").min(),
            pl.col("unread").explode().drop_nulls().unique().sort(),
        )
    )


def read_freezes(windows: pl.DataFrame) -> pl.DataFrame:
    """natural_key, freeze_windows (List of "2026-12-18..2027-01-04"), unread_freezes (List).

    `windows`: natural_key, freeze_windows (List of text, two dates each).
    """
    spans = (
        windows.explode("freeze_windows")
        .drop_nulls("freeze_windows")
        .with_columns(dates=pl.col("freeze_windows").str.extract_all(_DATE))
        .with_columns(
            starts=_parse(pl.col("dates").list.get(0, null_on_oob=True)),
            ends=_parse(pl.col("dates").list.get(1, null_on_oob=True)),
        )
        .with_columns(good=(pl.col("starts") <= pl.col("ends")).fill_null(False))
    )
    text = pl.format("{}..{}", pl.col("starts").cast(pl.String), pl.col("ends").cast(pl.String))
    return spans.group_by("natural_key").agg(
        freeze_windows=text.filter("good").unique().sort(),
        unread_freezes=pl.col("freeze_windows")
        .filter(~pl.col("good"))
        .str.slice(0, _MOST_CHARACTERS)
        .unique()
        .sort(),
    )


def split_spans(windows: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Start and end of windows as `read_freezes` writes them."""
    parts = windows.str.split("..")
    return (
        parts.list.get(0, null_on_oob=True).str.to_date("%Y-%m-%d", strict=False),
        parts.list.get(1, null_on_oob=True).str.to_date("%Y-%m-%d", strict=False),
    )


def _parse(text: pl.Expr) -> pl.Expr:
    """ISO, German, and of dates with slashes those that can be read in one way only."""
    american = text.str.to_date("%m/%d/%Y", strict=False)
    british = text.str.to_date("%d/%m/%Y", strict=False)
    either = (
        pl.when(american.is_null() | (american == british))
        .then(british)
        .when(british.is_null())
        .then(american)
    )
    return pl.coalesce(
        text.str.to_date("%Y-%m-%d", strict=False), text.str.to_date("%d.%m.%Y", strict=False), either
    )
