from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="LineageAssetView")


@_attrs_define
class LineageAssetView:
    """
    Attributes:
        id (UUID):
        natural_key (str):
        name (None | str):
        asset_type (None | str):
        estate_id (UUID):
    """

    id: UUID
    natural_key: str
    name: None | str
    asset_type: None | str
    estate_id: UUID

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        natural_key = self.natural_key

        name: None | str
        name = self.name

        asset_type: None | str
        asset_type = self.asset_type

        estate_id = str(self.estate_id)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "natural_key": natural_key,
                "name": name,
                "asset_type": asset_type,
                "estate_id": estate_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        natural_key = d.pop("natural_key")

        def _parse_name(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        name = _parse_name(d.pop("name"))

        def _parse_asset_type(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        asset_type = _parse_asset_type(d.pop("asset_type"))

        estate_id = UUID(d.pop("estate_id"))

        lineage_asset_view = cls(
            id=id,
            natural_key=natural_key,
            name=name,
            asset_type=asset_type,
            estate_id=estate_id,
        )

        return lineage_asset_view
