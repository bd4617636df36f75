from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="ReplayedView")


@_attrs_define
class ReplayedView:
    """
    Attributes:
        replies (int):
        retried (int):
        left (int):
    """

    replies: int
    retried: int
    left: int

    def to_dict(self) -> dict[str, Any]:
        replies = self.replies

        retried = self.retried

        left = self.left

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "replies": replies,
                "retried": retried,
                "left": left,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        replies = d.pop("replies")

        retried = d.pop("retried")

        left = d.pop("left")

        replayed_view = cls(
            replies=replies,
            retried=retried,
            left=left,
        )

        return replayed_view
