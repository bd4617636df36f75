from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.plan_rows_view_items_item import PlanRowsViewItemsItem
    from ..models.plan_rows_view_summary_type_0 import PlanRowsViewSummaryType0


T = TypeVar("T", bound="PlanRowsView")


@_attrs_define
class PlanRowsView:
    """A version of a plan, with what the phase says of it in short (`summary`) while it is in force.

    Attributes:
        version (UUID):
        flow_id (UUID):
        phase (str):
        in_force (bool):
        created_at (datetime.datetime):
        rows (int):
        summary (None | PlanRowsViewSummaryType0):
        items (list[PlanRowsViewItemsItem]):
        next_cursor (None | str):
    """

    version: UUID
    flow_id: UUID
    phase: str
    in_force: bool
    created_at: datetime.datetime
    rows: int
    summary: None | PlanRowsViewSummaryType0
    items: list[PlanRowsViewItemsItem]
    next_cursor: None | str

    def to_dict(self) -> dict[str, Any]:
        from ..models.plan_rows_view_summary_type_0 import PlanRowsViewSummaryType0  # noqa: PLC0415

        version = str(self.version)

        flow_id = str(self.flow_id)

        phase = self.phase

        in_force = self.in_force

        created_at = self.created_at.isoformat()

        rows = self.rows

        summary: dict[str, Any] | None
        if isinstance(self.summary, PlanRowsViewSummaryType0):
            summary = self.summary.to_dict()
        else:
            summary = self.summary

        items = []
        for items_item_data in self.items:
            items_item = items_item_data.to_dict()
            items.append(items_item)

        next_cursor: None | str
        next_cursor = self.next_cursor

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "version": version,
                "flow_id": flow_id,
                "phase": phase,
                "in_force": in_force,
                "created_at": created_at,
                "rows": rows,
                "summary": summary,
                "items": items,
                "next_cursor": next_cursor,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.plan_rows_view_items_item import PlanRowsViewItemsItem  # noqa: PLC0415
        from ..models.plan_rows_view_summary_type_0 import PlanRowsViewSummaryType0  # noqa: PLC0415

        d = dict(src_dict)
        version = UUID(d.pop("version"))

        flow_id = UUID(d.pop("flow_id"))

        phase = d.pop("phase")

        in_force = d.pop("in_force")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        rows = d.pop("rows")

        def _parse_summary(data: object) -> None | PlanRowsViewSummaryType0:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                summary_type_0 = PlanRowsViewSummaryType0.from_dict(data)

                return summary_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PlanRowsViewSummaryType0, data)

        summary = _parse_summary(d.pop("summary"))

        items = []
        _items = d.pop("items")
        for items_item_data in _items:
            items_item = PlanRowsViewItemsItem.from_dict(items_item_data)

            items.append(items_item)

        def _parse_next_cursor(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        next_cursor = _parse_next_cursor(d.pop("next_cursor"))

        plan_rows_view = cls(
            version=version,
            flow_id=flow_id,
            phase=phase,
            in_force=in_force,
            created_at=created_at,
            rows=rows,
            summary=summary,
            items=items,
            next_cursor=next_cursor,
        )

        return plan_rows_view
