from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="CorrectMapping")


@_attrs_define
class CorrectMapping:
    """Which column, by key or by place; and what it means.

    Attributes:
        attribute (None | str): null: nothing canonical, kept as custom
        key (None | str | Unset): as GET answers it
        file (None | str | Unset):
        sheet (str | Unset):  Default: ''.
        column (None | str | Unset):
        unit (None | str | Unset): as GB, MHz, percent, in any spelling; else by the header
    """

    attribute: None | str
    key: None | str | Unset = UNSET
    file: None | str | Unset = UNSET
    sheet: str | Unset = ""
    column: None | str | Unset = UNSET
    unit: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        attribute: None | str
        attribute = self.attribute

        key: None | str | Unset
        if isinstance(self.key, Unset):
            key = UNSET
        else:
            key = self.key

        file: None | str | Unset
        if isinstance(self.file, Unset):
            file = UNSET
        else:
            file = self.file

        sheet = self.sheet

        column: None | str | Unset
        if isinstance(self.column, Unset):
            column = UNSET
        else:
            column = self.column

        unit: None | str | Unset
        if isinstance(self.unit, Unset):
            unit = UNSET
        else:
            unit = self.unit

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "attribute": attribute,
            }
        )
        if key is not UNSET:
            field_dict["key"] = key
        if file is not UNSET:
            field_dict["file"] = file
        if sheet is not UNSET:
            field_dict["sheet"] = sheet
        if column is not UNSET:
            field_dict["column"] = column
        if unit is not UNSET:
            field_dict["unit"] = unit

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_attribute(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        attribute = _parse_attribute(d.pop("attribute"))

        def _parse_key(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        key = _parse_key(d.pop("key", UNSET))

        def _parse_file(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        file = _parse_file(d.pop("file", UNSET))

        sheet = d.pop("sheet", UNSET)

        def _parse_column(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        column = _parse_column(d.pop("column", UNSET))

        def _parse_unit(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        unit = _parse_unit(d.pop("unit", UNSET))

        correct_mapping = cls(
            attribute=attribute,
            key=key,
            file=file,
            sheet=sheet,
            column=column,
            unit=unit,
        )

        return correct_mapping
