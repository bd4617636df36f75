from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="AnswerQuestion")


@_attrs_define
class AnswerQuestion:
    """
    Attributes:
        option (str):
        reason (None | str | Unset): kept with the decision and in the audit
        learn (bool | Unset): later runs of this client take it in Default: True.
    """

    option: str
    reason: None | str | Unset = UNSET
    learn: bool | Unset = True

    def to_dict(self) -> dict[str, Any]:
        option = self.option

        reason: None | str | Unset
        if isinstance(self.reason, Unset):
            reason = UNSET
        else:
            reason = self.reason

        learn = self.learn

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "option": option,
            }
        )
        if reason is not UNSET:
            field_dict["reason"] = reason
        if learn is not UNSET:
            field_dict["learn"] = learn

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        option = d.pop("option")

        def _parse_reason(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        reason = _parse_reason(d.pop("reason", UNSET))

        learn = d.pop("learn", UNSET)

        answer_question = cls(
            option=option,
            reason=reason,
            learn=learn,
        )

        return answer_question
