from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="CreateClient")


@_attrs_define
class CreateClient:
    """
    Attributes:
        name (str):
        engagement (str | Unset): name of its first engagement Default: 'main'.
    """

    name: str
    engagement: str | Unset = "main"

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        engagement = self.engagement

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
            }
        )
        if engagement is not UNSET:
            field_dict["engagement"] = engagement

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        engagement = d.pop("engagement", UNSET)

        create_client = cls(
            name=name,
            engagement=engagement,
        )

        return create_client
