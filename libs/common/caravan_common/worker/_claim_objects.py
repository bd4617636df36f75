"""The objects in the artifact store by which one run of a unit's epoch is told from all others."""

from uuid import UUID

from caravan_common.artifacts import ArtifactStore
from caravan_common.contracts import Command


def claim_unit(store: ArtifactStore, command: Command, run_id: UUID) -> bool:
    """Whoever claims (attempt, epoch) first acts. Older epochs are claimed too: none still on its way can begin.

    Raises ArtifactStoreUnavailable; trying again is safe.
    """
    own = str(run_id).encode()
    ours = False
    for epoch in range(1, command.epoch + 1):
        ours = take_claim(store, f"{command.artifact_prefix}/{epoch}/claim", own)
    return ours


def take_claim(store: ArtifactStore, key: str, own: bytes) -> bool:
    """A put that is tried again may meet its own first try. Raises ArtifactStoreUnavailable."""
    return store.put_if_absent(key, own) or store.get_bytes(key) == own
