from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="ChangedAssetsView")


@_attrs_define
class ChangedAssetsView:
    """
    Attributes:
        estate_id (UUID):
        rows (int):
        columns (list[str]):
    """

    estate_id: UUID
    rows: int
    columns: list[str]

    def to_dict(self) -> dict[str, Any]:
        estate_id = str(self.estate_id)

        rows = self.rows

        columns = self.columns

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "estate_id": estate_id,
                "rows": rows,
                "columns": columns,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        estate_id = UUID(d.pop("estate_id"))

        rows = d.pop("rows")

        columns = cast(list[str], d.pop("columns"))

        changed_assets_view = cls(
            estate_id=estate_id,
            rows=rows,
            columns=columns,
        )

        return changed_assets_view
