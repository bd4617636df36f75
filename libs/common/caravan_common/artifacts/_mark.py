"""The mark by which a store is known: an object with an id that a platform's first orchestrator puts there."""

from uuid import UUID

from caravan_common.artifacts._store import ArtifactDoesNotExist, ArtifactStore

STORE_MARK = "caravan-store"


def read_mark(store: ArtifactStore) -> UUID | None:
    """None where there is none: the store is empty, new, or not mounted. Raises ArtifactStoreUnavailable."""
    try:
        return UUID(store.get_bytes(STORE_MARK).decode().strip())
    except (ArtifactDoesNotExist, ValueError):
        return None
