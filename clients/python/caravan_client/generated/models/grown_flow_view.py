from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="GrownFlowView")


@_attrs_define
class GrownFlowView:
    """
    Attributes:
        id (UUID):
        flow_type (str):
        status (str):
    """

    id: UUID
    flow_type: str
    status: str

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        flow_type = self.flow_type

        status = self.status

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "flow_type": flow_type,
                "status": status,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        flow_type = d.pop("flow_type")

        status = d.pop("status")

        grown_flow_view = cls(
            id=id,
            flow_type=flow_type,
            status=status,
        )

        return grown_flow_view
