from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="RollbackPartView")


@_attrs_define
class RollbackPartView:
    """How it stands with one flow: `queued` until all that has grown from it is `restored`.

    Attributes:
        id (UUID):
        flow_id (UUID):
        status (str):
        ended_at (datetime.datetime | None):
    """

    id: UUID
    flow_id: UUID
    status: str
    ended_at: datetime.datetime | None

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        flow_id = str(self.flow_id)

        status = self.status

        ended_at: None | str
        if isinstance(self.ended_at, datetime.datetime):
            ended_at = self.ended_at.isoformat()
        else:
            ended_at = self.ended_at

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "flow_id": flow_id,
                "status": status,
                "ended_at": ended_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        flow_id = UUID(d.pop("flow_id"))

        status = d.pop("status")

        def _parse_ended_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ended_at_type_0 = datetime.datetime.fromisoformat(data)

                return ended_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        ended_at = _parse_ended_at(d.pop("ended_at"))

        rollback_part_view = cls(
            id=id,
            flow_id=flow_id,
            status=status,
            ended_at=ended_at,
        )

        return rollback_part_view
