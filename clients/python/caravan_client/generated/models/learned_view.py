from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="LearnedView")


@_attrs_define
class LearnedView:
    """
    Attributes:
        id (UUID):
        engagement_id (UUID): where it was taught; it counts in all of the client's engagements
        kind (str):
        pattern (str):
        value (Any):
        decision_id (None | UUID):
        created_by (str):
        created_at (datetime.datetime):
        unlearned_at (datetime.datetime | None):
    """

    id: UUID
    engagement_id: UUID
    kind: str
    pattern: str
    value: Any
    decision_id: None | UUID
    created_by: str
    created_at: datetime.datetime
    unlearned_at: datetime.datetime | None

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        engagement_id = str(self.engagement_id)

        kind = self.kind

        pattern = self.pattern

        value = self.value

        decision_id: None | str
        if isinstance(self.decision_id, UUID):
            decision_id = str(self.decision_id)
        else:
            decision_id = self.decision_id

        created_by = self.created_by

        created_at = self.created_at.isoformat()

        unlearned_at: None | str
        if isinstance(self.unlearned_at, datetime.datetime):
            unlearned_at = self.unlearned_at.isoformat()
        else:
            unlearned_at = self.unlearned_at

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "engagement_id": engagement_id,
                "kind": kind,
                "pattern": pattern,
                "value": value,
                "decision_id": decision_id,
                "created_by": created_by,
                "created_at": created_at,
                "unlearned_at": unlearned_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        engagement_id = UUID(d.pop("engagement_id"))

        kind = d.pop("kind")

        pattern = d.pop("pattern")

        value = d.pop("value")

        def _parse_decision_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                decision_id_type_0 = UUID(data)

                return decision_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        decision_id = _parse_decision_id(d.pop("decision_id"))

        created_by = d.pop("created_by")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_unlearned_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                unlearned_at_type_0 = datetime.datetime.fromisoformat(data)

                return unlearned_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        unlearned_at = _parse_unlearned_at(d.pop("unlearned_at"))

        learned_view = cls(
            id=id,
            engagement_id=engagement_id,
            kind=kind,
            pattern=pattern,
            value=value,
            decision_id=decision_id,
            created_by=created_by,
            created_at=created_at,
            unlearned_at=unlearned_at,
        )

        return learned_view
