"""Who is meant by the ends of a relation: an asset by a key of its own, or nobody. No asset is ever invented."""

import polars as pl

from caravan_discovery.domain.inventory.entities import app_name_key


def build_directory(assets: pl.DataFrame) -> pl.DataFrame:
    """lookup, asset_key, confidence, how: names and addresses that mean exactly one asset of the estate.

    `assets`: natural_key, name, hostname, fqdn, ip_addresses, asset_type. Lookups are `app:` (names of
    applications), `name:`, `fqdn:`, `ip:` or `both:<name>|<ip>`. A name that two assets bear means none.
    """
    applications = assets.filter(pl.col("asset_type") == "application")
    rest = assets.filter(pl.col("asset_type") != "application")
    names = (
        pl.concat(
            [
                rest.select("natural_key", "ip_addresses", name=app_name_key(pl.col(column)))
                for column in ("name", "hostname", "fqdn")
            ]
        )
        .drop_nulls("name")
        .unique(["natural_key", "name"], maintain_order=True)
    )
    addresses = rest.select("natural_key", ip="ip_addresses").explode("ip").drop_nulls()
    both = names.explode("ip_addresses").drop_nulls("ip_addresses")
    tables = [
        both.select(
            lookup=pl.format("both:{}|{}", "name", "ip_addresses"),
            asset_key="natural_key",
            confidence=pl.lit(0.95),
            how=pl.lit("name and address"),
        ),
        names.filter(pl.col("name").str.contains(r"[a-z].*\.")).select(
            lookup=pl.format("fqdn:{}", "name"),
            asset_key="natural_key",
            confidence=pl.lit(0.95),
            how=pl.lit("full name"),
        ),
        addresses.select(
            lookup=pl.format("ip:{}", "ip"),
            asset_key="natural_key",
            confidence=pl.lit(0.85),
            how=pl.lit("address"),
        ),
        names.select(
            lookup=pl.format("name:{}", "name"),
            asset_key="natural_key",
            confidence=pl.lit(0.6),
            how=pl.lit("exact name"),
        ),
        applications.drop_nulls("name").select(
            lookup=pl.format("app:{}", app_name_key(pl.col("name"))),
            asset_key="natural_key",
            confidence=pl.lit(0.9),
            how=pl.lit("application name"),
        ),
    ]
    every = pl.concat(tables)
    return every.filter(pl.col("asset_key").n_unique().over("lookup") == 1).unique(
        "lookup", keep="first", maintain_order=True
    )


def resolve_ends(
    relations: pl.DataFrame, side: str, kind: pl.Expr, references: pl.DataFrame, directory: pl.DataFrame
) -> pl.DataFrame:
    """Adds `<side>_key`, `<side>_confidence` and `<side>_how` to relations with source, `<side>`, `<side>_address`.

    A source with keys of its own means those and nothing else; only applications are known by their names
    everywhere. Another's rows name assets by full name, name with address, address, or, last, by a name that
    only one asset of the estate bears.
    """
    frame = relations.with_columns(
        _kind=kind, _name=app_name_key(pl.col(side)), _ip=pl.col(f"{side}_address")
    )
    frame = _add_own(frame, references)
    # A name that its own source does not know is dangling, whatever else in the estate looks like it.
    loose = pl.col("_strict").is_null() | pl.col("_name").is_null()
    application = pl.col("_kind") == "application"
    lookups = {
        "app": pl.when(loose | application).then(pl.format("app:{}", "_name")),
        "both": pl.when(loose).then(pl.format("both:{}|{}", "_name", "_ip")),
        "fqdn": pl.when(loose).then(pl.format("fqdn:{}", "_name")),
        "ip": pl.when(loose).then(pl.format("ip:{}", "_ip")),
        "name": pl.when(loose).then(pl.format("name:{}", "_name")),
    }
    for word, lookup in lookups.items():
        table = directory.select(
            pl.col("lookup").alias(f"_{word}"),
            *(pl.col(column).alias(f"{column}:{word}") for column in ("asset_key", "confidence", "how")),
        )
        frame = frame.with_columns(lookup.alias(f"_{word}"))
        frame = frame.join(table, on=f"_{word}", how="left", maintain_order="left")
    order = [*lookups]
    by_machine = [*order[1:], order[0]]

    def first(column: str, own: pl.Expr) -> pl.Expr:
        named = pl.when(application).then(pl.coalesce(f"{column}:{word}" for word in order))
        return pl.coalesce(own, named.otherwise(pl.coalesce(f"{column}:{word}" for word in by_machine)))

    known = pl.col("own").is_not_null()
    columns = {
        f"{side}_key": first("asset_key", pl.col("own")),
        f"{side}_confidence": first("confidence", pl.when(known).then(1.0)),
        f"{side}_how": first("how", pl.when(known).then(pl.lit("own key"))),
    }
    return frame.with_columns(**columns).select(*relations.columns, *columns)


def _add_own(frame: pl.DataFrame, references: pl.DataFrame) -> pl.DataFrame:
    """`own`: the asset that the row's own source calls so; `_strict`: that source has keys of this kind."""
    keys = references.select("source", _kind="kind", _name=app_name_key(pl.col("reference")), own="asset_key")
    keys = keys.unique(["source", "_kind", "_name"], keep="first", maintain_order=True)
    frame = frame.join(keys, on=["source", "_kind", "_name"], how="left", maintain_order="left")
    strict = references.select("source", _kind="kind", _strict=pl.lit(True)).unique()
    return frame.join(strict, on=["source", "_kind"], how="left", maintain_order="left")
