from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.problem_view_cascade_type_0 import ProblemViewCascadeType0
    from ..models.problem_view_errors_item import ProblemViewErrorsItem


T = TypeVar("T", bound="ProblemView")


@_attrs_define
class ProblemView:
    """
    Attributes:
        type_ (str):
        title (str):
        status (int):
        detail (str):
        code (str): stable; docs/errors.md
        pointer (None | str): JSON pointer into the body
        trace_id (str):
        errors (list[ProblemViewErrorsItem] | Unset):
        cascade (None | ProblemViewCascadeType0 | Unset): with has_children: kind, phase, digest, flows and parts of the
            rollback to ask for instead
        unknown (list[str] | None | Unset): with unknown_keys: the keys that no version has rows of
    """

    type_: str
    title: str
    status: int
    detail: str
    code: str
    pointer: None | str
    trace_id: str
    errors: list[ProblemViewErrorsItem] | Unset = UNSET
    cascade: None | ProblemViewCascadeType0 | Unset = UNSET
    unknown: list[str] | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.problem_view_cascade_type_0 import ProblemViewCascadeType0  # noqa: PLC0415

        type_ = self.type_

        title = self.title

        status = self.status

        detail = self.detail

        code = self.code

        pointer: None | str
        pointer = self.pointer

        trace_id = self.trace_id

        errors: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.errors, Unset):
            errors = []
            for errors_item_data in self.errors:
                errors_item = errors_item_data.to_dict()
                errors.append(errors_item)

        cascade: dict[str, Any] | None | Unset
        if isinstance(self.cascade, Unset):
            cascade = UNSET
        elif isinstance(self.cascade, ProblemViewCascadeType0):
            cascade = self.cascade.to_dict()
        else:
            cascade = self.cascade

        unknown: list[str] | None | Unset
        if isinstance(self.unknown, Unset):
            unknown = UNSET
        elif isinstance(self.unknown, list):
            unknown = self.unknown

        else:
            unknown = self.unknown

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "type": type_,
                "title": title,
                "status": status,
                "detail": detail,
                "code": code,
                "pointer": pointer,
                "trace_id": trace_id,
            }
        )
        if errors is not UNSET:
            field_dict["errors"] = errors
        if cascade is not UNSET:
            field_dict["cascade"] = cascade
        if unknown is not UNSET:
            field_dict["unknown"] = unknown

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.problem_view_cascade_type_0 import ProblemViewCascadeType0  # noqa: PLC0415
        from ..models.problem_view_errors_item import ProblemViewErrorsItem  # noqa: PLC0415

        d = dict(src_dict)
        type_ = d.pop("type")

        title = d.pop("title")

        status = d.pop("status")

        detail = d.pop("detail")

        code = d.pop("code")

        def _parse_pointer(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        pointer = _parse_pointer(d.pop("pointer"))

        trace_id = d.pop("trace_id")

        _errors = d.pop("errors", UNSET)
        errors: list[ProblemViewErrorsItem] | Unset = UNSET
        if _errors is not UNSET:
            errors = []
            for errors_item_data in _errors:
                errors_item = ProblemViewErrorsItem.from_dict(errors_item_data)

                errors.append(errors_item)

        def _parse_cascade(data: object) -> None | ProblemViewCascadeType0 | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                cascade_type_0 = ProblemViewCascadeType0.from_dict(data)

                return cascade_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ProblemViewCascadeType0 | Unset, data)

        cascade = _parse_cascade(d.pop("cascade", UNSET))

        def _parse_unknown(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                unknown_type_0 = cast(list[str], data)

                return unknown_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        unknown = _parse_unknown(d.pop("unknown", UNSET))

        problem_view = cls(
            type_=type_,
            title=title,
            status=status,
            detail=detail,
            code=code,
            pointer=pointer,
            trace_id=trace_id,
            errors=errors,
            cascade=cascade,
            unknown=unknown,
        )

        return problem_view
