from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="RequestHandoff")


@_attrs_define
class RequestHandoff:
    """
    Attributes:
        target_flow_type (None | str | Unset): the one that the flow's definition names next when absent
    """

    target_flow_type: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        target_flow_type: None | str | Unset
        if isinstance(self.target_flow_type, Unset):
            target_flow_type = UNSET
        else:
            target_flow_type = self.target_flow_type

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if target_flow_type is not UNSET:
            field_dict["target_flow_type"] = target_flow_type

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_target_flow_type(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        target_flow_type = _parse_target_flow_type(d.pop("target_flow_type", UNSET))

        request_handoff = cls(
            target_flow_type=target_flow_type,
        )

        return request_handoff
