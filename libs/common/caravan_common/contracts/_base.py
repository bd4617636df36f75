"""The base of every contract model, and the identifiers they use."""

from uuid import UUID

import uuid_utils.compat
from pydantic import BaseModel, ConfigDict, Field


def new_id() -> UUID:
    """A UUIDv7: sorts by the time it was made, which keeps btree inserts at the right edge."""
    return uuid_utils.compat.uuid7()


class Model(BaseModel):
    """Immutable. Unknown fields are ignored, so that an older service reads a newer message."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Tenant(Model):
    """Whose data it is. Every row, artifact and attempt has exactly one."""

    client_account_id: UUID
    engagement_id: UUID


class Message(Model):
    """Anything that crosses the broker. `message_id` is what the inbox remembers."""

    message_id: UUID = Field(default_factory=new_id)
    schema_version: int = 1
