"""A subset instead of everything: the assets and applications that the configuration names."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from caravan_discovery.domain.inventory.gaps import GAPS


def apply_scope(
    scope: Mapping[str, Any] | None, assets: pl.LazyFrame, memberships: pl.LazyFrame
) -> tuple[pl.DataFrame | None, pl.DataFrame]:
    """The natural keys that are in scope (None: all), and a gap per entry that names nothing.

    `assets`: natural_key, name, asset_type. An application brings its members, an asset its applications;
    entries match a key, or a name without regard to case.
    """
    wanted = _entries(scope)
    if not wanted:
        return None, GAPS.to_frame()
    entries = pl.DataFrame({"entry": sorted(wanted)}).with_columns(lower=pl.col("entry").str.to_lowercase())
    names = pl.concat(
        [
            assets.select("natural_key", lower=pl.col(name).str.strip_chars().str.to_lowercase())
            for name in ("natural_key", "name")
        ]
    )
    hits = entries.lazy().join(names, on="lower", how="inner").unique().collect(engine="streaming")
    chosen = hits.select("natural_key").unique()
    asked = chosen.lazy()
    members = memberships.join(asked, left_on="application_key", right_on="natural_key", how="semi").collect()
    owners = memberships.join(asked, left_on="asset_key", right_on="natural_key", how="semi").collect()
    keys = pl.concat(
        [chosen, members.select(natural_key="asset_key"), owners.select(natural_key="application_key")]
    ).unique()
    unknown = entries.join(hits.select("entry"), on="entry", how="anti", maintain_order="left")["entry"]
    return keys, pl.DataFrame(
        [
            {
                "natural_key": f"scope:{entry}",
                "kind": "scope_not_found",
                "subject": entry,
                "attributes": [],
                "message": f"The scope names {entry}, which no source knows.",
                "severity": "high",
                "count": 1,
                "suggestions": [],
                "places": [],
            }
            for entry in unknown
        ],
        schema=GAPS,
    )


def _entries(scope: Mapping[str, Any] | None) -> set[str]:
    lists: Sequence[Sequence[str]] = [(scope or {}).get(name) or [] for name in ("assets", "applications")]
    return {entry.strip() for names in lists for entry in names if entry.strip()}
