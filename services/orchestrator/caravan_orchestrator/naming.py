"""Ids of clients and engagements follow from their names, so that gateway and command agree."""

from uuid import NAMESPACE_URL, UUID, uuid5


def client_id_of(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"caravan:client:{name}")


def engagement_id_of(client_id: UUID, name: str) -> UUID:
    """Another client's engagement of the same name has another id."""
    return uuid5(client_id, name)
