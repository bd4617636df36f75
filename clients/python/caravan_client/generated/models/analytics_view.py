from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.day_view import DayView
    from ..models.flow_figures_view import FlowFiguresView
    from ..models.phase_figures_view import PhaseFiguresView
    from ..models.usage_figures_view import UsageFiguresView


T = TypeVar("T", bound="AnalyticsView")


@_attrs_define
class AnalyticsView:
    """
    Attributes:
        flows (FlowFiguresView):
        phases (list[PhaseFiguresView]): by flow type, in order
        days (list[DayView]): the newest, oldest of them first
        usage (UsageFiguresView):
    """

    flows: FlowFiguresView
    phases: list[PhaseFiguresView]
    days: list[DayView]
    usage: UsageFiguresView

    def to_dict(self) -> dict[str, Any]:
        flows = self.flows.to_dict()

        phases = []
        for phases_item_data in self.phases:
            phases_item = phases_item_data.to_dict()
            phases.append(phases_item)

        days = []
        for days_item_data in self.days:
            days_item = days_item_data.to_dict()
            days.append(days_item)

        usage = self.usage.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "flows": flows,
                "phases": phases,
                "days": days,
                "usage": usage,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.day_view import DayView  # noqa: PLC0415
        from ..models.flow_figures_view import FlowFiguresView  # noqa: PLC0415
        from ..models.phase_figures_view import PhaseFiguresView  # noqa: PLC0415
        from ..models.usage_figures_view import UsageFiguresView  # noqa: PLC0415

        d = dict(src_dict)
        flows = FlowFiguresView.from_dict(d.pop("flows"))

        phases = []
        _phases = d.pop("phases")
        for phases_item_data in _phases:
            phases_item = PhaseFiguresView.from_dict(phases_item_data)

            phases.append(phases_item)

        days = []
        _days = d.pop("days")
        for days_item_data in _days:
            days_item = DayView.from_dict(days_item_data)

            days.append(days_item)

        usage = UsageFiguresView.from_dict(d.pop("usage"))

        analytics_view = cls(
            flows=flows,
            phases=phases,
            days=days,
            usage=usage,
        )

        return analytics_view
