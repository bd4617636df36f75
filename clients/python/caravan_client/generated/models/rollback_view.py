from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.rollback_part_view import RollbackPartView
    from ..models.rollback_step_view import RollbackStepView
    from ..models.rollback_view_data_integrity_check_type_0 import (
        RollbackViewDataIntegrityCheckType0,
    )
    from ..models.rollback_view_plan import RollbackViewPlan


T = TypeVar("T", bound="RollbackView")


@_attrs_define
class RollbackView:
    """
    Attributes:
        id (UUID):
        flow_id (UUID):
        cascade_id (None | UUID):
        kind (str):
        phase (None | str):
        status (str):
        digest (str):
        requested_by (str):
        reason (str):
        accepted_irreversible (list[str]):
        data_integrity_check (None | RollbackViewDataIntegrityCheckType0):
        created_at (datetime.datetime):
        ended_at (datetime.datetime | None):
        plan (RollbackViewPlan):
        parts (list[RollbackPartView]):
        steps (list[RollbackStepView]):
    """

    id: UUID
    flow_id: UUID
    cascade_id: None | UUID
    kind: str
    phase: None | str
    status: str
    digest: str
    requested_by: str
    reason: str
    accepted_irreversible: list[str]
    data_integrity_check: None | RollbackViewDataIntegrityCheckType0
    created_at: datetime.datetime
    ended_at: datetime.datetime | None
    plan: RollbackViewPlan
    parts: list[RollbackPartView]
    steps: list[RollbackStepView]

    def to_dict(self) -> dict[str, Any]:
        from ..models.rollback_view_data_integrity_check_type_0 import (
            RollbackViewDataIntegrityCheckType0,  # noqa: PLC0415
        )

        id = str(self.id)

        flow_id = str(self.flow_id)

        cascade_id: None | str
        if isinstance(self.cascade_id, UUID):
            cascade_id = str(self.cascade_id)
        else:
            cascade_id = self.cascade_id

        kind = self.kind

        phase: None | str
        phase = self.phase

        status = self.status

        digest = self.digest

        requested_by = self.requested_by

        reason = self.reason

        accepted_irreversible = self.accepted_irreversible

        data_integrity_check: dict[str, Any] | None
        if isinstance(self.data_integrity_check, RollbackViewDataIntegrityCheckType0):
            data_integrity_check = self.data_integrity_check.to_dict()
        else:
            data_integrity_check = self.data_integrity_check

        created_at = self.created_at.isoformat()

        ended_at: None | str
        if isinstance(self.ended_at, datetime.datetime):
            ended_at = self.ended_at.isoformat()
        else:
            ended_at = self.ended_at

        plan = self.plan.to_dict()

        parts = []
        for parts_item_data in self.parts:
            parts_item = parts_item_data.to_dict()
            parts.append(parts_item)

        steps = []
        for steps_item_data in self.steps:
            steps_item = steps_item_data.to_dict()
            steps.append(steps_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "flow_id": flow_id,
                "cascade_id": cascade_id,
                "kind": kind,
                "phase": phase,
                "status": status,
                "digest": digest,
                "requested_by": requested_by,
                "reason": reason,
                "accepted_irreversible": accepted_irreversible,
                "data_integrity_check": data_integrity_check,
                "created_at": created_at,
                "ended_at": ended_at,
                "plan": plan,
                "parts": parts,
                "steps": steps,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.rollback_part_view import RollbackPartView  # noqa: PLC0415
        from ..models.rollback_step_view import RollbackStepView  # noqa: PLC0415
        from ..models.rollback_view_data_integrity_check_type_0 import (
            RollbackViewDataIntegrityCheckType0,  # noqa: PLC0415
        )
        from ..models.rollback_view_plan import RollbackViewPlan  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        flow_id = UUID(d.pop("flow_id"))

        def _parse_cascade_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                cascade_id_type_0 = UUID(data)

                return cascade_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        cascade_id = _parse_cascade_id(d.pop("cascade_id"))

        kind = d.pop("kind")

        def _parse_phase(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        phase = _parse_phase(d.pop("phase"))

        status = d.pop("status")

        digest = d.pop("digest")

        requested_by = d.pop("requested_by")

        reason = d.pop("reason")

        accepted_irreversible = cast(list[str], d.pop("accepted_irreversible"))

        def _parse_data_integrity_check(data: object) -> None | RollbackViewDataIntegrityCheckType0:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                data_integrity_check_type_0 = RollbackViewDataIntegrityCheckType0.from_dict(data)

                return data_integrity_check_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RollbackViewDataIntegrityCheckType0, data)

        data_integrity_check = _parse_data_integrity_check(d.pop("data_integrity_check"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

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

        plan = RollbackViewPlan.from_dict(d.pop("plan"))

        parts = []
        _parts = d.pop("parts")
        for parts_item_data in _parts:
            parts_item = RollbackPartView.from_dict(parts_item_data)

            parts.append(parts_item)

        steps = []
        _steps = d.pop("steps")
        for steps_item_data in _steps:
            steps_item = RollbackStepView.from_dict(steps_item_data)

            steps.append(steps_item)

        rollback_view = cls(
            id=id,
            flow_id=flow_id,
            cascade_id=cascade_id,
            kind=kind,
            phase=phase,
            status=status,
            digest=digest,
            requested_by=requested_by,
            reason=reason,
            accepted_irreversible=accepted_irreversible,
            data_integrity_check=data_integrity_check,
            created_at=created_at,
            ended_at=ended_at,
            plan=plan,
            parts=parts,
            steps=steps,
        )

        return rollback_view
