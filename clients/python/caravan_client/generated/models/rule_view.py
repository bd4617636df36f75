from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="RuleView")


@_attrs_define
class RuleView:
    """
    Attributes:
        rule (str):
        passed (bool):
        detail (str):
    """

    rule: str
    passed: bool
    detail: str

    def to_dict(self) -> dict[str, Any]:
        rule = self.rule

        passed = self.passed

        detail = self.detail

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "rule": rule,
                "passed": passed,
                "detail": detail,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        rule = d.pop("rule")

        passed = d.pop("passed")

        detail = d.pop("detail")

        rule_view = cls(
            rule=rule,
            passed=passed,
            detail=detail,
        )

        return rule_view
