from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="StartedChainView")


@_attrs_define
class StartedChainView:
    """
    Attributes:
        flow_id (UUID):
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

        started_chain_view = cls(
            flow_id=flow_id,
        )

        return started_chain_view
