from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.asset_view import AssetView


T = TypeVar("T", bound="AssetPageView")


@_attrs_define
class AssetPageView:
    """
    Attributes:
        estate_id (None | UUID): the one shown
        current_estate_id (None | UUID):
        items (list[AssetView]):
        next_cursor (None | str):
    """

    estate_id: None | UUID
    current_estate_id: None | UUID
    items: list[AssetView]
    next_cursor: None | str

    def to_dict(self) -> dict[str, Any]:
        estate_id: None | str
        if isinstance(self.estate_id, UUID):
            estate_id = str(self.estate_id)
        else:
            estate_id = self.estate_id

        current_estate_id: None | str
        if isinstance(self.current_estate_id, UUID):
            current_estate_id = str(self.current_estate_id)
        else:
            current_estate_id = self.current_estate_id

        items = []
        for items_item_data in self.items:
            items_item = items_item_data.to_dict()
            items.append(items_item)

        next_cursor: None | str
        next_cursor = self.next_cursor

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "estate_id": estate_id,
                "current_estate_id": current_estate_id,
                "items": items,
                "next_cursor": next_cursor,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.asset_view import AssetView  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_estate_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                estate_id_type_0 = UUID(data)

                return estate_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        estate_id = _parse_estate_id(d.pop("estate_id"))

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

        items = []
        _items = d.pop("items")
        for items_item_data in _items:
            items_item = AssetView.from_dict(items_item_data)

            items.append(items_item)

        def _parse_next_cursor(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        next_cursor = _parse_next_cursor(d.pop("next_cursor"))

        asset_page_view = cls(
            estate_id=estate_id,
            current_estate_id=current_estate_id,
            items=items,
            next_cursor=next_cursor,
        )

        return asset_page_view
