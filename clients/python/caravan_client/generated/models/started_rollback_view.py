from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="StartedRollbackView")


@_attrs_define
class StartedRollbackView:
    """
    Attributes:
        rollback_id (UUID):
    """

    rollback_id: UUID

    def to_dict(self) -> dict[str, Any]:
        rollback_id = str(self.rollback_id)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "rollback_id": rollback_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        rollback_id = UUID(d.pop("rollback_id"))

        started_rollback_view = cls(
            rollback_id=rollback_id,
        )

        return started_rollback_view
