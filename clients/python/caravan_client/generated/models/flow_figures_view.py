from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.flow_figures_view_by_status import FlowFiguresViewByStatus


T = TypeVar("T", bound="FlowFiguresView")


@_attrs_define
class FlowFiguresView:
    """
    Attributes:
        by_status (FlowFiguresViewByStatus):
        median_seconds (float | None): of completed flows, from creation to the last decision
        p95_seconds (float | None):
    """

    by_status: FlowFiguresViewByStatus
    median_seconds: float | None
    p95_seconds: float | None

    def to_dict(self) -> dict[str, Any]:
        by_status = self.by_status.to_dict()

        median_seconds: float | None
        median_seconds = self.median_seconds

        p95_seconds: float | None
        p95_seconds = self.p95_seconds

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "by_status": by_status,
                "median_seconds": median_seconds,
                "p95_seconds": p95_seconds,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.flow_figures_view_by_status import FlowFiguresViewByStatus  # noqa: PLC0415

        d = dict(src_dict)
        by_status = FlowFiguresViewByStatus.from_dict(d.pop("by_status"))

        def _parse_median_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        median_seconds = _parse_median_seconds(d.pop("median_seconds"))

        def _parse_p95_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        p95_seconds = _parse_p95_seconds(d.pop("p95_seconds"))

        flow_figures_view = cls(
            by_status=by_status,
            median_seconds=median_seconds,
            p95_seconds=p95_seconds,
        )

        return flow_figures_view
