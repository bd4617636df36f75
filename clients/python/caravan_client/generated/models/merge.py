from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="Merge")


@_attrs_define
class Merge:
    """Make one wave of two neighbours.

    Attributes:
        waves (list[int]):
    """

    waves: list[int]

    def to_dict(self) -> dict[str, Any]:
        waves = self.waves

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "waves": waves,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        waves = cast(list[int], d.pop("waves"))

        merge = cls(
            waves=waves,
        )

        return merge
