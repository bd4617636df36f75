from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="EngagementView")


@_attrs_define
class EngagementView:
    """
    Attributes:
        id (UUID):
        name (str):
        current_estate_id (None | UUID):
        created_at (datetime.datetime):
    """

    id: UUID
    name: str
    current_estate_id: None | UUID
    created_at: datetime.datetime

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        name = self.name

        current_estate_id: None | str
        if isinstance(self.current_estate_id, UUID):
            current_estate_id = str(self.current_estate_id)
        else:
            current_estate_id = self.current_estate_id

        created_at = self.created_at.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "name": name,
                "current_estate_id": current_estate_id,
                "created_at": created_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        name = d.pop("name")

        def _parse_current_estate_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                current_estate_id_type_0 = UUID(data)

                return current_estate_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        current_estate_id = _parse_current_estate_id(d.pop("current_estate_id"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        engagement_view = cls(
            id=id,
            name=name,
            current_estate_id=current_estate_id,
            created_at=created_at,
        )

        return engagement_view
