"""Machines of one source that share the hardware identifier which had to serve as their key: clones, not repeats."""

import polars as pl

from caravan_discovery.domain.cleansing.plan import MACHINE
from caravan_discovery.domain.inventory.identifiers import loose_name

_HARDWARE = ("bios_uuid", "serial_number")
_NAMES = ("name", "hostname", "fqdn")


def set_clones_apart(index: pl.DataFrame, clean: pl.LazyFrame, columns: list[str]) -> pl.DataFrame:
    """`index` (see index_entities) in which rows of one key but different names are machines of their own.

    Only where the key is a BIOS uuid or serial number for want of a key of the source's own: those are cloned, and
    a name beside them tells two machines apart. A repeat under the same name stays a repeat. The first name keeps
    the key.
    """
    have = [name for name in (*_HARDWARE, *_NAMES) if name in columns]
    # Hashes instead of texts: a chance equal hash brings a row here that nothing below sets apart.
    machine = pl.col("role") == MACHINE
    repeated = index.filter(pl.when(machine).then(pl.col("entity").hash()).is_duplicated() & machine)
    hardware = [name for name in _HARDWARE if name in have]
    names = [loose_name(pl.col(name)) for name in _NAMES if name in have]
    if repeated.is_empty() or not hardware or not names:
        return index
    rows = (
        clean.with_row_index("at")
        .select("at", "source_key", *have)
        .join(repeated.lazy().select("at", "entity"), on="at", how="inner")
        .collect(engine="streaming")
        .sort("at")
    )
    key = pl.col("source_key").str.to_lowercase()
    keyed = rows.filter(pl.any_horizontal(pl.col(name).str.to_lowercase() == key for name in hardware))
    named = keyed.select("at", "entity", called=pl.coalesce(names)).drop_nulls("called")
    others = named.filter(pl.col("called") != pl.col("called").first().over("entity"))
    apart = others.select("at", own=pl.format("{}#{}", "entity", "called"))
    if apart.is_empty():
        return index
    return (
        index.join(apart, on="at", how="left", maintain_order="left")
        .with_columns(entity=pl.coalesce("own", "entity"))
        .drop("own")
    )
