from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.edit_view_edits_item import EditViewEditsItem
    from ..models.edit_view_error_type_0 import EditViewErrorType0
    from ..models.edit_view_result_type_0 import EditViewResultType0
    from ..models.edit_view_violations_type_0 import EditViewViolationsType0


T = TypeVar("T", bound="EditView")


@_attrs_define
class EditView:
    """The five fields of the answer are null until it is there; `error` says why there is none.

    Attributes:
        edit_id (UUID):
        version (UUID):
        flow_id (UUID):
        status (str): checking, answered, failed, cancelled, accepted, discarded
        edits (list[EditViewEditsItem]):
        violations (EditViewViolationsType0 | None):
        cut_before (float | None):
        cut_after (float | None):
        load (Any):
        dates (Any):
        result (EditViewResultType0 | None): all that the service said
        error (EditViewErrorType0 | None):
        decision (int | None): number of the decision that accepted it
        asked_by (str):
        settled_by (None | str):
        created_at (datetime.datetime):
        answered_at (datetime.datetime | None):
        settled_at (datetime.datetime | None):
    """

    edit_id: UUID
    version: UUID
    flow_id: UUID
    status: str
    edits: list[EditViewEditsItem]
    violations: EditViewViolationsType0 | None
    cut_before: float | None
    cut_after: float | None
    load: Any
    dates: Any
    result: EditViewResultType0 | None
    error: EditViewErrorType0 | None
    decision: int | None
    asked_by: str
    settled_by: None | str
    created_at: datetime.datetime
    answered_at: datetime.datetime | None
    settled_at: datetime.datetime | None

    def to_dict(self) -> dict[str, Any]:
        from ..models.edit_view_error_type_0 import EditViewErrorType0  # noqa: PLC0415
        from ..models.edit_view_result_type_0 import EditViewResultType0  # noqa: PLC0415
        from ..models.edit_view_violations_type_0 import EditViewViolationsType0  # noqa: PLC0415

        edit_id = str(self.edit_id)

        version = str(self.version)

        flow_id = str(self.flow_id)

        status = self.status

        edits = []
        for edits_item_data in self.edits:
            edits_item = edits_item_data.to_dict()
            edits.append(edits_item)

        violations: dict[str, Any] | None
        if isinstance(self.violations, EditViewViolationsType0):
            violations = self.violations.to_dict()
        else:
            violations = self.violations

        cut_before: float | None
        cut_before = self.cut_before

        cut_after: float | None
        cut_after = self.cut_after

        load = self.load

        dates = self.dates

        result: dict[str, Any] | None
        if isinstance(self.result, EditViewResultType0):
            result = self.result.to_dict()
        else:
            result = self.result

        error: dict[str, Any] | None
        if isinstance(self.error, EditViewErrorType0):
            error = self.error.to_dict()
        else:
            error = self.error

        decision: int | None
        decision = self.decision

        asked_by = self.asked_by

        settled_by: None | str
        settled_by = self.settled_by

        created_at = self.created_at.isoformat()

        answered_at: None | str
        if isinstance(self.answered_at, datetime.datetime):
            answered_at = self.answered_at.isoformat()
        else:
            answered_at = self.answered_at

        settled_at: None | str
        if isinstance(self.settled_at, datetime.datetime):
            settled_at = self.settled_at.isoformat()
        else:
            settled_at = self.settled_at

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "edit_id": edit_id,
                "version": version,
                "flow_id": flow_id,
                "status": status,
                "edits": edits,
                "violations": violations,
                "cut_before": cut_before,
                "cut_after": cut_after,
                "load": load,
                "dates": dates,
                "result": result,
                "error": error,
                "decision": decision,
                "asked_by": asked_by,
                "settled_by": settled_by,
                "created_at": created_at,
                "answered_at": answered_at,
                "settled_at": settled_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.edit_view_edits_item import EditViewEditsItem  # noqa: PLC0415
        from ..models.edit_view_error_type_0 import EditViewErrorType0  # noqa: PLC0415
        from ..models.edit_view_result_type_0 import EditViewResultType0  # noqa: PLC0415
        from ..models.edit_view_violations_type_0 import EditViewViolationsType0  # noqa: PLC0415

        d = dict(src_dict)
        edit_id = UUID(d.pop("edit_id"))

        version = UUID(d.pop("version"))

        flow_id = UUID(d.pop("flow_id"))

        status = d.pop("status")

        edits = []
        _edits = d.pop("edits")
        for edits_item_data in _edits:
            edits_item = EditViewEditsItem.from_dict(edits_item_data)

            edits.append(edits_item)

        def _parse_violations(data: object) -> EditViewViolationsType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                violations_type_0 = EditViewViolationsType0.from_dict(data)

                return violations_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(EditViewViolationsType0 | None, data)

        violations = _parse_violations(d.pop("violations"))

        def _parse_cut_before(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        cut_before = _parse_cut_before(d.pop("cut_before"))

        def _parse_cut_after(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        cut_after = _parse_cut_after(d.pop("cut_after"))

        load = d.pop("load")

        dates = d.pop("dates")

        def _parse_result(data: object) -> EditViewResultType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                result_type_0 = EditViewResultType0.from_dict(data)

                return result_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(EditViewResultType0 | None, data)

        result = _parse_result(d.pop("result"))

        def _parse_error(data: object) -> EditViewErrorType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                error_type_0 = EditViewErrorType0.from_dict(data)

                return error_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(EditViewErrorType0 | None, data)

        error = _parse_error(d.pop("error"))

        def _parse_decision(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        decision = _parse_decision(d.pop("decision"))

        asked_by = d.pop("asked_by")

        def _parse_settled_by(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        settled_by = _parse_settled_by(d.pop("settled_by"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_answered_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                answered_at_type_0 = datetime.datetime.fromisoformat(data)

                return answered_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        answered_at = _parse_answered_at(d.pop("answered_at"))

        def _parse_settled_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                settled_at_type_0 = datetime.datetime.fromisoformat(data)

                return settled_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        settled_at = _parse_settled_at(d.pop("settled_at"))

        edit_view = cls(
            edit_id=edit_id,
            version=version,
            flow_id=flow_id,
            status=status,
            edits=edits,
            violations=violations,
            cut_before=cut_before,
            cut_after=cut_after,
            load=load,
            dates=dates,
            result=result,
            error=error,
            decision=decision,
            asked_by=asked_by,
            settled_by=settled_by,
            created_at=created_at,
            answered_at=answered_at,
            settled_at=settled_at,
        )

        return edit_view
