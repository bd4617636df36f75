from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="DeadLetterView")


@_attrs_define
class DeadLetterView:
    """
    Attributes:
        id (UUID):
        queue (str):
        reason (str):
        error_group (str):
        error (None | str):
        type_ (str):
        message_id (None | str):
        attempt_id (None | UUID):
        flow_id (None | UUID):
        status (str):
        created_at (datetime.datetime):
        replayed_at (datetime.datetime | None):
    """

    id: UUID
    queue: str
    reason: str
    error_group: str
    error: None | str
    type_: str
    message_id: None | str
    attempt_id: None | UUID
    flow_id: None | UUID
    status: str
    created_at: datetime.datetime
    replayed_at: datetime.datetime | None

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        queue = self.queue

        reason = self.reason

        error_group = self.error_group

        error: None | str
        error = self.error

        type_ = self.type_

        message_id: None | str
        message_id = self.message_id

        attempt_id: None | str
        if isinstance(self.attempt_id, UUID):
            attempt_id = str(self.attempt_id)
        else:
            attempt_id = self.attempt_id

        flow_id: None | str
        if isinstance(self.flow_id, UUID):
            flow_id = str(self.flow_id)
        else:
            flow_id = self.flow_id

        status = self.status

        created_at = self.created_at.isoformat()

        replayed_at: None | str
        if isinstance(self.replayed_at, datetime.datetime):
            replayed_at = self.replayed_at.isoformat()
        else:
            replayed_at = self.replayed_at

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "queue": queue,
                "reason": reason,
                "error_group": error_group,
                "error": error,
                "type": type_,
                "message_id": message_id,
                "attempt_id": attempt_id,
                "flow_id": flow_id,
                "status": status,
                "created_at": created_at,
                "replayed_at": replayed_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        queue = d.pop("queue")

        reason = d.pop("reason")

        error_group = d.pop("error_group")

        def _parse_error(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        error = _parse_error(d.pop("error"))

        type_ = d.pop("type")

        def _parse_message_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        message_id = _parse_message_id(d.pop("message_id"))

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

        status = d.pop("status")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_replayed_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                replayed_at_type_0 = datetime.datetime.fromisoformat(data)

                return replayed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        replayed_at = _parse_replayed_at(d.pop("replayed_at"))

        dead_letter_view = cls(
            id=id,
            queue=queue,
            reason=reason,
            error_group=error_group,
            error=error,
            type_=type_,
            message_id=message_id,
            attempt_id=attempt_id,
            flow_id=flow_id,
            status=status,
            created_at=created_at,
            replayed_at=replayed_at,
        )

        return dead_letter_view
