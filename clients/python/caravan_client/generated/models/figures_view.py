from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.figures_view_dates_item import FiguresViewDatesItem
    from ..models.figures_view_load_item import FiguresViewLoadItem


T = TypeVar("T", bound="FiguresView")


@_attrs_define
class FiguresView:
    """
    Attributes:
        cut (float):
        load (list[FiguresViewLoadItem]):
        dates (list[FiguresViewDatesItem]):
        unplaced (int):
    """

    cut: float
    load: list[FiguresViewLoadItem]
    dates: list[FiguresViewDatesItem]
    unplaced: int

    def to_dict(self) -> dict[str, Any]:
        cut = self.cut

        load = []
        for load_item_data in self.load:
            load_item = load_item_data.to_dict()
            load.append(load_item)

        dates = []
        for dates_item_data in self.dates:
            dates_item = dates_item_data.to_dict()
            dates.append(dates_item)

        unplaced = self.unplaced

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "cut": cut,
                "load": load,
                "dates": dates,
                "unplaced": unplaced,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.figures_view_dates_item import FiguresViewDatesItem  # noqa: PLC0415
        from ..models.figures_view_load_item import FiguresViewLoadItem  # noqa: PLC0415

        d = dict(src_dict)
        cut = d.pop("cut")

        load = []
        _load = d.pop("load")
        for load_item_data in _load:
            load_item = FiguresViewLoadItem.from_dict(load_item_data)

            load.append(load_item)

        dates = []
        _dates = d.pop("dates")
        for dates_item_data in _dates:
            dates_item = FiguresViewDatesItem.from_dict(dates_item_data)

            dates.append(dates_item)

        unplaced = d.pop("unplaced")

        figures_view = cls(
            cut=cut,
            load=load,
            dates=dates,
            unplaced=unplaced,
        )

        return figures_view
