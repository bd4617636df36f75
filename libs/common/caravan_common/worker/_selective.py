"""BuildSelectiveVersion: chosen keys' rows as they were before, all others as they are now, both proved."""

import hashlib
from typing import Any

import polars as pl

from caravan_common.contracts import (
    BuildSelectiveVersion,
    DatasetManifest,
    DatasetSpec,
    ErrorKind,
    PhaseError,
    Reply,
    SelectiveVersionBuilt,
)
from caravan_common.worker._inputs import fetch_dataset
from caravan_common.worker._outputs import store_dataset
from caravan_common.worker._run import Run


def build_selective_version(command: BuildSelectiveVersion, run: Run) -> Reply:
    """SelectiveVersionBuilt with the rebuilt datasets only: one without the key column stays as it is now.

    Rows keep the place their key has in the current version; keys that only the earlier one has follow at the end.
    """
    before = {manifest.name: manifest for manifest in command.before}
    specs = {spec.name: spec for spec in run.service.definition.phase(command.phase).outputs}
    datasets: list[DatasetManifest] = []
    proof: dict[str, Any] = {}
    for manifest in command.current:
        earlier = before.get(manifest.name)
        if manifest.name not in specs or earlier is None:
            continue
        now, then = (fetch_dataset(each, command, run).scan() for each in (manifest, earlier))
        if command.key_column in now.collect_schema():
            spec = specs[manifest.name]
            datasets.append(_rebuild(spec, now, then, command, run))
            proof[spec.name] = _prove(datasets[-1], now, then, command, run)
    return run.reply(SelectiveVersionBuilt, datasets=tuple(datasets), proof=proof)


def _rebuild(
    spec: DatasetSpec, now: pl.LazyFrame, then: pl.LazyFrame, command: BuildSelectiveVersion, run: Run
) -> DatasetManifest:
    chosen = pl.col(command.key_column).is_in(command.keys)
    place = (
        now.with_row_index("_place").filter(chosen).group_by(command.key_column).agg(pl.col("_place").min())
    )
    last = pl.lit(2**32 - 1, dtype=pl.UInt32)
    kept = now.with_row_index("_place").filter(chosen.not_() | chosen.is_null())
    restored = (
        then.filter(chosen)
        .join(place, on=command.key_column, how="left", maintain_order="left")
        .with_columns(pl.col("_place").fill_null(last))
    )
    columns = now.collect_schema().names()
    merged = pl.concat([kept.select(*columns, "_place"), restored.select(*columns, "_place")])
    return store_dataset(spec, merged.sort("_place", maintain_order=True).drop("_place"), run)


def _prove(
    built: DatasetManifest, now: pl.LazyFrame, then: pl.LazyFrame, command: BuildSelectiveVersion, run: Run
) -> dict[str, Any]:
    """Hashes over the rows, whatever their order. Raises PhaseError `selective_unproved` when they differ."""
    made = fetch_dataset(built, command, run).scan().select(now.collect_schema().names())
    chosen = pl.col(command.key_column).is_in(command.keys).fill_null(False)
    restored = {
        "before": _rows_hash(then.filter(chosen).select(made.collect_schema().names())),
        "built": _rows_hash(made.filter(chosen)),
    }
    others = {"current": _rows_hash(now.filter(~chosen)), "built": _rows_hash(made.filter(~chosen))}
    if restored["before"] != restored["built"] or others["current"] != others["built"]:
        raise PhaseError(
            "selective_unproved",
            f"The rebuilt {built.name} differs from what was asked; nothing was changed.",
            kind=ErrorKind.PERMANENT,
        )
    return {"restored": restored, "others": others}


def _rows_hash(rows: pl.LazyFrame) -> str:
    text = rows.select(pl.struct(pl.all()).struct.json_encode().cast(pl.Binary).alias("row"))
    digests = [
        hashlib.sha256(row).digest()
        for batch in text.collect_batches(chunk_size=20_000)
        for row in batch["row"]
    ]
    return hashlib.sha256(b"".join(sorted(digests))).hexdigest()
