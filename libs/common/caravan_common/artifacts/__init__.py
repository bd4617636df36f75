"""Immutable objects that messages refer to: datasets, uploads, transcripts, claims."""

from caravan_common.artifacts._keys import (
    ArtifactRefused,
    attempt_prefix,
    belongs,
    checked_key,
    require_below,
    run_key,
    run_of,
)
from caravan_common.artifacts._store import (
    ArtifactDoesNotExist,
    ArtifactStore,
    ArtifactStoreUnavailable,
    StoredObject,
    file_sha256,
)

__all__ = [
    "ArtifactDoesNotExist",
    "ArtifactRefused",
    "ArtifactStore",
    "ArtifactStoreUnavailable",
    "StoredObject",
    "attempt_prefix",
    "belongs",
    "checked_key",
    "file_sha256",
    "require_below",
    "run_key",
    "run_of",
]
