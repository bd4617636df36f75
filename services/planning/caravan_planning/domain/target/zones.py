"""Where a machine lands: the account, subscription or project for its environment."""

from dataclasses import dataclass
from functools import cache

import polars as pl
import yaml

from caravan_planning.domain.target.settings import DATA


@dataclass(frozen=True)
class Zones:
    """`by_environment` in lower case; `unknown` is where a machine of unknown environment lands."""

    by_environment: dict[str, str]
    unknown: str
    production: tuple[str, ...]


@cache
def load_zones() -> Zones:
    found = yaml.safe_load((DATA / "landing_zones.yaml").read_text(encoding="utf-8"))
    by_environment = {
        environment: each["zone"] for each in found["zones"] for environment in each["environments"]
    }
    return Zones(by_environment, found["unknown"], tuple(found["production"]))


def place(zones: Zones) -> pl.Expr:
    """`landing_zone` by `environment`; one that isn't listed counts as unknown."""
    known = (
        pl.col("environment")
        .str.to_lowercase()
        .replace_strict(zones.by_environment, default=None, return_dtype=pl.String)
    )
    return known.fill_null(zones.unknown).alias("landing_zone")


def is_placed(zones: Zones) -> pl.Expr:
    """Whether the environment is known to the zones."""
    return pl.col("environment").str.to_lowercase().is_in(list(zones.by_environment)).fill_null(False)
