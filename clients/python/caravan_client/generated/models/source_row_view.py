from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.source_row_view_values import SourceRowViewValues


T = TypeVar("T", bound="SourceRowView")


@_attrs_define
class SourceRowView:
    """
    Attributes:
        dataset (str):
        phase (str):
        file (str):
        sheet (str):
        row_number (int):
        values (SourceRowViewValues):
    """

    dataset: str
    phase: str
    file: str
    sheet: str
    row_number: int
    values: SourceRowViewValues

    def to_dict(self) -> dict[str, Any]:
        dataset = self.dataset

        phase = self.phase

        file = self.file

        sheet = self.sheet

        row_number = self.row_number

        values = self.values.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "dataset": dataset,
                "phase": phase,
                "file": file,
                "sheet": sheet,
                "row_number": row_number,
                "values": values,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.source_row_view_values import SourceRowViewValues  # noqa: PLC0415

        d = dict(src_dict)
        dataset = d.pop("dataset")

        phase = d.pop("phase")

        file = d.pop("file")

        sheet = d.pop("sheet")

        row_number = d.pop("row_number")

        values = SourceRowViewValues.from_dict(d.pop("values"))

        source_row_view = cls(
            dataset=dataset,
            phase=phase,
            file=file,
            sheet=sheet,
            row_number=row_number,
            values=values,
        )

        return source_row_view
