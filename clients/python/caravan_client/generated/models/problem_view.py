from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
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
    """

    type_: str
    title: str
    status: int
    detail: str
    code: str
    pointer: None | str
    trace_id: str
    errors: list[ProblemViewErrorsItem] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
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

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
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

        problem_view = cls(
            type_=type_,
            title=title,
            status=status,
            detail=detail,
            code=code,
            pointer=pointer,
            trace_id=trace_id,
            errors=errors,
        )

        return problem_view
