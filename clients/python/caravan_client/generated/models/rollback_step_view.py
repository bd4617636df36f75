from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.rollback_step_view_details import RollbackStepViewDetails


T = TypeVar("T", bound="RollbackStepView")


@_attrs_define
class RollbackStepView:
    """
    Attributes:
        flow_id (UUID):
        position (int):
        kind (str):
        subject (str):
        status (str):
        attempt_id (None | UUID):
        compensation_id (None | UUID):
        details (RollbackStepViewDetails):
        ended_at (datetime.datetime | None):
    """

    flow_id: UUID
    position: int
    kind: str
    subject: str
    status: str
    attempt_id: None | UUID
    compensation_id: None | UUID
    details: RollbackStepViewDetails
    ended_at: datetime.datetime | None

    def to_dict(self) -> dict[str, Any]:
        flow_id = str(self.flow_id)

        position = self.position

        kind = self.kind

        subject = self.subject

        status = self.status

        attempt_id: None | str
        if isinstance(self.attempt_id, UUID):
            attempt_id = str(self.attempt_id)
        else:
            attempt_id = self.attempt_id

        compensation_id: None | str
        if isinstance(self.compensation_id, UUID):
            compensation_id = str(self.compensation_id)
        else:
            compensation_id = self.compensation_id

        details = self.details.to_dict()

        ended_at: None | str
        if isinstance(self.ended_at, datetime.datetime):
            ended_at = self.ended_at.isoformat()
        else:
            ended_at = self.ended_at

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "flow_id": flow_id,
                "position": position,
                "kind": kind,
                "subject": subject,
                "status": status,
                "attempt_id": attempt_id,
                "compensation_id": compensation_id,
                "details": details,
                "ended_at": ended_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.rollback_step_view_details import RollbackStepViewDetails  # noqa: PLC0415

        d = dict(src_dict)
        flow_id = UUID(d.pop("flow_id"))

        position = d.pop("position")

        kind = d.pop("kind")

        subject = d.pop("subject")

        status = d.pop("status")

        def _parse_attempt_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                attempt_id_type_0 = UUID(data)

                return attempt_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        attempt_id = _parse_attempt_id(d.pop("attempt_id"))

        def _parse_compensation_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                compensation_id_type_0 = UUID(data)

                return compensation_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        compensation_id = _parse_compensation_id(d.pop("compensation_id"))

        details = RollbackStepViewDetails.from_dict(d.pop("details"))

        def _parse_ended_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ended_at_type_0 = datetime.datetime.fromisoformat(data)

                return ended_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        ended_at = _parse_ended_at(d.pop("ended_at"))

        rollback_step_view = cls(
            flow_id=flow_id,
            position=position,
            kind=kind,
            subject=subject,
            status=status,
            attempt_id=attempt_id,
            compensation_id=compensation_id,
            details=details,
            ended_at=ended_at,
        )

        return rollback_step_view
