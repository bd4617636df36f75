from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.wave_plan_view_calendar_item import WavePlanViewCalendarItem
    from ..models.wave_plan_view_dates_item import WavePlanViewDatesItem
    from ..models.wave_plan_view_findings_item import WavePlanViewFindingsItem
    from ..models.wave_plan_view_items_item import WavePlanViewItemsItem
    from ..models.wave_plan_view_load_item import WavePlanViewLoadItem
    from ..models.wave_plan_view_summary_type_0 import WavePlanViewSummaryType0
    from ..models.wave_plan_view_violations_type_0 import WavePlanViewViolationsType0


T = TypeVar("T", bound="WavePlanView")


@_attrs_define
class WavePlanView:
    """
    Attributes:
        version (UUID):
        flow_id (UUID):
        phase (str):
        in_force (bool):
        created_at (datetime.datetime):
        rows (int):
        summary (None | WavePlanViewSummaryType0):
        items (list[WavePlanViewItemsItem]):
        next_cursor (None | str):
        cut (float): weight of the soft edges between waves
        load (list[WavePlanViewLoadItem]): units, effort, servers by wave
        dates (list[WavePlanViewDatesItem]):
        unplaced (int): units without a wave
        violations (None | WavePlanViewViolationsType0): as the service counted them; null of a version not in force
        calendar (list[WavePlanViewCalendarItem]):
        findings (list[WavePlanViewFindingsItem]):
    """

    version: UUID
    flow_id: UUID
    phase: str
    in_force: bool
    created_at: datetime.datetime
    rows: int
    summary: None | WavePlanViewSummaryType0
    items: list[WavePlanViewItemsItem]
    next_cursor: None | str
    cut: float
    load: list[WavePlanViewLoadItem]
    dates: list[WavePlanViewDatesItem]
    unplaced: int
    violations: None | WavePlanViewViolationsType0
    calendar: list[WavePlanViewCalendarItem]
    findings: list[WavePlanViewFindingsItem]

    def to_dict(self) -> dict[str, Any]:
        from ..models.wave_plan_view_summary_type_0 import WavePlanViewSummaryType0  # noqa: PLC0415
        from ..models.wave_plan_view_violations_type_0 import (
            WavePlanViewViolationsType0,  # noqa: PLC0415
        )

        version = str(self.version)

        flow_id = str(self.flow_id)

        phase = self.phase

        in_force = self.in_force

        created_at = self.created_at.isoformat()

        rows = self.rows

        summary: dict[str, Any] | None
        if isinstance(self.summary, WavePlanViewSummaryType0):
            summary = self.summary.to_dict()
        else:
            summary = self.summary

        items = []
        for items_item_data in self.items:
            items_item = items_item_data.to_dict()
            items.append(items_item)

        next_cursor: None | str
        next_cursor = self.next_cursor

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

        violations: dict[str, Any] | None
        if isinstance(self.violations, WavePlanViewViolationsType0):
            violations = self.violations.to_dict()
        else:
            violations = self.violations

        calendar = []
        for calendar_item_data in self.calendar:
            calendar_item = calendar_item_data.to_dict()
            calendar.append(calendar_item)

        findings = []
        for findings_item_data in self.findings:
            findings_item = findings_item_data.to_dict()
            findings.append(findings_item)

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
                "cut": cut,
                "load": load,
                "dates": dates,
                "unplaced": unplaced,
                "violations": violations,
                "calendar": calendar,
                "findings": findings,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.wave_plan_view_calendar_item import WavePlanViewCalendarItem  # noqa: PLC0415
        from ..models.wave_plan_view_dates_item import WavePlanViewDatesItem  # noqa: PLC0415
        from ..models.wave_plan_view_findings_item import WavePlanViewFindingsItem  # noqa: PLC0415
        from ..models.wave_plan_view_items_item import WavePlanViewItemsItem  # noqa: PLC0415
        from ..models.wave_plan_view_load_item import WavePlanViewLoadItem  # noqa: PLC0415
        from ..models.wave_plan_view_summary_type_0 import WavePlanViewSummaryType0  # noqa: PLC0415
        from ..models.wave_plan_view_violations_type_0 import (
            WavePlanViewViolationsType0,  # noqa: PLC0415
        )

        d = dict(src_dict)
        version = UUID(d.pop("version"))

        flow_id = UUID(d.pop("flow_id"))

        phase = d.pop("phase")

        in_force = d.pop("in_force")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        rows = d.pop("rows")

        def _parse_summary(data: object) -> None | WavePlanViewSummaryType0:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                summary_type_0 = WavePlanViewSummaryType0.from_dict(data)

                return summary_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | WavePlanViewSummaryType0, data)

        summary = _parse_summary(d.pop("summary"))

        items = []
        _items = d.pop("items")
        for items_item_data in _items:
            items_item = WavePlanViewItemsItem.from_dict(items_item_data)

            items.append(items_item)

        def _parse_next_cursor(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        next_cursor = _parse_next_cursor(d.pop("next_cursor"))

        cut = d.pop("cut")

        load = []
        _load = d.pop("load")
        for load_item_data in _load:
            load_item = WavePlanViewLoadItem.from_dict(load_item_data)

            load.append(load_item)

        dates = []
        _dates = d.pop("dates")
        for dates_item_data in _dates:
            dates_item = WavePlanViewDatesItem.from_dict(dates_item_data)

            dates.append(dates_item)

        unplaced = d.pop("unplaced")

        def _parse_violations(data: object) -> None | WavePlanViewViolationsType0:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                violations_type_0 = WavePlanViewViolationsType0.from_dict(data)

                return violations_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | WavePlanViewViolationsType0, data)

        violations = _parse_violations(d.pop("violations"))

        calendar = []
        _calendar = d.pop("calendar")
        for calendar_item_data in _calendar:
            calendar_item = WavePlanViewCalendarItem.from_dict(calendar_item_data)

            calendar.append(calendar_item)

        findings = []
        _findings = d.pop("findings")
        for findings_item_data in _findings:
            findings_item = WavePlanViewFindingsItem.from_dict(findings_item_data)

            findings.append(findings_item)

        wave_plan_view = cls(
            version=version,
            flow_id=flow_id,
            phase=phase,
            in_force=in_force,
            created_at=created_at,
            rows=rows,
            summary=summary,
            items=items,
            next_cursor=next_cursor,
            cut=cut,
            load=load,
            dates=dates,
            unplaced=unplaced,
            violations=violations,
            calendar=calendar,
            findings=findings,
        )

        return wave_plan_view
