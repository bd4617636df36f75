from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.replace_reference_table_rows import ReplaceReferenceTableRows


T = TypeVar("T", bound="ReplaceReferenceTable")


@_attrs_define
class ReplaceReferenceTable:
    """
    Attributes:
        rows (ReplaceReferenceTableRows): facts by key
    """

    rows: ReplaceReferenceTableRows

    def to_dict(self) -> dict[str, Any]:
        rows = self.rows.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "rows": rows,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.replace_reference_table_rows import ReplaceReferenceTableRows  # noqa: PLC0415

        d = dict(src_dict)
        rows = ReplaceReferenceTableRows.from_dict(d.pop("rows"))

        replace_reference_table = cls(
            rows=rows,
        )

        return replace_reference_table
