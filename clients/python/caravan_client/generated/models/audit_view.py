from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.audit_view_details import AuditViewDetails


T = TypeVar("T", bound="AuditView")


@_attrs_define
class AuditView:
    """
    Attributes:
        id (UUID):
        flow_id (None | UUID):
        sequence (int):
        actor (str):
        action (str):
        subject (str):
        details (AuditViewDetails):
        at (datetime.datetime):
        previous (str):
        hash_ (str):
    """

    id: UUID
    flow_id: None | UUID
    sequence: int
    actor: str
    action: str
    subject: str
    details: AuditViewDetails
    at: datetime.datetime
    previous: str
    hash_: str

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        flow_id: None | str
        if isinstance(self.flow_id, UUID):
            flow_id = str(self.flow_id)
        else:
            flow_id = self.flow_id

        sequence = self.sequence

        actor = self.actor

        action = self.action

        subject = self.subject

        details = self.details.to_dict()

        at = self.at.isoformat()

        previous = self.previous

        hash_ = self.hash_

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "flow_id": flow_id,
                "sequence": sequence,
                "actor": actor,
                "action": action,
                "subject": subject,
                "details": details,
                "at": at,
                "previous": previous,
                "hash": hash_,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.audit_view_details import AuditViewDetails  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

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

        sequence = d.pop("sequence")

        actor = d.pop("actor")

        action = d.pop("action")

        subject = d.pop("subject")

        details = AuditViewDetails.from_dict(d.pop("details"))

        at = datetime.datetime.fromisoformat(d.pop("at"))

        previous = d.pop("previous")

        hash_ = d.pop("hash")

        audit_view = cls(
            id=id,
            flow_id=flow_id,
            sequence=sequence,
            actor=actor,
            action=action,
            subject=subject,
            details=details,
            at=at,
            previous=previous,
            hash_=hash_,
        )

        return audit_view
