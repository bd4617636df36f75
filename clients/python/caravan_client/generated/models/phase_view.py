from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.phase_view_decided_by import PhaseViewDecidedBy
    from ..models.phase_view_error_type_0 import PhaseViewErrorType0
    from ..models.phase_view_summary import PhaseViewSummary
    from ..models.units_view import UnitsView


T = TypeVar("T", bound="PhaseView")


@_attrs_define
class PhaseView:
    """
    Attributes:
        name (str):
        position (int):
        status (str):
        reason (None | str):
        stale (bool): its inputs or decisions changed since
        progress (float):
        note (None | str):
        units (None | UnitsView):
        active_attempt_id (None | UUID):
        summary (PhaseViewSummary):
        decided_by (PhaseViewDecidedBy):
        error (None | PhaseViewErrorType0):
        seconds (float | None):
        started_at (datetime.datetime | None):
        completed_at (datetime.datetime | None):
    """

    name: str
    position: int
    status: str
    reason: None | str
    stale: bool
    progress: float
    note: None | str
    units: None | UnitsView
    active_attempt_id: None | UUID
    summary: PhaseViewSummary
    decided_by: PhaseViewDecidedBy
    error: None | PhaseViewErrorType0
    seconds: float | None
    started_at: datetime.datetime | None
    completed_at: datetime.datetime | None

    def to_dict(self) -> dict[str, Any]:
        from ..models.phase_view_error_type_0 import PhaseViewErrorType0  # noqa: PLC0415
        from ..models.units_view import UnitsView  # noqa: PLC0415

        name = self.name

        position = self.position

        status = self.status

        reason: None | str
        reason = self.reason

        stale = self.stale

        progress = self.progress

        note: None | str
        note = self.note

        units: dict[str, Any] | None
        if isinstance(self.units, UnitsView):
            units = self.units.to_dict()
        else:
            units = self.units

        active_attempt_id: None | str
        if isinstance(self.active_attempt_id, UUID):
            active_attempt_id = str(self.active_attempt_id)
        else:
            active_attempt_id = self.active_attempt_id

        summary = self.summary.to_dict()

        decided_by = self.decided_by.to_dict()

        error: dict[str, Any] | None
        if isinstance(self.error, PhaseViewErrorType0):
            error = self.error.to_dict()
        else:
            error = self.error

        seconds: float | None
        seconds = self.seconds

        started_at: None | str
        if isinstance(self.started_at, datetime.datetime):
            started_at = self.started_at.isoformat()
        else:
            started_at = self.started_at

        completed_at: None | str
        if isinstance(self.completed_at, datetime.datetime):
            completed_at = self.completed_at.isoformat()
        else:
            completed_at = self.completed_at

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "position": position,
                "status": status,
                "reason": reason,
                "stale": stale,
                "progress": progress,
                "note": note,
                "units": units,
                "active_attempt_id": active_attempt_id,
                "summary": summary,
                "decided_by": decided_by,
                "error": error,
                "seconds": seconds,
                "started_at": started_at,
                "completed_at": completed_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.phase_view_decided_by import PhaseViewDecidedBy  # noqa: PLC0415
        from ..models.phase_view_error_type_0 import PhaseViewErrorType0  # noqa: PLC0415
        from ..models.phase_view_summary import PhaseViewSummary  # noqa: PLC0415
        from ..models.units_view import UnitsView  # noqa: PLC0415

        d = dict(src_dict)
        name = d.pop("name")

        position = d.pop("position")

        status = d.pop("status")

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reason = _parse_reason(d.pop("reason"))

        stale = d.pop("stale")

        progress = d.pop("progress")

        def _parse_note(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        note = _parse_note(d.pop("note"))

        def _parse_units(data: object) -> None | UnitsView:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                units_type_0 = UnitsView.from_dict(data)

                return units_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UnitsView, data)

        units = _parse_units(d.pop("units"))

        def _parse_active_attempt_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                active_attempt_id_type_0 = UUID(data)

                return active_attempt_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        active_attempt_id = _parse_active_attempt_id(d.pop("active_attempt_id"))

        summary = PhaseViewSummary.from_dict(d.pop("summary"))

        decided_by = PhaseViewDecidedBy.from_dict(d.pop("decided_by"))

        def _parse_error(data: object) -> None | PhaseViewErrorType0:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                error_type_0 = PhaseViewErrorType0.from_dict(data)

                return error_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PhaseViewErrorType0, data)

        error = _parse_error(d.pop("error"))

        def _parse_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        seconds = _parse_seconds(d.pop("seconds"))

        def _parse_started_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                started_at_type_0 = datetime.datetime.fromisoformat(data)

                return started_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        started_at = _parse_started_at(d.pop("started_at"))

        def _parse_completed_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                completed_at_type_0 = datetime.datetime.fromisoformat(data)

                return completed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        completed_at = _parse_completed_at(d.pop("completed_at"))

        phase_view = cls(
            name=name,
            position=position,
            status=status,
            reason=reason,
            stale=stale,
            progress=progress,
            note=note,
            units=units,
            active_attempt_id=active_attempt_id,
            summary=summary,
            decided_by=decided_by,
            error=error,
            seconds=seconds,
            started_at=started_at,
            completed_at=completed_at,
        )

        return phase_view
