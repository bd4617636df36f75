from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="OldAndNewView")


@_attrs_define
class OldAndNewView:
    """
    Attributes:
        old (Any):
        new (Any):
    """

    old: Any
    new: Any

    def to_dict(self) -> dict[str, Any]:
        old = self.old

        new = self.new

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "old": old,
                "new": new,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        old = d.pop("old")

        new = d.pop("new")

        old_and_new_view = cls(
            old=old,
            new=new,
        )

        return old_and_new_view
