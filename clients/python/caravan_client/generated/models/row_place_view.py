from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="RowPlaceView")


@_attrs_define
class RowPlaceView:
    """
    Attributes:
        file (str):
        sheet (str):
        row_number (int): as a person counts it: of a spreadsheet, or of the file
    """

    file: str
    sheet: str
    row_number: int

    def to_dict(self) -> dict[str, Any]:
        file = self.file

        sheet = self.sheet

        row_number = self.row_number

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "file": file,
                "sheet": sheet,
                "row_number": row_number,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        file = d.pop("file")

        sheet = d.pop("sheet")

        row_number = d.pop("row_number")

        row_place_view = cls(
            file=file,
            sheet=sheet,
            row_number=row_number,
        )

        return row_place_view
