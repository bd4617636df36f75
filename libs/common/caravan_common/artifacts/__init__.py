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
from caravan_common.artifacts._mark import STORE_MARK, read_mark
from caravan_common.artifacts._store import (
    ArtifactDoesNotExist,
    ArtifactStore,
    ArtifactStoreUnavailable,
    StoredObject,
    file_sha256,
)

__all__ = [
    "STORE_MARK",
    "ArtifactDoesNotExist",
    "ArtifactRefused",
    "ArtifactStore",
    "ArtifactStoreUnavailable",
    "StoredObject",
    "attempt_prefix",
    "belongs",
    "checked_key",
    "file_sha256",
    "read_mark",
    "require_below",
    "run_key",
    "run_of",
]
