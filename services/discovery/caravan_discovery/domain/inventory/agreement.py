"""What different rows of one asset say in other words, or less exactly, brought together before it can conflict."""

import re
from functools import lru_cache

import polars as pl

_SYSTEMS = (("operating_system", "os_version", ("os_family",)), ("database_type", "database_version", ()))
# Products that name no product: they yield to any other.
_VAGUE = ("linux", "other")
# A word that says less yields to any of those that say more.
_VAGUER: dict[str, dict[str, tuple[str, ...]]] = {
    "environment": {"non-production": ("test", "development", "staging", "sandbox")},
    "lifecycle": dict.fromkeys(
        ("active", "installed", "in use", "in production", "production", "live", "operational"),
        ("invest", "tolerate", "migrate", "eliminate", "retired", "phase out", "end of life"),
    ),
}
_OR_LATER = " or later"


def settle_wording(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` of assets with several rows each, the winner's first. Values that say less become those that say more.

    A version counts only beside the product that wins: none is ever put together out of two sources' systems.
    """
    for product, version, more in _SYSTEMS:
        if product in rows.columns and version in rows.columns:
            rows = _keep_systems_whole(
                rows, product, (version, *(name for name in more if name in rows.columns))
            )
            rows = _take_precise_versions(rows, version)
    for attribute, vaguer in _VAGUER.items():
        if attribute in rows.columns:
            rows = rows.with_columns(_without_vague(attribute, vaguer))
    return rows


def _keep_systems_whole(rows: pl.DataFrame, product: str, others: tuple[str, ...]) -> pl.DataFrame:
    vague = pl.col(product).str.to_lowercase().is_in(_VAGUE)
    told = (pl.col(product).is_not_null() & ~vague).any().over("asset")
    rows = rows.with_columns(pl.when(~(vague & told).fill_null(False)).then(product).alias(product))
    winner = pl.col(product).drop_nulls().first().over("asset")
    foreign = (pl.col(product) != winner).fill_null(False)
    return rows.with_columns(pl.when(~foreign).then(name).alias(name) for name in others)


def _take_precise_versions(rows: pl.DataFrame, version: str) -> pl.DataFrame:
    several = (
        rows.group_by("asset", maintain_order=True)
        .agg(versions=pl.col(version).drop_nulls().unique(maintain_order=True))
        .filter(pl.col("versions").list.len() > 1)
    )
    if several.is_empty():
        return rows
    replaced = [
        (asset, old, new)
        for asset, versions in several.iter_rows()
        for old, new in _more_precise(tuple(versions))
    ]
    table = pl.DataFrame(
        replaced, schema=["asset", version, "_precise"], orient="row", schema_overrides=_TEXTS
    )
    return (
        rows.join(table.cast({version: pl.String}), on=["asset", version], how="left", maintain_order="left")
        .with_columns(pl.coalesce("_precise", version).alias(version))
        .drop("_precise")
    )


_TEXTS = {"asset": pl.String, "_precise": pl.String}


@lru_cache(maxsize=4096)
def _more_precise(versions: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Pairs of a version and the first of the others that says the same more exactly: 8 and 8.10."""
    pairs = []
    for version in versions:
        better = next((other for other in versions if other != version and _says_more(other, version)), None)
        if better is not None:
            pairs.append((version, better))
    return tuple(pairs)


def _says_more(other: str, version: str) -> bool:
    if version.endswith(_OR_LATER):
        return not other.endswith(_OR_LATER) and _numbers(other) >= _numbers(version)
    return other.startswith(f"{version}.")


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


def _without_vague(attribute: str, vaguer: dict[str, tuple[str, ...]]) -> pl.Expr:
    said = pl.col(attribute).str.strip_chars().str.to_lowercase()
    yields = pl.lit(False)
    for word, clearer in vaguer.items():
        yields = yields | ((said == word) & said.is_in(clearer).any().over("asset"))
    return pl.when(~yields.fill_null(False)).then(attribute).alias(attribute)
