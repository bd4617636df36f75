"""Writes what a run gives back where its keys lie in the artifact store, and nowhere else."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from caravan_common.contracts import ArtifactRef, DatasetManifest, DatasetSpec, PhaseError
from caravan_common.phases import write_dataset
from caravan_common.phases.datasets import Table
from caravan_common.worker.child.inputs import is_own
from caravan_common.worker.child.run import ChildRun, retrying


def store_datasets(
    tables: Mapping[str, Table], specs: Iterable[DatasetSpec], run: ChildRun
) -> tuple[DatasetManifest, ...]:
    """One manifest per spec, in their order. Raises PhaseError `dataset_invalid` when the two don't match."""
    wanted = {spec.name: spec for spec in specs}
    if odd := sorted(wanted.keys() ^ tables.keys()):
        message = f"Datasets returned and declared differ: {', '.join(odd)}. The phase must be mended."
        raise PhaseError("dataset_invalid", message)
    return tuple(store_dataset(spec, tables[name], run) for name, spec in wanted.items())


def store_dataset(spec: DatasetSpec, table: Table, run: ChildRun) -> DatasetManifest:
    """Written, checked, stored. A frame's file is ours to move; a path may be somebody else's."""
    written = write_dataset(spec, table, run.scratch)
    key = run.key(f"{spec.name}.parquet")
    own = not isinstance(table, Path) or is_own(table, run)
    retrying(lambda: run.store.put_file(key, written.path, sha256=written.sha256, move=own))
    return written.manifest(spec, key)


def store_bytes(name: str, content: bytes, media_type: str, run: ChildRun) -> ArtifactRef:
    """A small object beside the datasets."""
    key = run.key(name)
    stored = retrying(lambda: run.store.put_bytes(key, content))
    return ArtifactRef(key=key, sha256=stored.sha256, size=stored.size, media_type=media_type)
