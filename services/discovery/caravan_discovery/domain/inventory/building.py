"""Builds assets bucket by bucket, so that memory depends on the bucket and not on the estate."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from caravan_discovery.domain.attributes import ATTRIBUTES
from caravan_discovery.domain.cleansing.plan import APPLICATION, HOST, MACHINE
from caravan_discovery.domain.cleansing.schema import DTYPES
from caravan_discovery.domain.inventory.classify import classify_assets
from caravan_discovery.domain.inventory.issues import ISSUES, find_asset_issues
from caravan_discovery.domain.inventory.merging import CONFLICTS, Choice, merge_rows
from caravan_discovery.domain.inventory.tabs import combine_tabs
from caravan_discovery.domain.parts import PART_ROWS, Parts, table_schema
from caravan_discovery.domain.places import PLACE

_LIST = pl.List(pl.String)
REFERENCES = pl.Schema(
    {"source": pl.String, "kind": pl.String, "reference": pl.String, "asset_key": pl.String}
)
# Attributes that later flows own; what a source says of them is only a wish.
_WISHES = {"treatment": "stated_treatment", "wave": "stated_wave", "target_type": "stated_target_type"}
_HEAD = {
    "natural_key": pl.String(),
    "entity_type": pl.String(),
    "asset_type": pl.String(),
    "is_target": pl.Boolean(),
    "not_target_reason": pl.String(),
    "blocked_reason": pl.String(),
}
_TAIL = {
    "os_family": pl.String(),
    "host": pl.String(),
    "cluster": pl.String(),
    "stated_treatment": pl.String(),
    "stated_wave": pl.String(),
    "stated_target_type": pl.String(),
    "sources": _LIST,
    "source_entities": _LIST,
    "completeness_score": pl.Float64(),
    "quality_score": pl.Float64(),
    "custom_attributes": pl.String(),
}
_DISCOVERED = {
    a.name: DTYPES[a.dtype]
    for a in ATTRIBUTES
    if a.group not in ("progress", "trace") and a.name != "asset_type"
}
ASSETS = pl.Schema(_HEAD | _DISCOVERED | _TAIL)


@dataclass(frozen=True)
class Built:
    """Tables as parts: assets in the order of their keys, conflicts, issues, and the sources' own keys."""

    assets: Parts
    conflicts: Parts
    issues: Parts
    references: Parts


PLACED = table_schema({"at": pl.UInt32, "asset": pl.String, "entity": pl.String, "bucket": pl.UInt32})


