from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.event_view_data import EventViewData


T = TypeVar("T", bound="EventView")


@_attrs_define
class EventView:
    """
    Attributes:
        id (UUID):
        flow_id (UUID):
        sequence (int):
        type_ (str):
        data (EventViewData):
        time (datetime.datetime):
    """

    id: UUID
    flow_id: UUID
    sequence: int
    type_: str
    data: EventViewData
    time: datetime.datetime

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        flow_id = str(self.flow_id)

        sequence = self.sequence

        type_ = self.type_

        data = self.data.to_dict()

        time = self.time.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "flow_id": flow_id,
                "sequence": sequence,
                "type": type_,
                "data": data,
                "time": time,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.event_view_data import EventViewData  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        flow_id = UUID(d.pop("flow_id"))

        sequence = d.pop("sequence")

        type_ = d.pop("type")

        data = EventViewData.from_dict(d.pop("data"))

        time = datetime.datetime.fromisoformat(d.pop("time"))

        event_view = cls(
            id=id,
            flow_id=flow_id,
            sequence=sequence,
            type_=type_,
            data=data,
            time=time,
        )

        return event_view
