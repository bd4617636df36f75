from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.treatments_view_items_item import TreatmentsViewItemsItem


T = TypeVar("T", bound="TreatmentsView")


@_attrs_define
class TreatmentsView:
    """Each item with `decision`: what a person has set, and whether it is taken in yet (`pending`).

    Attributes:
        flow_id (None | UUID):
        dataset_id (None | UUID):
        items (list[TreatmentsViewItemsItem]):
        next_cursor (None | str):
    """

    flow_id: None | UUID
    dataset_id: None | UUID
    items: list[TreatmentsViewItemsItem]
    next_cursor: None | str

    def to_dict(self) -> dict[str, Any]:
        flow_id: None | str
        if isinstance(self.flow_id, UUID):
            flow_id = str(self.flow_id)
        else:
            flow_id = self.flow_id

        dataset_id: None | str
        if isinstance(self.dataset_id, UUID):
            dataset_id = str(self.dataset_id)
        else:
            dataset_id = self.dataset_id

        items = []
        for items_item_data in self.items:
            items_item = items_item_data.to_dict()
            items.append(items_item)

        next_cursor: None | str
        next_cursor = self.next_cursor

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "flow_id": flow_id,
                "dataset_id": dataset_id,
                "items": items,
                "next_cursor": next_cursor,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.treatments_view_items_item import TreatmentsViewItemsItem  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_flow_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                flow_id_type_0 = UUID(data)

                return flow_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        flow_id = _parse_flow_id(d.pop("flow_id"))

        def _parse_dataset_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                dataset_id_type_0 = UUID(data)

                return dataset_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        dataset_id = _parse_dataset_id(d.pop("dataset_id"))

        items = []
        _items = d.pop("items")
        for items_item_data in _items:
            items_item = TreatmentsViewItemsItem.from_dict(items_item_data)

            items.append(items_item)

        def _parse_next_cursor(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        next_cursor = _parse_next_cursor(d.pop("next_cursor"))

        treatments_view = cls(
            flow_id=flow_id,
            dataset_id=dataset_id,
            items=items,
            next_cursor=next_cursor,
        )

        return treatments_view
