from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="UnitsView")


@_attrs_define
class UnitsView:
    """
    Attributes:
        total (int):
        done (int):
        failed (int):
    """

    total: int
    done: int
    failed: int

    def to_dict(self) -> dict[str, Any]:
        total = self.total

        done = self.done

        failed = self.failed

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "total": total,
                "done": done,
                "failed": failed,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        total = d.pop("total")

        done = d.pop("done")

        failed = d.pop("failed")

        units_view = cls(
            total=total,
            done=done,
            failed=failed,
        )

        return units_view
