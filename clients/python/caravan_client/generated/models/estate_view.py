from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="EstateView")


@_attrs_define
class EstateView:
    """
    Attributes:
        flow_id (UUID):
        name (str):
        flow_type (str):
        status (str):
        created_at (datetime.datetime):
        assets (int):
        current (bool):
    """

    flow_id: UUID
    name: str
    flow_type: str
    status: str
    created_at: datetime.datetime
    assets: int
    current: bool

    def to_dict(self) -> dict[str, Any]:
        flow_id = str(self.flow_id)

        name = self.name

        flow_type = self.flow_type

        status = self.status

        created_at = self.created_at.isoformat()

        assets = self.assets

        current = self.current

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "flow_id": flow_id,
                "name": name,
                "flow_type": flow_type,
                "status": status,
                "created_at": created_at,
                "assets": assets,
                "current": current,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        flow_id = UUID(d.pop("flow_id"))

        name = d.pop("name")

        flow_type = d.pop("flow_type")

        status = d.pop("status")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        assets = d.pop("assets")

        current = d.pop("current")

        estate_view = cls(
            flow_id=flow_id,
            name=name,
            flow_type=flow_type,
            status=status,
            created_at=created_at,
            assets=assets,
            current=current,
        )

        return estate_view
