"""A subset instead of everything: the units that the configuration names, or whose members it names."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from caravan_assessment.domain.portfolio.schema import TARGET


def limit_to_scope(
    scope: Mapping[str, Any] | None, units: pl.DataFrame, members: pl.DataFrame, names: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, list[str]]:
    """Units and members in scope, and the entries that name nothing.

    An application brings its members; an asset brings its unit, of which only the named assets stay. Entries are
    keys, or names without regard to case. `names`: natural_key, name of assets.
    """
    wanted = _entries(scope)
    if not wanted:
        return units, members, []
    chosen = units.filter(_is_named(wanted))
    assets = names.filter(_is_named(wanted))
    whole = pl.col("application").is_in(chosen["natural_key"].implode())
    part = pl.col("asset_key").is_in(assets["natural_key"].implode())
    kept = members.filter(whole | part)
    stays = pl.col("natural_key").is_in(kept["application"].unique().implode()) | _is_named(wanted)
    known = pl.concat([chosen.select("natural_key", "name"), assets.select("natural_key", "name")])
    found = {_plain(text) for row in known.iter_rows() for text in row if text}
    return units.filter(stays), kept, sorted(entry for entry in wanted if entry not in found)


def count_targets(members: pl.DataFrame) -> int:
    """Migration targets among the members."""
    return members.filter(pl.col("role") == TARGET).height


def _entries(scope: Mapping[str, Any] | None) -> set[str]:
    lists = [(scope or {}).get(name) or [] for name in ("assets", "applications")]
    return {_plain(str(entry)) for entries in lists for entry in entries if str(entry).strip()}


def _plain(text: str) -> str:
    return text.strip().lower()


def _is_named(wanted: set[str]) -> pl.Expr:
    entries = sorted(wanted)
    return pl.any_horizontal(
        pl.col(column).str.strip_chars().str.to_lowercase().is_in(entries).fill_null(False)
        for column in ("natural_key", "name")
    )
