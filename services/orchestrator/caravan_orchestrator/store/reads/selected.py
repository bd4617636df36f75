"""What a selective rollback would change: the chosen keys' rows of two versions of a phase, out of Parquet."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from caravan_common.artifacts import ArtifactStore
from caravan_common.contracts import DatasetManifest
from caravan_orchestrator.store.reads.parquet import with_file

Row = dict[str, Any]


@dataclass(frozen=True)
class Reverted:
    """`known`: keys that one of the versions has rows of. `rows`: those that would change, each {dataset, natural_key,
    now, then}: what differs, by column. `assets`: natural keys of assets among them."""

    known: frozenset[str] = frozenset()
    rows: tuple[Row, ...] = ()
    assets: frozenset[str] = field(default=frozenset())


async def read_reverted(
    store: ArtifactStore,
    now: Collection[DatasetManifest],
    then: Collection[DatasetManifest],
    column: str,
    keys: Collection[str],
) -> Reverted:
    """By dataset and natural key. No database connection is needed."""
    earlier = {manifest.name: manifest for manifest in then}
    known: set[str] = set()
    rows: list[Row] = []
    assets: set[str] = set()
    for manifest in sorted(now, key=lambda each: each.name):
        shown = await _rows_of(store, manifest, column, keys)
        before = await _rows_of(store, earlier.get(manifest.name), column, keys)
        known |= {row[column] for row in (*shown, *before)}
        changed = list(_changes(manifest.name, shown, before))
        rows += changed
        if manifest.assets:
            assets |= {row["natural_key"] for row in changed}
    return Reverted(frozenset(known), tuple(rows), frozenset(assets))


async def _rows_of(
    store: ArtifactStore, manifest: DatasetManifest | None, column: str, keys: Collection[str]
) -> list[Row]:
    if manifest is None:
        return []

    def read(path: Path) -> list[Row]:
        frame = pl.scan_parquet(path)
        if column not in frame.collect_schema():
            return []
        return frame.filter(pl.col(column).is_in(list(keys))).collect().to_dicts()

    return await with_file(store, manifest.artifact.key, read)


def _changes(dataset: str, now: Sequence[Row], then: Sequence[Row]) -> Iterator[Row]:
    """Of each row the columns that differ; none of a row that the version does not have."""
    shown, before = _by_key(now), _by_key(then)
    for key in sorted(shown.keys() | before.keys()):
        old, new = shown.get(key, {}), before.get(key, {})
        columns = {name for name in {**old, **new} if old.get(name) != new.get(name)}
        if columns:
            pair = ({name: value for name, value in row.items() if name in columns} for row in (old, new))
            yield {"dataset": dataset, "natural_key": key, **dict(zip(("now", "then"), pair, strict=True))}


def _by_key(rows: Sequence[Row]) -> Mapping[str, Row]:
    """A dataset that is not indexed has no natural keys: its rows go by their place among the key's."""
    return {str(row.get("natural_key", place)): row for place, row in enumerate(rows)}
