from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="DiscardEdit")


@_attrs_define
class DiscardEdit:
    """
    Attributes:
        edit_id (UUID):
    """

    edit_id: UUID

    def to_dict(self) -> dict[str, Any]:
        edit_id = str(self.edit_id)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "edit_id": edit_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        edit_id = UUID(d.pop("edit_id"))

        discard_edit = cls(
            edit_id=edit_id,
        )

        return discard_edit
