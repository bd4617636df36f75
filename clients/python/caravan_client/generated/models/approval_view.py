from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="ApprovalView")


@_attrs_define
class ApprovalView:
    """
    Attributes:
        id (UUID):
        flow_id (UUID):
        phase (str):
        subject (str):
        status (str):
        requested_by (str):
        decided_by (None | str):
        comment (None | str):
        created_at (datetime.datetime):
        decided_at (datetime.datetime | None):
    """

    id: UUID
    flow_id: UUID
    phase: str
    subject: str
    status: str
    requested_by: str
    decided_by: None | str
    comment: None | str
    created_at: datetime.datetime
    decided_at: datetime.datetime | None

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        flow_id = str(self.flow_id)

        phase = self.phase

        subject = self.subject

        status = self.status

        requested_by = self.requested_by

        decided_by: None | str
        decided_by = self.decided_by

        comment: None | str
        comment = self.comment

        created_at = self.created_at.isoformat()

        decided_at: None | str
        if isinstance(self.decided_at, datetime.datetime):
            decided_at = self.decided_at.isoformat()
        else:
            decided_at = self.decided_at

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "flow_id": flow_id,
                "phase": phase,
                "subject": subject,
                "status": status,
                "requested_by": requested_by,
                "decided_by": decided_by,
                "comment": comment,
                "created_at": created_at,
                "decided_at": decided_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        flow_id = UUID(d.pop("flow_id"))

        phase = d.pop("phase")

        subject = d.pop("subject")

        status = d.pop("status")

        requested_by = d.pop("requested_by")

        def _parse_decided_by(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        decided_by = _parse_decided_by(d.pop("decided_by"))

        def _parse_comment(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        comment = _parse_comment(d.pop("comment"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_decided_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                decided_at_type_0 = datetime.datetime.fromisoformat(data)

                return decided_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        decided_at = _parse_decided_at(d.pop("decided_at"))

        approval_view = cls(
            id=id,
            flow_id=flow_id,
            phase=phase,
            subject=subject,
            status=status,
            requested_by=requested_by,
            decided_by=decided_by,
            comment=comment,
            created_at=created_at,
            decided_at=decided_at,
        )

        return approval_view
