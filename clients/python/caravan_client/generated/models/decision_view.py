from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="DecisionView")


@_attrs_define
class DecisionView:
    """
    Attributes:
        number (int):
        kind (str):
        phase (str):
        subject (str):
        value (Any):
        old (Any):
        actor (str):
        reason (None | str):
        decided_at (datetime.datetime):
        withdrawn_by (None | Unset | UUID):
    """

    number: int
    kind: str
    phase: str
    subject: str
    value: Any
    old: Any
    actor: str
    reason: None | str
    decided_at: datetime.datetime
    withdrawn_by: None | Unset | UUID = UNSET

    def to_dict(self) -> dict[str, Any]:
        number = self.number

        kind = self.kind

        phase = self.phase

        subject = self.subject

        value = self.value

        old = self.old

        actor = self.actor

        reason: None | str
        reason = self.reason

        decided_at = self.decided_at.isoformat()

        withdrawn_by: None | str | Unset
        if isinstance(self.withdrawn_by, Unset):
            withdrawn_by = UNSET
        elif isinstance(self.withdrawn_by, UUID):
            withdrawn_by = str(self.withdrawn_by)
        else:
            withdrawn_by = self.withdrawn_by

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "number": number,
                "kind": kind,
                "phase": phase,
                "subject": subject,
                "value": value,
                "old": old,
                "actor": actor,
                "reason": reason,
                "decided_at": decided_at,
            }
        )
        if withdrawn_by is not UNSET:
            field_dict["withdrawn_by"] = withdrawn_by

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        number = d.pop("number")

        kind = d.pop("kind")

        phase = d.pop("phase")

        subject = d.pop("subject")

        value = d.pop("value")

        old = d.pop("old")

        actor = d.pop("actor")

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reason = _parse_reason(d.pop("reason"))

        decided_at = datetime.datetime.fromisoformat(d.pop("decided_at"))

        def _parse_withdrawn_by(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                withdrawn_by_type_0 = UUID(data)

                return withdrawn_by_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        withdrawn_by = _parse_withdrawn_by(d.pop("withdrawn_by", UNSET))

        decision_view = cls(
            number=number,
            kind=kind,
            phase=phase,
            subject=subject,
            value=value,
            old=old,
            actor=actor,
            reason=reason,
            decided_at=decided_at,
            withdrawn_by=withdrawn_by,
        )

        return decision_view
