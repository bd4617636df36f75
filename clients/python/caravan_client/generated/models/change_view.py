from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="ChangeView")


@_attrs_define
class ChangeView:
    """`old` and `new` are null for a rule that held for the whole column.

    Attributes:
        attribute (str):
        rule (str):
        old (None | str):
        new (None | str):
    """

    attribute: str
    rule: str
    old: None | str
    new: None | str

    def to_dict(self) -> dict[str, Any]:
        attribute = self.attribute

        rule = self.rule

        old: None | str
        old = self.old

        new: None | str
        new = self.new

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "attribute": attribute,
                "rule": rule,
                "old": old,
                "new": new,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        attribute = d.pop("attribute")

        rule = d.pop("rule")

        def _parse_old(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        old = _parse_old(d.pop("old"))

        def _parse_new(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        new = _parse_new(d.pop("new"))

        change_view = cls(
            attribute=attribute,
            rule=rule,
            old=old,
            new=new,
        )

        return change_view
