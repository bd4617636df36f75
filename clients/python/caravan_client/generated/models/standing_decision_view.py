from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="StandingDecisionView")


@_attrs_define
class StandingDecisionView:
    """
    Attributes:
        number (int):
        kind (str):
        value (Any):
        actor (str):
        reason (None | str):
        decided_at (datetime.datetime):
        pending (bool): the result shown was computed without it
    """

    number: int
    kind: str
    value: Any
    actor: str
    reason: None | str
    decided_at: datetime.datetime
    pending: bool

    def to_dict(self) -> dict[str, Any]:
        number = self.number

        kind = self.kind

        value = self.value

        actor = self.actor

        reason: None | str
        reason = self.reason

        decided_at = self.decided_at.isoformat()

        pending = self.pending

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "number": number,
                "kind": kind,
                "value": value,
                "actor": actor,
                "reason": reason,
                "decided_at": decided_at,
                "pending": pending,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        number = d.pop("number")

        kind = d.pop("kind")

        value = d.pop("value")

        actor = d.pop("actor")

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reason = _parse_reason(d.pop("reason"))

        decided_at = datetime.datetime.fromisoformat(d.pop("decided_at"))

        pending = d.pop("pending")

        standing_decision_view = cls(
            number=number,
            kind=kind,
            value=value,
            actor=actor,
            reason=reason,
            decided_at=decided_at,
            pending=pending,
        )

        return standing_decision_view
