"""What Caravan tells the world: CloudEvents 1.0, numbered per flow, published without expecting a listener."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from caravan_common.contracts._base import Model, new_id


class CloudEvent(Model):
    """`type` is `caravan.<noun>.<past>`, `subject` the flow id, `sequence` its number within the flow."""

    specversion: Literal["1.0"] = "1.0"
    id: UUID = Field(default_factory=new_id)
    source: str = "/caravan/orchestrator"
    type: str = Field(pattern=r"^caravan\.[a-z_]+\.[a-z_]+$")
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    clientaccount: str
    engagement: str
    sequence: int
    data: dict[str, Any] = Field(default_factory=dict)
