from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.flow_counts_view_by_status import FlowCountsViewByStatus
    from ..models.flow_counts_view_by_type import FlowCountsViewByType


T = TypeVar("T", bound="FlowCountsView")


@_attrs_define
class FlowCountsView:
    """
    Attributes:
        total (int):
        by_status (FlowCountsViewByStatus):
        by_type (FlowCountsViewByType): flow type → status → flows
        paused (int):
        stale (int):
    """

    total: int
    by_status: FlowCountsViewByStatus
    by_type: FlowCountsViewByType
    paused: int
    stale: int

    def to_dict(self) -> dict[str, Any]:
        total = self.total

        by_status = self.by_status.to_dict()

        by_type = self.by_type.to_dict()

        paused = self.paused

        stale = self.stale

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "total": total,
                "by_status": by_status,
                "by_type": by_type,
                "paused": paused,
                "stale": stale,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.flow_counts_view_by_status import FlowCountsViewByStatus  # noqa: PLC0415
        from ..models.flow_counts_view_by_type import FlowCountsViewByType  # noqa: PLC0415

        d = dict(src_dict)
        total = d.pop("total")

        by_status = FlowCountsViewByStatus.from_dict(d.pop("by_status"))

        by_type = FlowCountsViewByType.from_dict(d.pop("by_type"))

        paused = d.pop("paused")

        stale = d.pop("stale")

        flow_counts_view = cls(
            total=total,
            by_status=by_status,
            by_type=by_type,
            paused=paused,
            stale=stale,
        )

        return flow_counts_view
