from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="ComparePlans")


@_attrs_define
class ComparePlans:
    """
    Attributes:
        with_ (UUID): the other version
    """

    with_: UUID

    def to_dict(self) -> dict[str, Any]:
        with_ = str(self.with_)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "with": with_,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        with_ = UUID(d.pop("with"))

        compare_plans = cls(
            with_=with_,
        )

        return compare_plans
