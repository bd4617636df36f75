from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.source_row_view import SourceRowView


T = TypeVar("T", bound="SourceView")


@_attrs_define
class SourceView:
    """
    Attributes:
        reference (str):
        rows (list[SourceRowView]):
        file (None | str | Unset):
        sheet (None | str | Unset):
        row_number (int | None | Unset):
    """

    reference: str
    rows: list[SourceRowView]
    file: None | str | Unset = UNSET
    sheet: None | str | Unset = UNSET
    row_number: int | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        reference = self.reference

        rows = []
        for rows_item_data in self.rows:
            rows_item = rows_item_data.to_dict()
            rows.append(rows_item)

        file: None | str | Unset
        if isinstance(self.file, Unset):
            file = UNSET
        else:
            file = self.file

        sheet: None | str | Unset
        if isinstance(self.sheet, Unset):
            sheet = UNSET
        else:
            sheet = self.sheet

        row_number: int | None | Unset
        if isinstance(self.row_number, Unset):
            row_number = UNSET
        else:
            row_number = self.row_number

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "reference": reference,
                "rows": rows,
            }
        )
        if file is not UNSET:
            field_dict["file"] = file
        if sheet is not UNSET:
            field_dict["sheet"] = sheet
        if row_number is not UNSET:
            field_dict["row_number"] = row_number

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.source_row_view import SourceRowView  # noqa: PLC0415

        d = dict(src_dict)
        reference = d.pop("reference")

        rows = []
        _rows = d.pop("rows")
        for rows_item_data in _rows:
            rows_item = SourceRowView.from_dict(rows_item_data)

            rows.append(rows_item)

        def _parse_file(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        file = _parse_file(d.pop("file", UNSET))

        def _parse_sheet(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        sheet = _parse_sheet(d.pop("sheet", UNSET))

        def _parse_row_number(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        row_number = _parse_row_number(d.pop("row_number", UNSET))

        source_view = cls(
            reference=reference,
            rows=rows,
            file=file,
            sheet=sheet,
            row_number=row_number,
        )

        return source_view
