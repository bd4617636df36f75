"""A subset instead of everything: which applications and assets the configuration names."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl


def limit_members(
    scope: Mapping[str, Any] | None, members: pl.DataFrame, names: pl.DataFrame
) -> tuple[pl.DataFrame, pl.Series | None, list[str]]:
    """The members in scope, the keys that its entries name (None: no scope), and entries that name nothing here.

    `members`: application, asset_key. `names`: natural_key, name of applications and assets. An entry matches a key,
    or a name without regard to case; an application brings its members, an asset only itself.
    """
    entries = sorted(_entries(scope))
    if not entries:
        return members, None, []
    wanted = pl.DataFrame({"entry": entries}).with_columns(lower=pl.col("entry").str.to_lowercase())
    both = pl.concat(
        [
            names.select("natural_key", lower=pl.col(column).str.strip_chars().str.to_lowercase())
            for column in ("natural_key", "name")
        ]
    )
    hits = wanted.join(both, on="lower", how="inner")
    named = hits["natural_key"].unique().sort()
    keys = named.implode()
    kept = members.filter(pl.col("application").is_in(keys) | pl.col("asset_key").is_in(keys))
    return kept, named, [entry for entry in entries if entry not in set(hits["entry"])]


def _entries(scope: Mapping[str, Any] | None) -> set[str]:
    lists: Sequence[Sequence[str]] = [(scope or {}).get(name) or [] for name in ("assets", "applications")]
    return {str(entry).strip() for names in lists for entry in names if str(entry).strip()}