def assign_buckets(index: pl.DataFrame, scratch: Path) -> tuple[Parts, int]:
    """`index` with the bucket of each row's asset, on disk: buckets follow the order of the assets' keys."""
    bucket = ((index["asset"].rank("dense") - 1) // PART_ROWS).cast(pl.UInt32).alias("bucket")
    placed = Parts(scratch, "placed", PLACED)
    for start in range(0, index.height, PART_ROWS):
        part = slice(start, start + PART_ROWS)
        placed.add(index[part].with_columns(bucket[part]))
    return placed, max(1, bucket.n_unique())


def read_buckets(clean: pl.LazyFrame, placed: Parts, buckets: int, scratch: Path) -> Iterator[pl.DataFrame]:
    """The rows of each bucket with `at`, `asset` and `entity`, sorted by `at`."""
    rows = int(clean.select(pl.len()).collect().item())
    if buckets == 1:
        yield _take(clean.collect(), 0, placed.scan().collect()).drop("bucket")
        return
    schema = table_schema(
        {"at": pl.UInt32, **clean.collect_schema(), "asset": pl.String, "entity": pl.String}
    )
    parts = [
        Parts(scratch, f"bucket{number:04d}", schema, part_rows=PART_ROWS // 5) for number in range(buckets)
    ]
    starts = range(0, rows, PART_ROWS)
    for start, mine in zip(starts, _cut(placed.batches(), starts[1:]), strict=True):
        batch = _take(clean.slice(start, PART_ROWS).collect(), start, mine)
        for (number,), part in batch.partition_by("bucket", as_dict=True, include_key=False).items():
            parts[number].add(part)
    for bucket in parts:
        yield bucket.scan().collect()


def _cut(batches: Iterable[pl.DataFrame], ends: Iterable[int]) -> Iterator[pl.DataFrame]:
    """The rows before each of `ends` and those behind the last, all in the order of `at`; each is read once."""
    parts, waiting = iter(batches), PLACED.to_frame()
    for end in ends:
        while waiting.is_empty() or waiting["at"][-1] < end:
            more = next(parts, None)
            if more is None:
                break
            waiting = pl.concat([waiting, more])
        split = int(waiting["at"].search_sorted(end))
        yield waiting[:split]
        waiting = waiting[split:]
    yield pl.concat([waiting, *parts])


def _take(batch: pl.DataFrame, start: int, mine: pl.DataFrame) -> pl.DataFrame:
    return batch.with_row_index("at", offset=start).join(mine, on="at", how="inner", maintain_order="left")


def new_tables(scratch: Path) -> Built:
    return Built(
        Parts(scratch, "assets", ASSETS),
        Parts(scratch, "conflicts", CONFLICTS),
        Parts(scratch, "inventory_issues", ISSUES),
        Parts(scratch, "references", REFERENCES),
    )


@dataclass(frozen=True)
class Decided:
    """What people decided: the winning value by conflict key, attribute values by asset key; and judged kinds."""

    conflicts: Mapping[str, Choice]
    overrides: Mapping[str, Mapping[str, Any]]
    kinds: pl.DataFrame | None = None


@dataclass(frozen=True)
class Bucket:
    """What a bucket's rows became: the rows to add to each table of Built."""

    assets: pl.DataFrame
    conflicts: pl.DataFrame
    issues: pl.DataFrame
    references: pl.DataFrame


def build_bucket(rows: pl.DataFrame, shared_uuids: pl.Series, decided: Decided) -> Bucket:
    """The bucket's assets and what came up on the way."""
    combined = _prepare(combine_tabs(rows.with_columns(place=PLACE)))
    references = _references(combined)
    merged, conflicts = merge_rows(combined, decided.conflicts)
    classified = classify_assets(merged, shared_uuids, decided.kinds)
    assets = _override(_finish(classified), decided.overrides)
    raised = find_asset_issues(classified.rename({"asset": "natural_key"}))
    return Bucket(assets, conflicts, raised, references)


def keep_bucket(bucket: Bucket, tables: Built) -> None:
    """Adds the bucket's rows to `tables`."""
    tables.references.add(bucket.references)
    tables.assets.add(bucket.assets)
    tables.conflicts.add(bucket.conflicts)
    tables.issues.add(bucket.issues)


def _prepare(rows: pl.DataFrame) -> pl.DataFrame:
    """A name for every row, and only the relations that an asset keeps."""
    have = set(rows.columns)
    named = [pl.col(name) for name in ("name", "hostname", "fqdn") if name in have]
    own = pl.coalesce(*named, "source_key") if named else pl.col("source_key")
    name = (
        pl.when(pl.col("role") == APPLICATION).then(pl.col("application_name")).otherwise(None)
        if "application_name" in have
        else None
    )
    rows = rows.with_columns(name=pl.coalesce(name, own) if name is not None else own)
    if "ip_addresses" in have:
        # Hosts are often listed by address.
        listed = (pl.col("role") == HOST) & pl.col("name").str.contains(r"^\d{1,3}(\.\d{1,3}){3}$")
        address = pl.when(listed & pl.col("ip_addresses").is_null()).then(pl.concat_list("name"))
        rows = rows.with_columns(ip_addresses=pl.coalesce(address, "ip_addresses"))
    rows = rows.with_columns(
        host=pl.col("rel_host") if "rel_host" in have else pl.lit(None, pl.String),
        cluster=pl.col("rel_cluster") if "rel_cluster" in have else pl.lit(None, pl.String),
    )
    return rows.drop([name for name in rows.columns if name.startswith("rel_")])


def _references(rows: pl.DataFrame) -> pl.DataFrame:
    kind = pl.when(pl.col("role").is_in([MACHINE, HOST])).then(pl.lit("machine")).otherwise("role")
    keys = rows.select("source", kind=kind, reference="source_key", asset_key="asset")
    hosts = rows.filter(pl.col("role") == HOST).select(
        "source", kind=pl.lit("host"), reference="name", asset_key="asset"
    )
    # Between applications people write names, whatever the source's key is.
    names = rows.filter(pl.col("role") == APPLICATION).select(
        "source", kind="role", reference="name", asset_key="asset"
    )
    return pl.concat([keys, hosts, names]).drop_nulls().unique(maintain_order=True)


def _override(assets: pl.DataFrame, overrides: Mapping[str, Mapping[str, Any]]) -> pl.DataFrame:
    """Attributes as people set them; what is no attribute of an asset, or of another type, is left alone."""
    mine = set(overrides) and set(overrides) & set(assets["natural_key"])
    for key in sorted(mine):
        for name, value in overrides[key].items():
            if name not in _DISCOVERED or value is None:
                continue
            fixed = pl.lit(pl.Series([value], dtype=_DISCOVERED[name], strict=False)).first()
            held = pl.col(name) if name in assets.columns else pl.lit(None, _DISCOVERED[name])
            assets = assets.with_columns(
                pl.when(pl.col("natural_key") == key).then(fixed).otherwise(held).alias(name)
            )
    return assets


def _finish(assets: pl.DataFrame) -> pl.DataFrame:
    frame = assets.rename({"asset": "natural_key", "custom": "custom_attributes"}).with_columns(
        entity_type=pl.lit("asset")
    )
    wishes = {old: new for old, new in _WISHES.items() if old in frame.columns}
    return (
        frame.rename(wishes).with_columns(pl.col("stated_wave").cast(pl.String))
        if "wave" in wishes
        else frame.rename(wishes)
    )
