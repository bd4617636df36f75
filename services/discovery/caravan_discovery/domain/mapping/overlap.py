"""What other tables of an import say about a column: how many of its values they hold under an attribute."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import polars as pl

from caravan_discovery.domain.mapping.columns import THRESHOLD, ColumnMapping
from caravan_discovery.domain.mapping.values import distinct_values

# What it says for an option that all values of a column stand under it elsewhere, on the scale of scores.
SIGNAL = 0.5
# Fewer shared values are chance.
_LEAST_SHARE, _FEWEST = 0.3, 3
# Attributes whose values are names that recur; a count or a yes recurs anywhere.
_NAMING = frozenset(
    ("name", "hostname", "fqdn", "application_name", "external_ids", "serial_number", "ip_addresses", "mac_addresses",
     "location", "datacenter", "department", "business_unit", "business_owner", "technical_owner", "cost_center")
)  # fmt: skip


def known_values(columns: Iterable[tuple[ColumnMapping, pl.Series]]) -> pl.DataFrame:
    """Columns attribute, value: what all columns hold that surely mean one of the attributes that name things."""
    found: defaultdict[str, list[pl.Series]] = defaultdict(list)
    for mapping, values in columns:
        if mapping.attribute in _NAMING and mapping.confidence >= THRESHOLD:
            found[str(mapping.attribute)].append(values.cast(pl.String))
    together = {attribute: pl.concat(parts) for attribute, parts in found.items()}
    return distinct_values(together, lower=True).select(attribute="column", value="value")


def shared_with(columns: Mapping[str, pl.Series], known: pl.DataFrame) -> dict[str, dict[str, float]]:
    """By column and attribute: the share of its different values known under it; small ones are left out."""
    mine = distinct_values(columns, lower=True)
    if mine.is_empty() or known.is_empty():
        return {}
    shares = (
        mine.with_columns(total=pl.len().over("column"))
        .filter(pl.col("total") >= _FEWEST)
        .join(known, on="value")
        .group_by("column", "attribute")
        .agg(share=(pl.len() / pl.col("total").first()).round(3))
        .filter(pl.col("share") >= _LEAST_SHARE)
        .sort("column", "attribute")
    )
    found: dict[str, dict[str, float]] = {}
    for column, attribute, share in shares.iter_rows():
        found.setdefault(column, {})[attribute] = share
    return found
