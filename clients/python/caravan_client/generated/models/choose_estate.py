from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="ChooseEstate")


@_attrs_define
class ChooseEstate:
    """
    Attributes:
        flow_id (UUID): the estate's root flow
    """

    flow_id: UUID

    def to_dict(self) -> dict[str, Any]:
        flow_id = str(self.flow_id)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "flow_id": flow_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        flow_id = UUID(d.pop("flow_id"))

        choose_estate = cls(
            flow_id=flow_id,
        )

        return choose_estate
