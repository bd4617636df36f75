"""BuildSelectiveVersion: chosen keys' rows as they were before, all others as they are now, both proved."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from caravan_common.contracts import (
    BuildSelectiveVersion,
    DatasetManifest,
    DatasetSpec,
    DecidedBy,
    ErrorKind,
    PhaseError,
    Reply,
    SelectiveVersionBuilt,
)
from caravan_common.phases.entities import is_ordered
from caravan_common.worker.child.inputs import fetch_dataset
from caravan_common.worker.child.outputs import store_dataset
from caravan_common.worker.child.run import ChildRun
from caravan_common.worker.service import resolve

# Rows that an error names.
_NAMED = 5


def build_selective_version(command: BuildSelectiveVersion, run: ChildRun) -> Reply:
    """SelectiveVersionBuilt with the rebuilt datasets only: one without the key column stays as it is now.

    Rows keep the place their key has in the current version; keys that only the earlier one has follow at the end.
    Where both versions go by natural key, so does the new one: what is as it was then has the same bytes as then.
    """
    before = {manifest.name: manifest for manifest in command.before}
    specs = {spec.name: spec for spec in run.service.definition.phase(command.phase).outputs}
    datasets: list[DatasetManifest] = []
    proof: dict[str, Any] = {}
    for manifest in command.current:
        earlier, spec = before.get(manifest.name), specs.get(manifest.name)
        if spec is None:
            continue
        now = fetch_dataset(manifest, command, run).scan()
        # What the earlier version did not have, it had no rows of.
        then = _in_shape_of(
            now, now.clear() if earlier is None else fetch_dataset(earlier, command, run).scan()
        )
        if command.key_column in now.collect_schema():
            chosen = pl.col(command.key_column).is_in(command.keys).fill_null(False)
            datasets.append(_rebuild(spec, now, then, chosen, run))
            proof[spec.name] = _prove(datasets[-1], now, then, chosen, command, run)
    return run.reply(
        SelectiveVersionBuilt, datasets=tuple(datasets), proof=proof, **_summarise(datasets, command, run)
    )


@dataclass(frozen=True)
class VersionSummary:
    """What of a phase's summary, and of its count of judges, follows from the rows of its datasets."""

    summary: Mapping[str, Any]
    decided_by: DecidedBy | None = None


def _summarise(
    built: Sequence[DatasetManifest], command: BuildSelectiveVersion, run: ChildRun
) -> dict[str, Any]:
    target = run.service.summaries.get(command.phase)
    if target is None:
        return {}
    stand = {manifest.name: manifest for manifest in (*command.current, *built)}
    datasets = {name: fetch_dataset(manifest, command, run) for name, manifest in stand.items()}
    told: VersionSummary = resolve(target)(datasets)
    return {"summary": dict(told.summary), "decided_by": told.decided_by}


def _in_shape_of(now: pl.LazyFrame, then: pl.LazyFrame) -> pl.LazyFrame:
    """An earlier minor of the service may lack optional columns."""
    had, columns = then.collect_schema(), now.collect_schema()
    return then.select(
        pl.col(name) if name in had else pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in columns.items()
    )


def _rebuild(
    spec: DatasetSpec, now: pl.LazyFrame, then: pl.LazyFrame, chosen: pl.Expr, run: ChildRun
) -> DatasetManifest:
    """`chosen`: whether a row is of one of the keys; never null."""
    if "natural_key" in now.collect_schema():
        _refuse_moved(spec, now, then, chosen)
    if all("natural_key" in each.collect_schema() and is_ordered(each, spec) for each in (now, then)):
        merged = pl.concat([now.filter(~chosen), then.filter(chosen)]).sort("natural_key")
        return store_dataset(spec, merged, run)
    (column,) = chosen.meta.root_names()
    numbered = now.with_row_index("_place")
    place = numbered.filter(chosen).group_by(column).agg(pl.col("_place").min())
    last = pl.lit(2**32 - 1, dtype=pl.UInt32)
    restored = (
        then.filter(chosen)
        .join(place, on=column, how="left", maintain_order="left")
        .with_columns(pl.col("_place").fill_null(last))
    )
    shown = ("_place", *now.collect_schema().names())
    both = pl.concat([numbered.filter(~chosen).select(shown), restored.select(shown)])
    return store_dataset(spec, both.sort("_place", maintain_order=True).drop("_place"), run)


def _refuse_moved(spec: DatasetSpec, now: pl.LazyFrame, then: pl.LazyFrame, chosen: pl.Expr) -> None:
    """A row that has gone over to another key since can't be in the version twice."""
    (column,) = chosen.meta.root_names()
    moved = now.filter(~chosen).join(then.filter(chosen), on="natural_key", how="semi").head(_NAMED).collect()
    if moved.is_empty():
        return
    rows = ", ".join(map(repr, moved["natural_key"]))
    keys = ", ".join(map(repr, moved[column].unique(maintain_order=True)))
    raise PhaseError(
        "selective_moved",
        f"Rows of {spec.name} were of the chosen keys then and are of others now: {rows}. Name these as well: {keys}.",
        kind=ErrorKind.PERMANENT,
    )


def _prove(
    built: DatasetManifest,
    now: pl.LazyFrame,
    then: pl.LazyFrame,
    chosen: pl.Expr,
    command: BuildSelectiveVersion,
    run: ChildRun,
) -> dict[str, Any]:
    """Hashes over the rows, whatever their order. Raises PhaseError `selective_unproved` when they differ."""
    made = fetch_dataset(built, command, run).scan().select(now.collect_schema().names())
    restored = {"before": _rows_hash(then.filter(chosen)), "built": _rows_hash(made.filter(chosen))}
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
