"""Sorts a table that does not fit memory: by a text column, through files of the run's own."""

from pathlib import Path

import polars as pl

from caravan_discovery.domain.parts import PART_ROWS, Parts

# Keys looked at in each part; of so many the bounds of buckets come out about even.
_SAMPLED = 2000


def sort_parts(rows: Parts, key: str, scratch: Path, name: str) -> Parts:
    """The rows in ascending order of the text column `key`; no more than a few parts are held at a time."""
    schema = rows.scan().collect_schema()
    bounds = _find_bounds(rows, key)
    buckets = [
        Parts(scratch, f"{name}-bucket{number:04d}", schema, part_rows=PART_ROWS // 5)
        for number in range(len(bounds) + 1)
    ]
    for batch in rows.batches():
        numbers = bounds.search_sorted(batch[key], side="right")
        marked = batch.with_columns(_bucket=numbers)
        for (number,), part in marked.partition_by("_bucket", as_dict=True, include_key=False).items():
            buckets[number].add(part)
    result = Parts(scratch, name, schema)
    for bucket in buckets:
        result.add(bucket.scan().collect().sort(key))
    return result


def _find_bounds(rows: Parts, key: str) -> pl.Series:
    """The least keys of all buckets but the first, in order."""
    samples = [batch[key].gather_every(max(1, batch.height // _SAMPLED)) for batch in rows.batches()]
    if not samples:
        return pl.Series(key, [], pl.String)
    sample = pl.concat(samples).sort()
    count = -(-rows.rows // PART_ROWS)
    return sample.gather([len(sample) * number // count for number in range(1, count)]).unique().sort()
