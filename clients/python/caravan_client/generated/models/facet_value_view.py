from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="FacetValueView")


@_attrs_define
class FacetValueView:
    """
    Attributes:
        value (bool | None | str):
        count (int):
    """

    value: bool | None | str
    count: int

    def to_dict(self) -> dict[str, Any]:
        value: bool | None | str
        value = self.value

        count = self.count

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "value": value,
                "count": count,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_value(data: object) -> bool | None | str:
            if data is None:
                return data
            return cast(bool | None | str, data)

        value = _parse_value(d.pop("value"))

        count = d.pop("count")

        facet_value_view = cls(
            value=value,
            count=count,
        )

        return facet_value_view
