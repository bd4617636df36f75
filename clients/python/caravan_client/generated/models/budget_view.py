from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="BudgetView")


@_attrs_define
class BudgetView:
    """
    Attributes:
        budget_tokens (int):
        left_tokens (int): never below 0
    """

    budget_tokens: int
    left_tokens: int

    def to_dict(self) -> dict[str, Any]:
        budget_tokens = self.budget_tokens

        left_tokens = self.left_tokens

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "budget_tokens": budget_tokens,
                "left_tokens": left_tokens,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        budget_tokens = d.pop("budget_tokens")

        left_tokens = d.pop("left_tokens")

        budget_view = cls(
            budget_tokens=budget_tokens,
            left_tokens=left_tokens,
        )

        return budget_view
