"""Brings what a command refers to onto local disk, and takes no one else's."""

from pathlib import Path

from caravan_common.artifacts import require_below
from caravan_common.contracts import ArtifactRef, Command, DatasetManifest, ErrorKind, PhaseError
from caravan_common.phases import Dataset
from caravan_common.worker.child.run import ChildRun, retrying


def fetch(ref: ArtifactRef, command: Command, run: ChildRun) -> Path:
    """A local path, to read only. Raises ArtifactRefused for another client's, ArtifactDoesNotExist, PhaseError."""
    require_below(ref.key, str(command.tenant.client_account_id))
    path = retrying(lambda: run.store.get_path(ref.key, run.scratch))
    if path.stat().st_size != ref.size:
        message = (
            f"The artifact {ref.key} has {path.stat().st_size} bytes, not {ref.size}; it was changed or cut."
        )
        raise PhaseError("artifact_changed", message, kind=ErrorKind.PERMANENT)
    return path


def fetch_dataset(manifest: DatasetManifest, command: Command, run: ChildRun) -> Dataset:
    """As `fetch`."""
    return Dataset(manifest, fetch(manifest.artifact, command, run))


def is_own(path: Path, run: ChildRun) -> bool:
    """Whether a file is of the run's own making, and may be moved rather than copied."""
    return path.resolve().is_relative_to(run.scratch.resolve())
